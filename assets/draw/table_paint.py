"""The still life's surfaces: colour, roughness and the small bumps of peel, glaze, linen, wood and plaster."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assets.draw import table_scene as scene
from assets.draw.arrays import Array, mix_colour, smoothstep
from assets.draw.noise import cells, fbm, fbm3, noise

SEED = 1500
GLOSS = np.array([0.35, 0.0, 0.0, 0.85, 0.55, 0.45, 0.75, 1.0, 0.1, 0.85], np.float32)
"""Share of the mirror image that each material shows."""
ROUGH = np.array([0.16, 1.0, 1.0, 0.07, 0.16, 0.16, 0.05, 0.025, 0.3, 0.08], np.float32)
"""Spread of each material's mirror image (tangent of an angle)."""

Paint = Callable[[Array, Array, Array], Array]


def _around(x: Array, y: Array, kind: int) -> tuple[Array, Array, Array, Array]:
    """Angle, radius and centre of the fruit of this kind that each place belongs to."""
    centres = np.array([f[2] for f in scene.FRUIT if f[0] == kind], np.float32)
    nearest = np.argmin((x[:, None] - centres[:, 0]) ** 2 + (y[:, None] - centres[:, 1]) ** 2, 1)
    cx, cy = centres[nearest, 0], centres[nearest, 1]
    return np.arctan2(y - cy, x - cx), np.hypot(x - cx, y - cy), cx, cy


def wood(x: Array, y: Array, z: Array) -> Array:
    """Planks of old walnut along x."""
    plank = np.floor((y + 0.1) / 0.95)
    v = y / 0.95 - plank
    rings = fbm(x * 0.35 + plank * 7.7, y * 3.2 + plank * 3.1, 4, SEED)
    grain = fbm(x * 2.2 + plank * 5, y * 60, 4, SEED + 5)
    tone = np.clip(0.45 + 0.5 * np.sin(rings * 11 + y * 6) * 0.5 + 0.35 * grain, 0, 1)
    colour = mix_colour((0.045, 0.022, 0.011), (0.20, 0.105, 0.05), tone)
    pores = smoothstep(0.25, 0.6, fbm(x * 5, y * 120, 2, SEED + 8))
    seam = smoothstep(
        0.012, 0.03, np.abs((y + 0.1) / 0.95 - np.round((y + 0.1) / 0.95)) + 0.003 * noise(x * 3, v, SEED)
    )
    return np.asarray(colour * (1 - 0.45 * pores)[:, None] * (0.25 + 0.75 * seam)[:, None])


def linen(x: Array, y: Array, z: Array) -> Array:
    """Off-white linen with a blue stripe near its hem."""
    slub = fbm(x * 3, y * 40, 3, SEED + 10) + fbm(x * 40, y * 3, 3, SEED + 11)
    warp = np.sin(x * 210 + 2 * noise(x * 8, y * 8, SEED + 12)) * np.sin(y * 210 + 2 * noise(x * 8, y * 8, SEED + 13))
    colour = np.array([0.62, 0.59, 0.52], np.float32) * (1 + 0.10 * slub + 0.12 * warp)[:, None]
    edge = 2.45 - x + 0.35 * y + 0.10 * noise(y * 1.3, x, scene.SEED + 4)
    stripe = smoothstep(0.02, 0.05, np.abs(edge - 0.32) * -1 + 0.10) + smoothstep(0.0, 0.02, 0.03 - np.abs(edge - 0.52))
    return mix_colour(colour, (0.07, 0.12, 0.24), np.clip(stripe, 0, 1) * (0.75 + 0.2 * warp))


def ground(x: Array, y: Array, z: Array) -> Array:
    """Linen where it lies, wood elsewhere."""
    covered = smoothstep(0.004, 0.012, scene.table_height(x, y))
    return mix_colour(wood(x, y, z), linen(x, y, z), covered)


def wall(x: Array, y: Array, z: Array) -> Array:
    """Limewashed plaster, grey-green with warmer worn places."""
    cloudy = fbm(x * 0.5, z * 0.5, 6, SEED + 20, 0.6)
    worn = smoothstep(0.15, 0.7, fbm(x * 1.1 + 4, z * 1.1, 6, SEED + 26, 0.6))
    colour = mix_colour((0.105, 0.115, 0.095), (0.19, 0.185, 0.15), np.clip(0.5 + 0.6 * cloudy, 0, 1))
    return mix_colour(colour, (0.21, 0.17, 0.12), worn * 0.6)


