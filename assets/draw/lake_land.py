"""The mountain lake's land: heights in metres, and the look of rock, snow, meadow, forest and shore."""

from __future__ import annotations

import numpy as np

from assets.draw.arrays import Array, mix, mix_colour, smoothstep
from assets.draw.noise import cells, fbm, fbm3, hashed, noise, ridged

SEED = 300

ISLANDS = np.array(
    [
        # x, y, half length, half depth, height (m)
        [215.0, 330.0, 165.0, 34.0, 11.0],
        [-128.0, 170.0, 66.0, 22.0, 7.0],
        [-420.0, 760.0, 260.0, 90.0, 22.0],
        [620.0, 1000.0, 330.0, 110.0, 30.0],
        [-15.0, 9.0, 11.5, 4.0, 1.5],
    ],
    np.float32,
)


def _peaks(x: Array, y: Array) -> Array:
    """Far range: ridged crests raised under two summits, lower where the valley opens."""
    wx = x + 500 * noise(x / 3100, y / 3100, SEED)
    wy = y + 500 * noise(x / 3100, y / 3100, SEED + 1)
    crest = ridged(wx / 4300, wy / 4300, 9, SEED + 10, 0.47)
    rise = smoothstep(2600, 8200, y + 0.25 * np.abs(x))
    left = np.exp(-(((x + 1900) / 1700) ** 2) - ((y - 8600) / 2300) ** 2)
    right = np.exp(-(((x - 3700) / 1500) ** 2) - ((y - 8000) / 2400) ** 2)
    gap = np.exp(-(((x - 900) / 1150) ** 2))
    return np.asarray(rise * (crest * (1150 + 900 * left + 600 * right) * (1 - 0.5 * gap) + 950 * left + 500 * right))


def _foothills(x: Array, y: Array) -> Array:
    """Wooded hills that begin at the far shore."""
    away = smoothstep(1450, 3600, y + 260 * noise(x / 900, y / 900, SEED + 30))
    sides = smoothstep(250, 2300, np.abs(x - 0.12 * y))
    hills = 0.5 + 0.5 * fbm(x / 950, y / 950, 6, SEED + 31)
    return np.asarray(away * (60 + 300 * hills * (0.45 + sides)))


def _shores(x: Array, y: Array) -> Array:
    """Spits and banks in the lake, about -12…30 m."""
    ragged = 0.35 * fbm(x / 45, y / 45, 4, SEED + 40)
    land = np.full(x.shape, -12.0, np.float32)
    for cx, cy, length, depth, top in ISLANDS:
        reach = np.sqrt(((x - cx) / length) ** 2 + ((y - cy) / depth) ** 2) + ragged * min(1.0, depth / 12)
        land = np.maximum(land, (1 - reach) * top * 1.6)
    return np.minimum(land, 40)


def stones(x: Array, y: Array) -> Array:
    """Boulders and cobbles near the eye: heights above the ground, m."""
    total = np.zeros(np.shape(x), np.float32)
    for size, share, seed in ((3.1, 0.42, 50), (1.25, 0.5, 53), (0.5, 0.65, 56), (0.2, 0.8, 59)):
        bend = 0.22 * fbm(x / size * 1.7, y / size * 1.7, 3, SEED + seed + 30)
        near, _, own = cells(x / size + bend, y / size - bend, SEED + seed, 0.7)
        radius = 0.18 + 0.30 * own
        dome = np.clip(1 - (near / radius) ** 2, 0, 1) ** 0.85 * radius * size * 0.75
        total = np.maximum(total, np.where((own * 7.7) % 1 < share, dome, 0))
    return np.asarray(
        total * (1 + 0.16 * fbm(x * 1.3, y * 1.3, 3, SEED + 90))
        + 0.012 * (total > 0.02) * fbm(x * 9, y * 9, 3, SEED + 91)
    )


def height(x: Array, y: Array) -> Array:
    """Height of the ground over the lake's level, m; below zero it is the lake's bed."""
    far = _peaks(x, y) + _foothills(x, y)
    lake = smoothstep(1700, 2100, y + 120 * noise(x / 400, y / 400, SEED + 3))
    shore = _shores(x, y)
    near = -0.9 + 0.085 * (14 - y) - 0.02 * np.clip(y - 14, 0, 400) + 0.25 * fbm(x / 6, y / 6, 4, SEED + 4)
    ground = np.maximum(np.maximum(shore, near), mix(-12.0, 2.0 + far, lake))
    rough = smoothstep(0, 400, y)
    ground = ground + rough * 3.0 * fbm(x / 30, y / 30, 5, SEED + 5) * smoothstep(0.5, 6, ground)
    detail = np.zeros_like(ground)
    close = y < 60
    detail[close] = (stones(x[close], y[close]) * smoothstep(60, 35, y[close])).astype(np.float32)
    return np.asarray(ground + detail, np.float32)


