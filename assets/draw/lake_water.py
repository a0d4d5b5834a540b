"""The lake's surface: ripples that bend its mirror image, Fresnel's share of it, and the bed seen through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.draw.arrays import Array, mix, sample_bilinear, smoothstep
from assets.draw.columns import Camera
from assets.draw.noise import fbm, noise
from assets.draw.skies import SKYLIGHT, SUNLIGHT

SEED = 900
DEEP = np.array([0.010, 0.055, 0.062], np.float32)
ABSORB = np.array([0.62, 0.16, 0.12], np.float32)


@dataclass(frozen=True)
class Mirror:
    """The mirror image of land and sky, Hm×W×3, whose rows have the given (falling) rises."""

    light: Array
    rises: Array


def ripple_slopes(x: Array, y: Array) -> tuple[Array, Array]:
    """Slopes of the water's surface along x and y: long swell, short ripples in patches of wind."""
    wind = smoothstep(-0.35, 0.55, fbm(x / 120, y / 45, 3, SEED)) * smoothstep(10, 120, y) + 0.10
    slope_x, slope_y = np.zeros_like(x), np.zeros_like(x)
    for length, strength, seed in ((9.0, 0.010, 1), (2.6, 0.018, 2), (0.9, 0.026, 3), (0.33, 0.030, 4)):
        footprint = smoothstep(0.5, 2.0, length * 700 / np.maximum(y, 1.0))
        gain = strength * wind * (0.35 + 0.65 * footprint)
        slope_x += gain * noise(x / length, y / length * 1.5, SEED + seed)
        slope_y += gain * 1.7 * noise(x / length + 31, y / length * 1.5 + 11, SEED + seed + 10)
    return slope_x, slope_y


def _mirrored(mirror: Mirror, slope: Array, camera: Camera, direction: tuple[Array, Array, Array]) -> Array:
    """Light that comes along the reflected directions."""
    x, y, z = direction
    width = mirror.light.shape[1]
    column = (x / y * camera.focal + 0.5) * width - 0.5
    first, step = float(mirror.rises[0]), float(mirror.rises[0] - mirror.rises[1])
    return sample_bilinear(mirror.light, (first - z / y) / step, column)


def surface(slope: Array, rise: Array, mirror: Mirror, bed: Array, camera: Camera, samples: int = 10) -> Array:
    """Light (N×3) of the water in the directions (slope, 1, rise), rise < 0, over a bed lit as `bed` (N×3)."""
    rng = np.random.default_rng(SEED)
    pixel = abs(float(mirror.rises[0] - mirror.rises[1]))
    total = np.zeros((len(slope), 3), np.float32)
    for _ in range(samples):
        down = np.minimum(rise + pixel * (rng.random(len(rise), dtype=np.float32) - 0.5), -1e-4)
        y = np.minimum(-camera.height / down, 6000)
        sx, sy = ripple_slopes(y * slope + y * pixel * (rng.random(len(rise), dtype=np.float32) - 0.5), y)
        facing = -(slope * -sx - sy + down)
        reflected = (slope - 2 * facing * sx, 1 - 2 * facing * sy, down + 2 * facing)
        cosine = np.clip(facing / np.sqrt(1 + slope**2 + down**2), 0.0, 1.0)
        fresnel = 0.02 + 0.98 * (1 - cosine) ** 5
        image = _mirrored(mirror, slope, camera, reflected)
        total += mix(bed, image, fresnel[:, None])
    return total / samples


def through_water(bed: Array, depth: Array, x: Array, y: Array) -> Array:
    """Light of the lake's bed (N×3) seen through `depth` metres of water, dappled by the ripples."""
    net = 1 - np.abs(noise(x * 1.9 + 0.7 * noise(x, y, SEED + 40), y * 1.9, SEED + 41))
    dapple = 0.75 + 0.9 * np.clip(net, 0, 1) ** 7 * smoothstep(0.05, 0.6, depth) * smoothstep(4.0, 1.0, depth)
    through = np.exp(-depth[:, None] * 2.4 * ABSORB)
    glow = DEEP * (SUNLIGHT * 0.32 + SKYLIGHT)
    return np.asarray(bed * dapple[:, None] * through + glow * (1 - through))
