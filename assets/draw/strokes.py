"""Brush strokes of oil paint: bristles that follow a path, each leaving its own colour and its own ridge of paint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.draw.arrays import Array, blur, smoothstep, unit
from assets.draw.noise import fbm, noise
from assets.draw.splats import Points, draw_points


@dataclass(frozen=True)
class Brush:
    """A brush's width and stroke length, as shares of the picture's side, and how far its bristles differ."""

    width: float
    length: float
    bristles: int = 13
    tint: float = 0.10
    dryness: float = 0.35


@dataclass(frozen=True)
class Strokes:
    """S strokes: paths S×T×2 (x, y in 0…1 of the side), colours S×3 in 0…1."""

    path: Array
    colour: Array


def _finer(path: Array, count: int) -> Array:
    """Paths resampled to `count` places each, evenly in the parameter."""
    at = np.linspace(0, path.shape[1] - 1.001, count, dtype=np.float32)
    first = at.astype(np.int32)
    share = (at - first)[None, :, None]
    return np.asarray(path[:, first] * (1 - share) + path[:, first + 1] * share)


def _across(path: Array) -> Array:
    along = np.gradient(path, axis=1)
    return unit(np.stack([-along[..., 1], along[..., 0]], -1))


def _bristle_marks(
    strokes: Strokes, brush: Brush, side_px: int, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Places S×T×B×2 (in pixels), paint S×T×B×4 (colour and height) and which marks are wet."""
    count = strokes.path.shape[0]
    steps = max(4, int(brush.length * side_px * 1.3))
    path = _finer(strokes.path, steps)
    t = np.linspace(0, 1, steps, dtype=np.float32)[None, :, None]
    v = np.linspace(-1, 1, brush.bristles, dtype=np.float32)[None, None, :]
    stroke = np.arange(count, dtype=np.float32)[:, None, None]
    width = brush.width * (0.75 + 0.5 * rng.random((count, 1, 1), dtype=np.float32)) * side_px / 2
    taper = np.sqrt(np.clip(t * 9, 0, 1)) * (1 - 0.45 * t**2)
    places = path[:, :, None] * side_px + _across(path)[:, :, None] * (v * width * taper)[..., None]
    streak = noise(v * 4.0 + stroke * 7.13, t * 1.6 + stroke * 3.7, 71)
    load = noise(v * 6.5 + stroke * 5.31, t * 5.0 + stroke * 1.9, 72)
    end = 1.0 - 0.22 * rng.random((count, 1, brush.bristles), dtype=np.float32) - 0.08 * v**2
    wet = (t < end) & (load + 1.1 - brush.dryness - 0.9 * t**2 > 0)
    rim = smoothstep(0.55, 0.95, np.abs(v)) * 0.5 + smoothstep(0.12, 0.0, t) * 0.7
    height = (0.35 + 0.65 * rim + 0.5 * load) * (1 - 0.45 * t)
    colour = (
        strokes.colour[:, None, None] * (1 + brush.tint * 1.6 * streak[..., None]) + brush.tint * 0.35 * load[..., None]
    )
    return places, np.concatenate([colour, height[..., None]], -1), np.broadcast_to(wet, height.shape)


def paint(canvas: Array, order: Array, strokes: Strokes, brush: Brush, first: int, seed: int) -> int:
    """Lay the strokes one over the other on an S×S×4 canvas (colour, height of paint), in place.

    `first` is the number of strokes laid before; the number after is returned.
    """
    rng = np.random.default_rng(seed)
    side_px = canvas.shape[0]
    radius = max(0.5, brush.width * side_px / brush.bristles * 0.6)
    for start in range(0, len(strokes.path), 400):
        part = Strokes(strokes.path[start : start + 400], strokes.colour[start : start + 400])
        places, paint_on, wet = _bristle_marks(part, brush, side_px, rng)
        number = first + start + np.arange(len(part.path), dtype=np.float32)[:, None, None]
        over = np.broadcast_to(-number, wet.shape) - 0.4 * rng.random(wet.shape[2], dtype=np.float32)
        flat = places[wet]
        draw_points(
            canvas,
            order,
            Points(flat[:, 0], flat[:, 1], over[wet], np.full(len(flat), radius, np.float32), paint_on[wet]),
        )
    return first + len(strokes.path)


def weave(side_px: int, seed: int) -> Array:
    """Height of a linen canvas, S×S, about 0…1."""
    y, x = np.mgrid[0:side_px, 0:side_px].astype(np.float32) / side_px
    threads = 230.0
    warp = noise(x * 9, y * 40, seed) * 0.35
    weft = noise(x * 40, y * 9, seed + 1) * 0.35
    a, b = np.sin((x * threads + warp) * np.pi), np.sin((y * threads + weft) * np.pi)
    over = (np.floor(x * threads + warp) + np.floor(y * threads + weft)) % 2
    return np.asarray(np.where(over > 0, a * a, b * b) * (0.8 + 0.2 * fbm(x * 60, y * 60, 3, seed + 2)))


def light_paint(canvas: Array, relief: float, gloss: float, seed: int) -> Array:
    """Return the painted S×S×4 canvas under a lamp from the upper left: shaded ridges and wet highlights, S×S×3."""
    side_px = canvas.shape[0]
    body = blur(canvas[..., 3], side_px / 1500) + 0.16 * weave(side_px, seed)
    slope_y, slope_x = np.gradient(body * relief * side_px / 1536)
    normal = unit(np.stack([-slope_x, -slope_y, np.ones_like(slope_x)], -1))
    lamp = unit(np.array([-0.55, -0.62, 0.75], np.float32))
    half = unit(lamp + np.array([0, 0, 1], np.float32))
    shade = (normal @ lamp) / lamp[2]
    shine = np.clip(normal @ half, 0, 1) ** 40 - half[2] ** 40
    return np.asarray(
        canvas[..., :3] * (0.25 + 0.75 * np.clip(shade, 0, 2))[..., None] + gloss * np.clip(shine, 0, 1)[..., None]
    )
