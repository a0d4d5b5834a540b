"""Light on the still life: one tall window to the left, followed by one diffuse and one mirror bounce."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.draw import table_paint, table_scene
from assets.draw.arrays import Array, dot, unit

WINDOW_X, WINDOW_Y, WINDOW_Z = -6.5, (-3.6, 1.2), (1.3, 6.0)
DAYLIGHT = np.array([17.0, 17.6, 18.6], np.float32)
ROOM = np.array([0.065, 0.055, 0.045], np.float32)
BLOCK = 1 << 15


@dataclass(frozen=True)
class Hits:
    """Where N rays ended: places N×3, normals N×3, materials N, and whether they hit anything at all."""

    place: Array
    normal: Array
    kind: Array
    struck: Array


def _march_block(origin: Array, way: Array, limit: Array, steps: int) -> tuple[Array, Array, Array]:
    t = np.full(len(origin), 0.01, np.float32)
    kind, struck = np.zeros(len(t), np.int8), np.zeros(len(t), bool)
    live = np.arange(len(t))
    for _ in range(steps):
        at = origin[live] + way[live] * t[live, None]
        gap, what = table_scene.scene(at[:, 0], at[:, 1], at[:, 2])
        hit = gap < 0.0012 * (1 + 0.2 * t[live])
        kind[live], struck[live] = what, hit
        t[live] += np.where(hit, 0, gap)
        live = live[~hit & (t[live] < limit[live])]
        if not live.size:
            break
    return t, kind, struck


def march(origin: Array, way: Array, limit: Array, steps: int = 90) -> tuple[Array, Array, Array]:
    """Distance travelled, material and success of N rays, each up to its limit."""
    parts = [
        _march_block(origin[s : s + BLOCK], way[s : s + BLOCK], limit[s : s + BLOCK], steps)
        for s in range(0, len(origin), BLOCK)
    ]
    t, kind, struck = (np.concatenate(column) for column in zip(*parts, strict=True))
    return t, kind, struck


def normals(place: Array) -> Array:
    """Return unit normals of the surfaces at these places: four distances around each."""
    out = np.zeros_like(place)
    for corner in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
        offset = np.array(corner, np.float32) * np.float32(0.003)
        for s in range(0, len(place), BLOCK):
            at = place[s : s + BLOCK] + offset
            gap, _ = table_scene.scene(at[:, 0], at[:, 1], at[:, 2])
            out[s : s + BLOCK] += gap[:, None] * offset
    return unit(out)


def bumped(kind: Array, place: Array, normal: Array) -> Array:
    """Return normals bent by the materials' relief."""
    e = np.float32(0.004)
    here = table_paint.relief(kind, place[:, 0], place[:, 1], place[:, 2])
    slope = np.zeros_like(place)
    for axis in range(3):
        step = place.copy()
        step[:, axis] += e
        slope[:, axis] = (table_paint.relief(kind, step[:, 0], step[:, 1], step[:, 2]) - here) / e
    slope -= normal * dot(slope, normal)[:, None]
    return unit(normal - slope)


def trace(origin: Array, way: Array, far: float = 30.0) -> Hits:
    """Follow N rays to the first surface."""
    t, kind, struck = march(origin, way, np.full(len(origin), far, np.float32))
    place = origin + way * t[:, None]
    return Hits(place, normals(place), kind, struck)


def window_glow(y: Array, z: Array, soft: Array | float) -> Array:
    """Share of daylight that the window lets through at (y, z) of its plane: two by three panes."""
    u = (y - WINDOW_Y[0]) / (WINDOW_Y[1] - WINDOW_Y[0])
    v = (z - WINDOW_Z[0]) / (WINDOW_Z[1] - WINDOW_Z[0])

    def panes(a: Array, count: int) -> Array:
        rim = np.abs((a * count) % 1.0 - 0.5)
        inside = (a > 0) & (a < 1)
        return np.asarray(np.clip((0.47 - rim) / (0.02 + np.asarray(soft) * count * 0.5) + 0.5, 0, 1) * inside)

    return panes(u, 2) * panes(v, 3)


def direct(place: Array, normal: Array, shift: Array, number: int) -> tuple[Array, Array]:
    """Daylight (N×3) that N places get from one point of the window each, and how much of it (N) arrives.

    The points of successive passes (`number`) fill the window evenly (additive recurrence), from each ray's own
    `shift` (2×N in 0…1) on.
    """
    count = len(place)
    u, v = (shift[0] + 0.7549 * number) % 1.0, (shift[1] + 0.5698 * number) % 1.0
    y = WINDOW_Y[0] + u * (WINDOW_Y[1] - WINDOW_Y[0])
    z = WINDOW_Z[0] + v * (WINDOW_Z[1] - WINDOW_Z[0])
    to = np.stack([np.full(count, WINDOW_X, np.float32), y, z], -1) - place
    distance = np.sqrt(dot(to, to))
    way = (to / distance[:, None]).astype(np.float32)
    area = (WINDOW_Y[1] - WINDOW_Y[0]) * (WINDOW_Z[1] - WINDOW_Z[0])
    strength = np.clip(dot(way, normal), 0, None) * np.clip(-way[:, 0], 0, None) * area / distance**2 / np.pi
    strength *= window_glow(y, z, 0.0)
    lit = np.flatnonzero(strength > 0)
    _, _, blocked = march(place[lit] + normal[lit] * 0.006, way[lit], np.full(lit.size, 5.5, np.float32), 60)
    arrives = np.ones(count, np.float32)
    arrives[lit] = 1.0 - blocked
    return strength[:, None] * DAYLIGHT, arrives


def around(normal: Array, rng: np.random.Generator) -> Array:
    """Random directions about the normals, by the cosine law."""
    ball = unit(rng.standard_normal(normal.shape, dtype=np.float32))
    return unit(normal + ball * 0.999)


def arriving(origin: Array, way: Array, rng: np.random.Generator, soft: Array | None) -> Array:
    """Light (N×3) along rays that left a surface: from other surfaces and, blurred by `soft`, from the window.

    Without `soft` the window is left out, for surfaces whose daylight is counted by `direct`.
    """
    hits = trace(origin, way, 14.0)
    light = np.broadcast_to(ROOM, origin.shape).copy()
    at = np.flatnonzero(hits.struck)
    lit, arrives = direct(hits.place[at], hits.normal[at], rng.random((2, at.size), dtype=np.float32), 0)
    light[at] = table_paint.plain(hits.kind[at]) * (lit * arrives[:, None] + ROOM * 1.5)
    if soft is None:
        return light
    past = np.flatnonzero(~hits.struck & (way[:, 0] < -1e-3))
    reach = (WINDOW_X - origin[past, 0]) / way[past, 0]
    y, z = origin[past, 1] + way[past, 1] * reach, origin[past, 2] + way[past, 2] * reach
    light[past] += window_glow(y, z, soft[past])[:, None] * DAYLIGHT * 0.55
    return light
