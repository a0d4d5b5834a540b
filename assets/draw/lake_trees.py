"""Conifers on the lake's shores, made of thousands of tufts of needles; some are larches in autumn gold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.draw.arrays import Array, mix_colour, smoothstep
from assets.draw.columns import Camera
from assets.draw.lake_land import height
from assets.draw.noise import noise
from assets.draw.skies import SKYLIGHT, SUN, SUNLIGHT, haze
from assets.draw.splats import Points

SEED = 700


@dataclass(frozen=True)
class Tufts:
    """N tufts of needles in space (m), their size (m) and linear light."""

    x: Array
    y: Array
    z: Array
    size: Array
    rgb: Array


def _plant(rng: np.random.Generator, count: int, box: tuple[float, float, float, float], low: float) -> Array:
    """Places (N×3) of trees: scattered in the box (x0, x1, y0, y1), kept where the ground is above `low`, in groups."""
    x = rng.uniform(box[0], box[1], count).astype(np.float32)
    y = rng.uniform(box[2], box[3], count).astype(np.float32)
    z = height(x, y)
    group = noise(x / 38, y / 38, SEED) + 0.5 * noise(x / 11, y / 11, SEED + 1)
    keep = (z > low) & (group > -0.35) & (np.abs(x) < 0.64 * y + 8)
    return np.stack([x, y, z], -1)[keep]


def _crown(rng: np.random.Generator, base: Array, tall: float, tufts: int, gold: bool) -> Tufts:
    """One tree of `tall` metres as tufts along drooping, whorled branches."""
    whorls, branches = max(7, int(tall * 0.85)), 7
    whorl = np.floor(rng.random(tufts) ** 1.35 * whorls)
    branch = np.floor(rng.random(tufts) * branches)
    own = np.sin(whorl * 127.1 + branch * 311.7 + base[0]) * 43758.5
    own = own - np.floor(own)
    t = np.clip((whorl + 0.5 + 0.6 * (own - 0.5)) / whorls, 0, 1)
    reach = (1 - t) ** 0.95 * (0.35 + 0.85 * own) * tall * (0.17 if not gold else 0.15)
    r = np.sqrt(rng.random(tufts)) * reach
    angle = (branch + own * 0.8) / branches * 2 * np.pi + whorl * 2.4 + rng.normal(0, 0.10, tufts)
    spread = rng.normal(0, 0.035, (2, tufts)) * tall * (0.3 + 0.7 * r / (reach + 0.1))
    out_x, out_y = np.cos(angle), np.sin(angle)
    x = base[0] + out_x * r + spread[0] * 0.5
    y = base[1] + out_y * r + spread[1] * 0.5
    z = (
        base[2]
        + tall * (0.06 + 0.94 * t)
        - 0.30 * r
        - 0.10 * r * r / (reach + 0.1)
        + rng.normal(0, 0.012 * tall, tufts)
    )
    facing = out_x * SUN[0] + out_y * SUN[1] + 0.35 * SUN[2]
    inner = r / (reach + 0.05)
    sun = np.clip(0.38 + 0.72 * facing, 0.03, 1.1) * (0.12 + 0.88 * inner**1.6) * (0.7 + 0.6 * rng.random(tufts))
    shade = (0.25 + 0.75 * inner) * (0.4 + 0.6 * t)
    low, high = ((0.26, 0.13, 0.012), (0.52, 0.31, 0.03)) if gold else ((0.016, 0.032, 0.014), (0.060, 0.080, 0.026))
    leaf = mix_colour(low, high, np.clip(own * 0.7 + 0.5 * rng.random(tufts) * inner, 0, 1))
    light = leaf * (sun[:, None] * SUNLIGHT + shade[:, None] * SKYLIGHT * 0.75)
    size = np.full(tufts, 0.0055 * tall + 0.02)
    return Tufts(*(np.asarray(a, np.float32) for a in (x, y, z, size, light)))


def join(parts: list[Tufts]) -> Tufts:
    """Return all the tufts as one."""
    return Tufts(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("x", "y", "z", "size", "rgb")))


STANDS = (
    # trees tried, box (x0, x1, y0, y1), tufts per tree, least ground height
    (420, (40.0, 400.0, 296.0, 372.0), 1700, 0.9),
    (120, (-205.0, -55.0, 150.0, 192.0), 4200, 0.8),
    (900, (-700.0, -120.0, 660.0, 860.0), 260, 2.0),
    (1000, (280.0, 960.0, 880.0, 1130.0), 220, 2.0),
    (5200, (-1600.0, 1600.0, 1560.0, 2500.0), 60, 2.0),
)


def forest() -> Tufts:
    """All the trees along the shores."""
    rng = np.random.default_rng(SEED)
    parts = []
    for count, box, tufts, low in STANDS:
        for base in _plant(rng, count, box, low):
            tall = float(rng.gamma(9.0, 1.75)) + 3.0
            parts.append(_crown(rng, base, tall, int(tufts * (0.4 + tall / 30)), bool(rng.random() < 0.16)))
    return join(parts)


def seen(tufts: Tufts, camera: Camera, eye: float, width_px: int, height_px: int) -> Points:
    """Return the tufts as points on the canvas, for an eye at height `eye` (below zero: mirrored in the lake)."""
    scale = camera.focal * width_px
    column = tufts.x / tufts.y * scale + width_px / 2
    row = camera.horizon * height_px - (tufts.z - eye) / tufts.y * scale
    light = haze(tufts.rgb, tufts.y, tufts.z, tufts.x / tufts.y)
    radius = np.maximum(tufts.size * scale / tufts.y, 0.3)
    above = tufts.z > -0.02
    fade = smoothstep(0.0, 0.4, tufts.z)[:, None] * 0.5 + 0.5
    return Points(column, row, tufts.y, radius, (light * fade).astype(np.float32))[above]