def apple(x: Array, y: Array, z: Array) -> Array:
    """Red over yellow in streaks from stalk to calyx, with pale dots."""
    angle, r, cx, _ = _around(x, y, scene.RED)
    streak = fbm(angle * 9 + cx * 10, z * 1.2 + r, 4, SEED + 30)
    side = fbm3(x * 1.6, y * 1.6, z * 1.6, 3, SEED + 34) - 0.5 + 0.25 * np.sin(angle + cx * 9)
    red = mix_colour((0.42, 0.022, 0.018), (0.20, 0.006, 0.012), np.clip(0.5 + streak, 0, 1))
    blush = smoothstep(-0.25, 0.25, side + 0.35 * streak + 0.9 * (r - 0.14))
    colour = mix_colour((0.62, 0.38, 0.055), red, np.clip(blush, 0.0, 1))
    dots = smoothstep(0.16, 0.09, cells(angle * 5.5, z * 13 + r * 6, SEED + 36)[0])
    return mix_colour(colour, (0.62, 0.42, 0.22), dots * 0.45)


def green_apple(x: Array, y: Array, z: Array) -> Array:
    """Yellow-green with a faint flush and dots."""
    angle, r, cx, _ = _around(x, y, scene.GREEN)
    flush = smoothstep(0.1, 0.9, np.sin(angle - 0.6) * 0.6 + fbm(angle * 6, z * 2, 4, SEED + 40))
    colour = mix_colour((0.30, 0.36, 0.035), (0.48, 0.20, 0.04), flush * 0.7)
    dots = smoothstep(0.15, 0.08, cells(angle * 5 + cx, z * 12 + r * 5, SEED + 42)[0])
    return (
        mix_colour(colour, (0.55, 0.55, 0.28), dots * 0.5)
        * (0.9 + 0.3 * fbm(x * 4, y * 4 + z * 4, 4, SEED + 44))[:, None]
    )


def pear(x: Array, y: Array, z: Array) -> Array:
    """Olive gold with russet freckles and blotches."""
    blotch = fbm3(x * 2.2, y * 2.2, z * 2.2, 5, SEED + 50, 0.6) - 0.5
    colour = mix_colour((0.34, 0.28, 0.035), (0.46, 0.36, 0.07), np.clip(0.5 + 3 * blotch, 0, 1))
    warm = smoothstep(-0.05, 0.25, fbm3(x * 1.1 + 7, y * 1.1, z * 1.1, 3, SEED + 55) - 0.52)
    colour = mix_colour(colour, (0.46, 0.14, 0.03), warm * 0.75)
    freckle = smoothstep(0.60, 0.70, fbm3(x * 30, y * 30, z * 30, 2, SEED + 57))
    russet = smoothstep(0.08, 0.22, blotch) * 0.8
    return mix_colour(colour, (0.17, 0.09, 0.03), np.clip(0.55 * freckle + 0.6 * russet, 0, 1))


def lemon(x: Array, y: Array, z: Array) -> Array:
    """Lemon yellow, a little greener in places."""
    shade = fbm3(x * 2, y * 2, z * 2, 4, SEED + 60) - 0.5
    return mix_colour((0.70, 0.42, 0.018), (0.60, 0.47, 0.05), np.clip(0.5 + 3 * shade, 0, 1))


def grape(x: Array, y: Array, z: Array) -> Array:
    """Dark wine-blue under an uneven bloom."""
    bloom = smoothstep(0.42, 0.66, fbm3(x * 5, y * 5, z * 5, 5, SEED + 70, 0.6))
    berry = mix_colour((0.030, 0.007, 0.022), (0.075, 0.012, 0.022), fbm3(x * 1.7, y * 1.7, z * 1.7, 2, SEED + 75))
    return mix_colour(berry, (0.12, 0.12, 0.19), bloom * 0.65)


