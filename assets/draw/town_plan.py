"""The old town's plan: where the houses and the church stand, and the flat faces they are made of (m)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assets.draw.arrays import Array, smoothstep
from assets.draw.noise import fbm, noise

SEED = 2000
WALL, ROOF, STONE, CHIMNEY, SLATE = range(5)
CHURCH = (14.0, 178.0)


@dataclass(frozen=True)
class Face:
    """A flat convex face: corners K×3, an origin with unit axes u and v on it, and what it shows.

    `own` is the house's number in 0…1; `width` is the extent along u, `eave` the wall's height (or the roof's slope).
    """

    corners: Array
    origin: Array
    u: Array
    v: Array
    kind: int
    own: float
    width: float
    eave: float


def ground(x: Array, y: Array) -> Array:
    """Height of the ground: the town lies on a slope that rises to the church, hills beyond."""
    knoll = 17 * np.exp(-(((x - CHURCH[0]) / 75) ** 2) - ((y - CHURCH[1]) / 85) ** 2)
    near = 2.5 * noise(x / 60, y / 60, SEED) + 0.028 * np.clip(y - 40, 0, 300)
    away = smoothstep(420, 3000, y + 0.2 * np.abs(x))
    hills = 0.5 + 0.5 * fbm(x / 1900, y / 1900, 8, SEED + 1, 0.47)
    range_far = smoothstep(3000, 9000, y) * (0.4 + 0.6 * fbm(x / 4200 + 5, y / 4200, 7, SEED + 20, 0.46))
    return np.asarray(near + knoll + away * (330 * hills - 60) + 620 * np.clip(range_far, -0.1, 2), np.float32)


def foot_at(x: float, y: float) -> Array:
    """Return the point of the ground at (x, y)."""
    return np.array([x, y, ground(np.array([x], np.float32), np.array([y], np.float32))[0]])


def _frame(heading: float) -> tuple[Array, Array, Array]:
    along = np.array([np.cos(heading), np.sin(heading), 0.0])
    across = np.array([-np.sin(heading), np.cos(heading), 0.0])
    return along, across, np.array([0.0, 0.0, 1.0])


def _wall(foot: Array, u: Array, corners: list[tuple[float, float]], kind: int, own: float, eave: float) -> Face:
    up = np.array([0.0, 0.0, 1.0])
    points = np.stack([foot + u * a + up * b for a, b in corners])
    return Face(points, foot, u, up, kind, own, max(a for a, _ in corners), eave)


@dataclass(frozen=True)
class Block:
    """A gabled building: middle of its foot, half length along the ridge, half width, heights, heading."""

    foot: Array
    length: float
    width: float
    eave: float
    pitch: float
    heading: float
    own: float
    wall: int = WALL
    roof: int = ROOF


def gabled(block: Block, overhang: float = 0.42) -> list[Face]:
    """Return the four walls and two roof slopes of a gabled building."""
    along, across, up = _frame(block.heading)
    ridge = block.eave + block.width * block.pitch
    faces = []
    for sign in (-1.0, 1.0):
        u, foot = along * -sign, block.foot + across * block.width * sign + along * block.length * sign
        box = [(0.0, -4.0), (2 * block.length, -4.0), (2 * block.length, block.eave), (0.0, block.eave)]
        faces.append(_wall(foot, u, box, block.wall, block.own, block.eave))
        u, foot = across * sign, block.foot + along * block.length * sign - across * block.width * sign
        gable = [
            (0.0, -4.0),
            (2 * block.width, -4.0),
            (2 * block.width, block.eave),
            (block.width, ridge),
            (0.0, block.eave),
        ]
        faces.append(_wall(foot, u, gable, block.wall, block.own, block.eave))
        fall = (across * sign - up * block.pitch) / np.hypot(1, block.pitch)
        run = (block.width + overhang) * np.hypot(1, block.pitch)
        start = block.foot + up * (ridge + 0.12) - along * (block.length + 0.3)
        reach = 2 * block.length + 0.6
        points = np.stack([start, start + along * reach, start + along * reach + fall * run, start + fall * run])
        faces.append(Face(points, start, along, fall, block.roof, block.own, reach, run))
    return faces


def box(foot: Array, half: tuple[float, float], tall: float, heading: float, kind: int, own: float) -> list[Face]:
    """Return an upright box: four walls and a flat top."""
    along, across, up = _frame(heading)
    faces = []
    for u, n, a, b in (
        (along, -across, *half),
        (-along, across, *half),
        (across, along, *half[::-1]),
        (-across, -along, *half[::-1]),
    ):
        start = foot - u * a + n * b
        faces.append(_wall(start, u, [(0, 0), (2 * a, 0), (2 * a, tall), (0, tall)], kind, own, tall))
    corner = foot + up * tall - along * half[0] - across * half[1]
    points = np.stack(
        [
            corner,
            corner + along * 2 * half[0],
            corner + along * 2 * half[0] + across * 2 * half[1],
            corner + across * 2 * half[1],
        ]
    )
    return [*faces, Face(points, corner, along, across, kind, own, 2 * half[0], 0.0)]


def _spire(foot: Array, half: float, tall: float, heading: float, own: float) -> list[Face]:
    along, across, up = _frame(heading)
    top, faces = foot + up * tall, []
    for u, n in ((along, -across), (-along, across), (across, along), (-across, -along)):
        a, b = foot - u * half + n * half, foot + u * half + n * half
        middle = foot + n * half - top
        faces.append(Face(np.stack([top, b, a]), top, u, middle / np.linalg.norm(middle), ROOF, own, half * 2, tall))
    return faces


def _church() -> list[Face]:
    x, y = CHURCH
    foot = foot_at(x, y)
    heading = 0.32
    along, across, up = _frame(heading)
    nave = Block(foot + along * 15, 17.0, 6.6, 13.0, 0.62, heading, 0.37, STONE)
    aisle = Block(foot + along * 15 - across * 7.5, 15.0, 3.4, 7.0, 0.5, heading, 0.37, STONE)
    choir = Block(foot + along * 33, 6.0, 4.6, 10.0, 0.6, heading, 0.37, STONE)
    tower = foot - along * 4
    parts = [*gabled(nave), *gabled(aisle), *gabled(choir)]
    parts += box(tower - up * 3, (4.0, 4.0), 28.0, heading, STONE, 0.51)
    parts += box(tower + up * 25, (4.35, 4.35), 0.7, heading, STONE, 0.11)
    parts += box(tower + up * 25.7, (3.3, 3.3), 6.0, heading, STONE, 0.52)
    parts += box(tower + up * 31.7, (3.6, 3.6), 0.5, heading, STONE, 0.11)
    return parts + _spire(tower + up * 32.2, 3.5, 8.5, heading, 0.2)


def _house(rng: np.random.Generator, x: float, y: float, heading: float) -> list[Face]:
    foot = foot_at(x, y)
    if rng.random() < 0.35:
        heading += np.pi / 2
    own = float(rng.random())
    block = Block(
        foot,
        rng.uniform(4.4, 6.9),
        rng.uniform(3.5, 4.9),
        float(rng.choice([6.4, 6.4, 9.4, 9.4, 12.4])) + rng.uniform(-0.4, 0.4),
        rng.uniform(0.42, 0.58),
        heading + rng.normal(0, 0.03),
        own,
    )
    faces = gabled(block)
    along, across, up = _frame(block.heading)
    for _ in range(int(rng.integers(1, 4))):
        at, side = rng.uniform(-0.8, 0.8) * block.length, rng.uniform(-0.6, 0.6) * block.width
        roof = block.eave + (block.width - abs(side)) * block.pitch
        place = foot + along * at + across * side + up * (roof - 0.5)
        half = (rng.uniform(0.28, 0.5), rng.uniform(0.25, 0.34))
        tall = 0.5 + rng.uniform(0.9, 1.7)
        faces += box(place, half, tall, block.heading, CHIMNEY, own)
        faces += box(place + up * tall, (half[0] + 0.08, half[1] + 0.08), 0.14, block.heading, CHIMNEY, 0.02)
    return faces


def heading_at(x: float, y: float) -> float:
    """Direction of the streets at a place."""
    return 0.75 * float(noise(np.array([x / 120]), np.array([y / 120]), SEED + 40)[0]) + 0.14


@lru_cache(maxsize=1)
def plan() -> tuple[tuple[Face, ...], Array]:
    """All the faces of the town, and the houses' places (N×2)."""
    rng = np.random.default_rng(SEED)
    faces, places = _church(), []
    for j in range(34):
        for i in range(-22, 23):
            street = 4.5 * (j // 2) + 1.0 * (i % 5 == 0)
            x = i * 12.2 + rng.uniform(-0.8, 0.8) + 5.5 * np.floor(i / 4) + 5 * np.sin(j * 0.6)
            y = 40 + j * 9.6 + street + rng.uniform(-0.8, 0.8) + 0.10 * x
            church = np.hypot((x - CHURCH[0] - 12) / 30, (y - CHURCH[1] + 2) / 21)
            sparse = rng.random() < 0.05 + 0.5 * np.clip((y + abs(x) * 0.4 - 270) / 140, 0, 1)
            if abs(x) > 0.46 * y + 16 or church < 1 or sparse:
                continue
            faces += _house(rng, float(x), float(y), heading_at(float(x), float(y)))
            places.append((x, y))
    return tuple(faces), np.array(places, np.float32)
