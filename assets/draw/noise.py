"""Seeded noise in the plane and in space: the same place always gives the same value, at any picture size."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from assets.draw.arrays import Array, in_blocks

CELLS = 256


@lru_cache(maxsize=64)
def _gradients(seed: int) -> tuple[Array, Array]:
    angle = np.random.default_rng(seed).random(CELLS * CELLS) * 2 * np.pi
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


@lru_cache(maxsize=64)
def _values(seed: int, count: int) -> Array:
    return np.random.default_rng(seed + 7919).random(count, dtype=np.float32)


def _split(x: Array) -> tuple[Array, Array]:
    cell = np.floor(x)
    return cell.astype(np.int32), x - cell


def _fade(t: Array) -> Array:
    return np.asarray(t * t * t * (t * (t * 6 - 15) + 10))


def _noise(x: Array, y: Array, seed: int) -> Array:
    gx, gy = _gradients(seed)
    (i, u), (j, v) = _split(x), _split(y)
    left, right, top, below = i & 255, (i + 1) & 255, (j & 255) << 8, ((j + 1) & 255) << 8

    def corner(at: Array, dx: Array, dy: Array) -> Array:
        return np.asarray(gx[at] * dx + gy[at] * dy)

    fu, fv = _fade(u), _fade(v)
    a, b = corner(top | left, u, v), corner(top | right, u - 1, v)
    c, d = corner(below | left, u, v - 1), corner(below | right, u - 1, v - 1)
    a += (b - a) * fu
    c += (d - c) * fu
    return np.asarray((a + (c - a) * fv) * 1.5)


def noise(x: Array, y: Array, seed: int = 0) -> Array:
    """Gradient noise, about -1…1, one cell per unit."""
    return in_blocks(lambda a, b: _noise(a, b, seed), x, y)


def fbm(x: Array, y: Array, octaves: int = 5, seed: int = 0, gain: float = 0.5) -> Array:
    """Sum of gradient noises, each about twice as fine and `gain` times as strong; about -1…1."""

    def block(a: Array, b: Array) -> Array:
        total, weight = np.zeros_like(a), 1.0
        for octave in range(octaves):
            total += weight * _noise(a, b, seed + octave)
            a, b = 1.62 * a - 1.18 * b + 17.3, 1.18 * a + 1.62 * b - 9.1
            weight *= gain
        return total

    return in_blocks(block, x, y)


def ridged(x: Array, y: Array, octaves: int = 6, seed: int = 0, gain: float = 0.5) -> Array:
    """Ridged multifractal: sharp crests, each octave strongest on the crests of the last; about 0…1.5."""

    def block(a: Array, b: Array) -> Array:
        total, weight, inherit = np.zeros_like(a), 0.6, np.ones_like(a)
        for octave in range(octaves):
            crest = (1.0 - np.abs(_noise(a, b, seed + octave))) ** 2 * inherit
            total += weight * crest
            inherit = np.clip(crest * 1.7, 0.0, 1.0)
            a, b = 1.62 * a - 1.18 * b + 17.3, 1.18 * a + 1.62 * b - 9.1
            weight *= gain
        return total

    return in_blocks(block, x, y)


def _noise3(x: Array, y: Array, z: Array, seed: int) -> Array:
    table = _values(seed, 64**3)
    (i, u), (j, v), (k, w) = _split(x), _split(y), _split(z)
    u, v, w = u * u * (3 - 2 * u), v * v * (3 - 2 * v), w * w * (3 - 2 * w)
    i0, i1, j0, j1 = i & 63, (i + 1) & 63, (j & 63) << 6, ((j + 1) & 63) << 6

    def layer(at: Array) -> Array:
        a, c = table[at + j0 + i0], table[at + j1 + i0]
        a = a + (table[at + j0 + i1] - a) * u
        c = c + (table[at + j1 + i1] - c) * u
        return np.asarray(a + (c - a) * v)

    near, far = layer((k & 63) << 12), layer(((k + 1) & 63) << 12)
    return np.asarray(near + (far - near) * w)


def fbm3(x: Array, y: Array, z: Array, octaves: int = 4, seed: int = 0, gain: float = 0.5) -> Array:
    """Sum of value noises in space, scaled to 0…1 (0.5 in the mean)."""
    scale = (1 - gain) / (1 - gain**octaves)

    def block(a: Array, b: Array, c: Array) -> Array:
        total, weight = np.zeros_like(a), scale
        for octave in range(octaves):
            total += weight * _noise3(a, b, c, seed + octave)
            a, b, c = 1.2 * a + 1.6 * b + 3.1, -1.6 * a + 1.2 * b + 0.3 * c, 2.02 * c + 5.7
            weight *= gain
        return total

    return in_blocks(block, x, y, z)


def hashed(cell_x: Array, cell_y: Array, seed: int = 0) -> Array:
    """Return a number in 0…1 for each cell of whole numbers."""
    at = ((cell_y.astype(np.int64) & 255) << 8) | (cell_x.astype(np.int64) & 255)
    return np.asarray(_values(seed, CELLS * CELLS)[at])


def cells(x: Array, y: Array, seed: int = 0, jitter: float = 0.9) -> tuple[Array, Array, Array]:
    """Cellular noise of one jittered point per unit cell.

    Returns the distances to the nearest and to the second nearest point, and a number in 0…1 that is the nearest
    one's own.
    """
    x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
    (i, u), (j, v) = _split(x), _split(y)
    first, second = np.full(x.shape, 9.0, np.float32), np.full(x.shape, 9.0, np.float32)
    own = np.zeros(x.shape, np.float32)
    for dj in (-1, 0, 1):
        for di in (-1, 0, 1):
            px = di + 0.5 + jitter * (hashed(i + di, j + dj, seed) - 0.5) - u
            py = dj + 0.5 + jitter * (hashed(i + di, j + dj, seed + 1) - 0.5) - v
            gap = np.sqrt(px * px + py * py)
            nearer = gap < first
            second = np.where(nearer, first, np.minimum(second, gap))
            first = np.where(nearer, gap, first)
            own = np.where(nearer, hashed(i + di, j + dj, seed + 2), own)
    return first, second, own