def canopy(x: Array, y: Array, ground: Array) -> Array:
    """Height of the woods on the far hills: crowns of about 9 m, m above ground."""
    wooded = smoothstep(25, 60, ground) * smoothstep(620, 420, ground + 130 * fbm(x / 300, y / 300, 3, SEED + 60))
    near, _, own = cells(x / 9.0, y / 9.0, SEED + 61)
    crown = np.clip(1.1 - near * 1.05, 0, 1) * (8 + 9 * own)
    return np.asarray(wooded * smoothstep(1500, 1900, y) * crown)


def land_colour(x: Array, y: Array, z: Array, normal: Array) -> Array:
    """Reflectance (N×3) of the land at N places with their normals."""
    steep = normal[..., 2]
    grit = fbm(x / 3.1, y / 3.1 + z / 2.0, 4, SEED + 70)
    folded = z / 60 + 2.2 * fbm(x / 700, y / 700, 4, SEED + 71) + x / 500
    layers = 0.6 * fbm(x / 300, folded, 4, SEED + 72) + 0.6 * fbm(x / 60, z / 90 + y / 60, 4, SEED + 76)
    rock = mix_colour((0.13, 0.115, 0.10), (0.34, 0.30, 0.26), np.clip(0.45 + 0.5 * layers + 0.25 * grit, 0, 1))
    broad = fbm(x / 170, y / 170, 5, SEED + 73)
    meadow = mix_colour((0.055, 0.085, 0.022), (0.16, 0.15, 0.05), np.clip(0.5 + 0.6 * broad + 0.2 * grit, 0, 1))
    tufts = fbm(x / 0.7, y / 0.7 + z / 0.5, 5, SEED + 77) * smoothstep(900, 200, y)
    rock = rock * np.clip(0.85 + 0.6 * tufts, 0.3, 1.4)[..., None]
    meadow = meadow * np.clip(0.62 + 0.9 * tufts, 0.15, 1.5)[..., None]
    colour = mix_colour(rock, meadow, smoothstep(0.70, 0.84, steep + 0.07 * broad) * smoothstep(1150, 800, z))
    wood = mix_colour((0.018, 0.034, 0.014), (0.050, 0.066, 0.020), hashed(np.floor(x / 9), np.floor(y / 9), SEED + 74))
    treed = smoothstep(25, 60, z) * smoothstep(640, 430, z + 130 * fbm(x / 300, y / 300, 3, SEED + 60))
    colour = mix_colour(colour, wood, treed * np.maximum(smoothstep(0.42, 0.6, steep), smoothstep(1400, 1600, y)))
    line = 1130 + 260 * fbm(x / 700, y / 700, 5, SEED + 75)
    snow = smoothstep(line - 60, line + 240, z) * smoothstep(0.50, 0.66, steep + 0.08 * layers + 0.05 * grit)
    return mix_colour(colour, (0.80, 0.82, 0.86), snow)


def shore_colour(x: Array, y: Array, z: Array, normal: Array) -> Array:
    """Reflectance (N×3) of the stones, gravel and turf near the eye."""
    tint: Array = np.zeros(np.shape(x), np.float32)
    for size, seed in ((3.1, 50), (1.25, 53), (0.5, 56)):
        bend = 0.22 * fbm(x / size * 1.7, y / size * 1.7, 3, SEED + seed + 30)
        tint = tint + cells(x / size + bend, y / size - bend, SEED + seed, 0.7)[2] / 3
    speck = 3 * fbm3(x * 14, y * 14, z * 14, 4, SEED + 80) - 1.5
    blotch = 3 * fbm3(x * 2.3, y * 2.3, z * 2.3, 4, SEED + 81) - 1.5
    stone = mix_colour(
        (0.12, 0.11, 0.10), (0.36, 0.32, 0.27), np.clip(tint * 1.2 - 0.1 + 0.2 * speck + 0.15 * blotch, 0, 1)
    )
    near, next_, own = cells(x / 0.11, y / 0.11, SEED + 85)
    gravel = mix_colour((0.09, 0.085, 0.08), (0.38, 0.34, 0.29), own) * smoothstep(0.0, 0.25, next_ - near)[..., None]
    stone = mix_colour(stone, gravel, smoothstep(0.90, 0.97, normal[..., 2]) * 0.75)
    lichen = smoothstep(0.25, 0.6, blotch + 0.3 * speck) * smoothstep(0.4, 0.8, normal[..., 2])
    stone = mix_colour(stone, (0.30, 0.29, 0.14), lichen * 0.55)
    wet = smoothstep(0.16, 0.02, z + 0.05 * blotch)
    turf = smoothstep(0.75, 1.5, z + 0.4 * blotch) * smoothstep(0.55, 0.8, normal[..., 2])
    stone = mix_colour(stone, (0.085, 0.085, 0.03), turf * smoothstep(25, 40, y))
    return np.asarray(stone * mix(1.0, 0.45, wet)[..., None])