def glaze(x: Array, y: Array, z: Array) -> Array:
    """Cream stoneware glaze, speckled with iron, blue from the shoulder down in a run line."""
    angle = np.arctan2(y - 0.95, x + 0.78)
    speck = smoothstep(0.70, 0.78, fbm3(x * 26, y * 26, z * 26, 3, SEED + 80))
    cream = np.array([0.60, 0.54, 0.42], np.float32) * (0.92 + 0.25 * fbm(angle * 2, z * 2, 4, SEED + 83))[:, None]
    run = 1.02 + 0.10 * noise(angle * 3.2, z * 0.2, SEED + 84) + 0.05 * noise(angle * 11, z * 0.3, SEED + 85)
    blue = mix_colour(
        (0.020, 0.060, 0.13), (0.05, 0.15, 0.22), smoothstep(-0.5, 0.6, fbm(angle * 6, z * 1.5, 4, SEED + 86))
    )
    colour = mix_colour(cream, blue, smoothstep(run + 0.03, run - 0.03, z))
    return mix_colour(colour, (0.10, 0.05, 0.025), speck * 0.8)


def stem(x: Array, y: Array, z: Array) -> Array:
    """Brown bark."""
    return mix_colour((0.05, 0.03, 0.015), (0.16, 0.10, 0.05), fbm3(x * 20, y * 20, z * 8, 3, SEED + 90))


PAINTS: dict[int, Paint] = {
    scene.LINEN: ground,
    scene.WALL: wall,
    scene.RED: apple,
    scene.GREEN: green_apple,
    scene.PEAR: pear,
    scene.LEMON: lemon,
    scene.GRAPE: grape,
    scene.JUG: glaze,
    scene.STALK: stem,
}


def colours(kind: Array, x: Array, y: Array, z: Array) -> Array:
    """Reflectance N×3 of N places of these materials."""
    out = np.zeros((len(x), 3), np.float32)
    for number, paint in PAINTS.items():
        at = np.flatnonzero(kind == number)
        if at.size:
            out[at] = paint(x[at], y[at], z[at])
    return np.maximum(out, 0.001)


def plain(kind: Array) -> Array:
    """Mean reflectance of each material, for light that has bounced."""
    means = np.array(
        [
            [0.1, 0.05, 0.025],
            [0.5, 0.46, 0.40],
            [0.15, 0.15, 0.12],
            [0.38, 0.05, 0.03],
            [0.40, 0.28, 0.05],
            [0.65, 0.44, 0.03],
            [0.06, 0.03, 0.05],
            [0.35, 0.33, 0.27],
            [0.1, 0.06, 0.03],
            [0.32, 0.34, 0.04],
        ],
        np.float32,
    )
    return means[kind.astype(np.int64)]


def relief(kind: Array, x: Array, y: Array, z: Array) -> Array:
    """Height (in scene units) of the small bumps, to bend the normals by."""
    out = np.zeros(len(x), np.float32)
    for number, formula in RELIEFS.items():
        at = np.flatnonzero(kind == number)
        if at.size:
            out[at] = formula(x[at], y[at], z[at])
    return out


RELIEFS: dict[int, Paint] = {
    scene.LINEN: lambda x, y, z: np.where(
        scene.table_height(x, y) > 0.006,
        0.0009 * np.sin(x * 210) * np.sin(y * 210) + 0.008 * fbm(x * 6, y * 6, 4, SEED + 100),
        0.0015 * fbm(x * 3, y * 60, 3, SEED + 104),
    ),
    scene.WALL: lambda x, y, z: 0.03 * fbm(x * 2.5, z * 2.5, 6, SEED + 110, 0.55),
    scene.RED: lambda x, y, z: 0.010 * fbm3(x * 5, y * 5, z * 5, 3, SEED + 115),
    scene.GREEN: lambda x, y, z: 0.010 * fbm3(x * 5, y * 5, z * 5, 3, SEED + 115),
    scene.PEAR: lambda x, y, z: 0.018 * fbm3(x * 6, y * 6, z * 6, 5, SEED + 120, 0.55),
    scene.LEMON: lambda x, y, z: 0.010 * fbm3(x * 24, y * 24, z * 24, 2, SEED + 125),
    scene.JUG: lambda x, y, z: 0.006 * fbm3(x * 3, y * 3, z * 9, 2, SEED + 130),
}
