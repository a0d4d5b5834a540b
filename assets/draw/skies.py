"""The sky of the outdoor scenes: a clear evening blue, heaped clouds lit from the left, and the haze of distance."""

from __future__ import annotations

import numpy as np

from assets.draw.arrays import Array, box_blur, mix_colour, smoothstep, unit
from assets.draw.noise import fbm, fbm3

SEED = 500
SUN = unit(np.array([-0.80, -0.30, 0.42], np.float32))
SUNLIGHT = np.array([3.3, 2.65, 1.95], np.float32)
SKYLIGHT = np.array([0.42, 0.58, 0.88], np.float32)
CLOUDLIGHT = np.array([0.42, 0.49, 0.62], np.float32)
BASE, TOP = 1500.0, 3600.0


def clear_sky(slope: Array, rise: Array) -> Array:
    """Radiance (…×3) of the cloudless sky in the directions (slope, 1, rise)."""
    up = np.clip(rise / np.sqrt(1 + slope * slope + rise * rise), 0, 1)
    low = mix_colour((0.86, 0.88, 0.90), (0.36, 0.58, 0.92), smoothstep(-0.02, 0.24, up))
    high = mix_colour(low, (0.10, 0.24, 0.60), smoothstep(0.12, 0.70, up))
    warm = smoothstep(0.55, -0.75, slope) * smoothstep(0.25, 0.0, up)
    return np.asarray(high + warm[..., None] * np.array([0.26, 0.15, 0.02], np.float32))


def _density(x: Array, y: Array, z: Array, octaves: int) -> Array:
    """Water in the air, 0 outside the clouds: heaps with flat bases on a slow pattern of cover."""
    level = (z - BASE) / (TOP - BASE)
    cover = fbm(x / 5200 + 3.1, y / 8000 + 0.6, 2, SEED)
    shape = fbm3(x / 1500, y / 1500, z / 1100, octaves, SEED + 1, 0.52)
    profile = smoothstep(0.0, 0.07, level) * smoothstep(1.0, 0.15, level)
    return np.asarray(
        np.clip((shape + 0.26 * cover - 0.825 + 0.20 * profile) * 9.0, 0, 1) * smoothstep(0, 0.05, level) * (level < 1)
    )


def _lit(x: Array, y: Array, z: Array) -> Array:
    """Share of the sun's light that reaches places inside the clouds."""
    thick = np.zeros_like(x)
    for step in (60.0, 170.0, 380.0, 750.0):
        thick += _density(x + SUN[0] * step, y + SUN[1] * step, z + SUN[2] * step, 3) * step * 0.9
    return np.asarray(0.55 * np.exp(-thick * 0.0035) + 0.45 * np.exp(-thick * 0.0007))


def clouds(slope: Array, rise: Array, place: tuple[float, float], steps: int = 36) -> tuple[Array, Array]:
    """Light (H×W×3) and cover (H×W) of the clouds in the directions (slope, 1, rise)."""
    light, clear = np.zeros((*slope.shape, 3), np.float32), np.ones(slope.shape, np.float32)
    safe = np.maximum(rise, 0.012)
    start, end = BASE / safe, np.minimum(TOP / safe, BASE / safe + 16000)
    shift = np.random.default_rng(SEED).random(slope.shape, dtype=np.float32)
    for step in range(steps):
        y = start + (end - start) * (step + shift) / steps
        x, z = y * slope + place[0], y * safe
        density = _density(x, y + place[1], z, 6) * smoothstep(24000, 8000, y)
        at = (density > 0.003) & (clear > 0.02)
        if not at.any():
            continue
        sun = _lit(x[at], y[at] + place[1], z[at])
        level = (z[at] - BASE) / (TOP - BASE)
        glow = sun[:, None] * SUNLIGHT * 0.56 + (0.40 + 0.45 * level)[:, None] * CLOUDLIGHT
        far = np.exp(-y[at] / 42000)[:, None]
        glow = glow * far + (1 - far) * np.array([0.82, 0.80, 0.82], np.float32)
        block = 1 - np.exp(-density[at] * ((end - start)[at] / steps) * 0.0065)
        light[at] += (clear[at] * block)[:, None] * glow
        clear[at] *= 1 - block
    return light, np.asarray((1 - clear) * smoothstep(0.012, 0.05, rise))


def sky(slope: Array, rise: Array, place: tuple[float, float] = (0.0, 0.0)) -> Array:
    """Radiance (H×W×3) of sky and clouds for the columns' slopes (W) and the rows' rises (H).

    `place` (m) is where the eye stands under the one pattern of clouds.
    """
    slopes, rises = np.meshgrid(slope, rise)
    light, cover = clouds(slopes[::2, ::2], rises[::2, ::2], place)
    large = np.repeat(np.repeat(np.concatenate([light, cover[..., None]], -1), 2, 0), 2, 1)
    large = large[: len(rise), : len(slope)]
    soft = box_blur(box_blur(box_blur(box_blur(large, 2, 0), 2, 1), 1, 0), 1, 1)
    high = fbm(slopes / np.maximum(rises, 0.02) * 0.35, 0.9 / np.maximum(rises, 0.02), 6, SEED + 30)
    veil = smoothstep(0.0, 1.0, high) * smoothstep(0.06, 0.2, rises) * 0.30
    back = clear_sky(slopes, rises) * (1 - veil[..., None]) + veil[..., None] * np.array([1.25, 1.1, 1.0], np.float32)
    return np.asarray(back * (1 - soft[..., 3:]) + soft[..., :3], np.float32)


def haze(light: Array, distance: Array, z: Array, slope: Array) -> Array:
    """Return the land's light (…×3) after `distance` metres of air, bluer with distance and warmer towards the sun."""
    thin = np.exp(-np.clip(z, 0, None) / 1500)
    depth = distance * (0.45 + 0.55 * thin) / 17000
    through = np.exp(-depth[..., None] * np.array([0.75, 1.0, 1.45], np.float32))
    air = mix_colour((0.52, 0.62, 0.82), (0.95, 0.80, 0.66), smoothstep(0.4, -0.8, slope) * 0.8)
    return np.asarray(light * through + air * (1 - through))
