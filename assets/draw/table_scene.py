"""The still life's arrangement (units of 10 cm): jug, apples, pears, lemons and grapes on linen and wood."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from assets.draw.arrays import Array, blur, sample_bilinear, smoothstep
from assets.draw.noise import fbm, noise
from assets.draw.solids import Distance, Solid, apple, handle, lathe, lemon, pear, sphere, stalk, turned

SEED = 1200
WOOD, LINEN, WALL, RED, PEAR, LEMON, GRAPE, JUG, STALK, GREEN = range(10)
WALL_Y = 3.4
CLOTH_CELL = 0.012
CLOTH_SIDE = 1000


@lru_cache(maxsize=1)
def cloth() -> Array:
    """Height of the linen over the table on a grid of CLOTH_CELL around the origin; below zero, bare wood."""
    y, x = (np.mgrid[0:CLOTH_SIDE, 0:CLOTH_SIDE].astype(np.float32) - CLOTH_SIDE / 2) * np.float32(CLOTH_CELL)
    bend = 0.5 * noise(x * 0.5, y * 0.5, SEED)
    folds = noise(x * 0.55 + y * 0.75 + bend, y * 0.30 - x * 0.35 + bend, SEED + 1) / 0.30
    more = noise(x * 1.1 - y * 0.5 + bend, y * 0.8 + 3 * bend, SEED + 2) / 0.26
    press = smoothstep(1.0, 2.3, np.sqrt(((x - 0.15) / 1.25) ** 2 + ((y - 0.05) / 0.9) ** 2))
    hills = 0.24 / (1 + folds**2) ** 1.5 + 0.09 / (1 + more**2) ** 1.5
    height = 0.035 + 0.012 * fbm(x * 2.5, y * 2.5, 3, SEED + 3)
    edge = np.minimum(2.45 - x + 0.35 * y + 0.10 * noise(y * 1.3, x, SEED + 4), y + 2.3 + 0.20 * x)
    height = height * smoothstep(-0.03, 0.05, edge) + press * hills * smoothstep(-0.02, 0.75, edge)
    return blur(np.where(edge > -0.03, height, -0.012).astype(np.float32), 1.5)


def table_height(x: Array, y: Array) -> Array:
    """Height of what lies at (x, y): linen or wood."""
    half = CLOTH_SIDE / 2
    return np.maximum(sample_bilinear(cloth(), y / CLOTH_CELL + half, x / CLOTH_CELL + half), 0)


def _jug_radius(z: Array) -> Array:
    heights = np.array([0.0, 0.10, 0.35, 0.75, 1.15, 1.55, 1.85, 2.10, 2.32, 2.45, 2.5])
    radii = np.array([0.46, 0.50, 0.68, 0.84, 0.82, 0.62, 0.44, 0.375, 0.40, 0.47, 0.50])
    fine = np.linspace(0, 2.5, 251)
    smooth = np.interp(fine, heights, radii)
    for _ in range(3):
        smooth = np.convolve(np.pad(smooth, 9, mode="edge"), np.full(19, 1 / 19), "valid")
    at = np.clip(z * 100, 0, 249.99)
    low = at.astype(np.int32)
    table = smooth.astype(np.float32)
    return np.asarray(table[low] + (table[low + 1] - table[low]) * (at - low))


def _jug() -> Distance:
    body = lathe(_jug_radius, 0.0, 2.5, 0.022)
    ear = handle(0.42, 0.62, 0.060, (0.62, 1.52))

    def distance(x: Array, y: Array, z: Array) -> Array:
        spout = np.exp(-(((z - 2.5) / 0.28) ** 2)) * np.clip(-x, 0, None) * 0.42 * np.exp(-((y / 0.22) ** 2))
        return np.minimum(body(x + spout, y, z), ear(x, y, z))

    return distance


def _grapes(centre: tuple[float, float, float]) -> list[Solid]:
    """Return a bunch: berries dropped one after another onto those below, in three heaps (so that rays skip most)."""
    rng = np.random.default_rng(SEED + 9)
    placed: list[tuple[float, float, float, float]] = []
    for _ in range(20000):
        if len(placed) == 54:
            break
        r = rng.uniform(0.115, 0.145)
        along = rng.uniform(-1, 1)
        x, y = along * 0.62, rng.normal(0, 0.20) * (1.15 - 0.5 * abs(along))
        z = r + 0.03
        for px, py, pz, pr in placed:
            gap = (r + pr) ** 2 * 0.86 - (x - px) ** 2 - (y - py) ** 2
            if gap > 0:
                z = max(z, pz + float(np.sqrt(gap)))
        if z < 0.55:
            placed.append((x, y, z, r))
    heaps = [[p for p in placed if low <= p[0] < low + 0.45] for low in (-0.675, -0.225, 0.225)]
    return [_heap(heap, centre) for heap in heaps]


def _heap(berries: list[tuple[float, float, float, float]], centre: tuple[float, float, float]) -> Solid:
    parts = np.array(berries, np.float32) + np.array([*centre, 0], np.float32)

    def distance(x: Array, y: Array, z: Array) -> Array:
        best = np.full(x.shape, 9.0, np.float32)
        for px, py, pz, r in parts:
            best = np.minimum(best, np.sqrt((x - px) ** 2 + (y - py) ** 2 + (1.1 * (z - pz)) ** 2) - r)
        return best * 0.93

    middle = parts[:, :3].mean(0)
    radius = float((np.sqrt(((parts[:, :3] - middle) ** 2).sum(1)) + parts[:, 3]).max()) + 0.01
    return Solid(distance, GRAPE, (float(middle[0]), float(middle[1]), float(middle[2])), radius)


FRUIT = (
    # kind, size, place, lean, heading
    (RED, 0.44, (-0.28, -0.62, 0.42), 0.35, 2.2),
    (RED, 0.41, (0.60, 0.18, 0.39), -0.25, 0.4),
    (GREEN, 0.42, (-1.62, -0.18, 0.40), 0.5, -1.2),
    (PEAR, 0.40, (0.22, 0.62, 0.43), 0.10, 0.6),
    (PEAR, 0.37, (1.36, -0.02, 0.37), 1.42, -0.35),
    (LEMON, 0.30, (0.52, -0.98, 0.32), 0.1, 0.5),
    (LEMON, 0.29, (-2.15, -0.75, 0.31), -0.1, 2.3),
)


def _fruit(kind: int, size: float, place: tuple[float, float, float], lean: float, heading: float) -> list[Solid]:
    shape = {RED: apple, GREEN: apple, PEAR: pear, LEMON: lemon}[kind](size)
    reach = {PEAR: 1.8, LEMON: 1.45}.get(kind, 1.12) * size
    solids = [Solid(turned(shape, place, lean, heading), kind, place, reach)]
    if kind != LEMON:
        foot = {PEAR: 1.62}.get(kind, 0.42) * size
        stem = turned(_raised(stalk(0.30, 0.022, 0.10), foot), place, lean, heading)
        solids.append(Solid(stem, STALK, place, foot + 0.45))
    return solids


def _raised(solid: Distance, by: float) -> Distance:
    return lambda x, y, z: solid(x - 0.16 * max(by - 0.4, 0), y, z - by)


@lru_cache(maxsize=1)
def solids() -> tuple[Solid, ...]:
    """All the things on the table."""
    jug = (-0.78, 0.95, 0.03)
    things = [Solid(turned(_jug(), jug, 0.0, -0.45), JUG, (-0.78, 0.95, 1.28), 1.62)]
    for fruit in FRUIT:
        things += _fruit(*fruit)
    things += _grapes((-0.98, -0.98, 0.03))
    loose = (0.06, -1.38, 0.155)
    things.append(Solid(turned(sphere(0.125), loose, 0, 0), GRAPE, loose, 0.13))
    return tuple(things)


def scene(x: Array, y: Array, z: Array) -> tuple[Array, Array]:
    """Distance to the nearest thing and its material, for N places."""
    table = (z - np.where(z < 0.7, table_height(x, y), 0.4)) * 0.62
    wall = WALL_Y - y
    best = np.minimum(table, wall)
    kind = np.where(wall < table, np.int8(WALL), np.int8(LINEN))
    aside = np.maximum(np.maximum(np.abs(x + 0.35) - 2.3, np.abs(y - 0.05) - 2.0), z - 2.6)
    among = np.flatnonzero(aside < np.minimum(best, 0.08))
    best = np.where(aside >= 0.08, np.minimum(best, aside), best)
    if among.size:
        gap, what = _things(x[among], y[among], z[among], best[among], kind[among])
        best[among], kind[among] = gap, what
    return best.astype(np.float32), kind


def _things(x: Array, y: Array, z: Array, best: Array, kind: Array) -> tuple[Array, Array]:
    """Distance and material after the things on the table: exact near each, a safe lower bound elsewhere."""
    for thing in solids():
        cx, cy, cz = thing.centre
        ball = np.sqrt((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2) - thing.radius
        near = np.flatnonzero(ball < np.minimum(best, 0.08))
        best = np.where(ball >= 0.08, np.minimum(best, ball), best)
        if near.size:
            exact = thing.distance(x[near], y[near], z[near])
            closer = exact < best[near]
            chosen = near[closer]
            best[chosen], kind[chosen] = exact[closer], thing.material
    return best, kind
