"""A leaded window: streaked glass in vermilion, amber, ivory, emerald and wine, black lead between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.draw.arrays import Array, blur, mix, smoothstep, unit
from assets.draw.develop import add_bloom, shrink, to_bytes, tone_curve
from assets.draw.noise import fbm, hashed, noise

SEED = 23

PALETTE = np.array(
    [
        [0.62, 0.030, 0.020],  # vermilion
        [0.88, 0.20, 0.020],  # orange
        [0.95, 0.48, 0.050],  # amber
        [0.95, 0.80, 0.50],  # ivory
        [0.10, 0.42, 0.26],  # emerald
        [0.015, 0.17, 0.17],  # deep teal
        [0.20, 0.012, 0.045],  # wine
        [0.60, 0.13, 0.16],  # rose
    ],
    np.float32,
)


@dataclass(frozen=True)
class Panes:
    """For each pixel: distance to the pane's rim (in cells), a number of the pane's own, and its centre."""

    rim: Array
    own: Array
    centre_x: Array
    centre_y: Array


def _nearest(x: Array, y: Array, seed: int, rank: Array | None = None) -> tuple[Array, Array, Array, Array]:
    """Nearest jittered point (its x, y, distance, number); with `rank`, the nearest that differs from it."""
    i, j = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
    best = [np.full(x.shape, 9.0, np.float32)] + [np.zeros(x.shape, np.float32) for _ in range(3)]
    for dj in (-1, 0, 1):
        for di in (-1, 0, 1):
            own = hashed(i + di, j + dj, seed + 2)
            px = i + di + 0.5 + 0.86 * (hashed(i + di, j + dj, seed) - 0.5)
            py = j + dj + 0.5 + 0.86 * (hashed(i + di, j + dj, seed + 1) - 0.5)
            gap = np.hypot(px - x, py - y)
            nearer = (gap < best[0]) & ((own != rank) if rank is not None else True)
            best = [np.where(nearer, new, old) for new, old in zip((gap, px, py, own), best, strict=True)]
    return best[1], best[2], best[0], best[3]


def panes(x: Array, y: Array, seed: int) -> Panes:
    """Panes of about one cell each; the rim runs midway between neighbouring centres."""
    ax, ay, near, own = _nearest(x, y, seed)
    bx, by, far, _ = _nearest(x, y, seed, own)
    apart = np.maximum(np.hypot(bx - ax, by - ay), 0.05)
    return Panes((far * far - near * near) / (2 * apart), own, ax, ay)


def pane_colours(field: Array, own: Array, small: Array) -> Array:
    """Linear colour of each pane: the palette along a slow field, with the leap that each pane makes on its own."""
    at = (field * 5.2 + own * 2.4 + (small > 0.86) * 3.0 + (small < 0.08) * 2.0 + 8) % len(PALETTE)
    first = at.astype(np.int32)
    share = smoothstep(0.35, 0.65, at - first)
    colour = mix(PALETTE[first], PALETTE[(first + 1) % len(PALETTE)], share[..., None])
    return np.asarray(colour * (0.40 + 1.0 * small)[..., None])


def glass(x: Array, y: Array, own: Array, inside: Array) -> Array:
    """Light let through, about 0.3…1.6: streaks along the pane's own direction, seeds, thicker at the rim."""
    turn = own * 2 * np.pi
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    streaks = fbm(along * 5 + own * 40, across * 26, 4, SEED + 30)
    clouds = fbm(x * 14 + own * 9, y * 14, 4, SEED + 40)
    seeds = smoothstep(0.62, 0.85, noise(x * 95, y * 95, SEED + 50))
    slope = (np.cos(turn * 3) * (x % 0.25) + np.sin(turn * 3) * (y % 0.25)) * 0.4
    thick = smoothstep(0.0, 0.35, inside)
    return np.asarray((0.62 + 0.42 * thick) * (1 + 0.55 * streaks + 0.38 * clouds + 1.6 * slope) + 0.35 * seeds)


def lead(inside: Array, half_width: Array, x: Array, y: Array, side_px: int) -> tuple[Array, Array]:
    """Coverage (0…1) and grey light of rounded lead strips of the given half width."""
    across = np.clip(inside / half_width, 0, 1)
    cover = 1 - smoothstep(0.82, 1.0, inside / half_width)
    height = np.sqrt(np.clip(1 - across**2, 0, 1)) + 0.10 * fbm(x * 70, y * 70, 4, SEED + 60)
    slope_y, slope_x = np.gradient(blur(height, side_px / 1200))
    normal = unit(np.stack([-slope_x * side_px / 120, -slope_y * side_px / 120, np.ones_like(slope_x)], -1))
    lit = np.clip(normal @ unit(np.array([-0.5, -0.7, 0.5], np.float32)), 0, 1)
    return cover, 0.010 + 0.06 * lit**2 + 0.25 * lit**24


def draw(short_side_px: int) -> Array:
    """Return the window, S×S×3 uint8."""
    side_px = short_side_px * 2
    y, x = np.mgrid[0:side_px, 0:side_px].astype(np.float32) / side_px
    bend_x, bend_y = fbm(x * 2, y * 2, 2, SEED), fbm(x * 2, y * 2, 2, SEED + 5)
    wx, wy = x + 0.10 * bend_x, y + 0.10 * bend_y
    large, small = panes(wx * 5.5, wy * 5.5, SEED), panes(wx * 15 + 3, wy * 15 + 7, SEED + 3)
    field = fbm(large.centre_x * 0.36, large.centre_y * 0.36, 2, SEED + 11)
    rim_large, rim_small = large.rim / 5.5, small.rim / 15
    inside = np.minimum(rim_large, rim_small)
    number = (small.own + large.own * 0.37) % 1
    light = pane_colours(field, large.own, number) * glass(x, y, number, inside * 26)[..., None]
    light *= (1.05 + 0.45 * fbm(x * 1.7, y * 1.7, 3, SEED + 70))[..., None]
    swell = 1 + 0.25 * noise(x * 13, y * 13, SEED + 80)
    half_width = np.where(rim_large < rim_small * 1.15, 0.0068, 0.0036) * swell
    cover, metal = lead(inside, half_width, x, y, side_px)
    light = mix(add_bloom(light, 0.12), metal[..., None] * np.array([1.0, 0.98, 1.05], np.float32), cover[..., None])
    return to_bytes(tone_curve(shrink(add_bloom(light.astype(np.float32), 0.06), 2), 1.15, 0.45))
