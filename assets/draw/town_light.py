"""Light in the town: a shadow map seen from the sun, and how much sky each place sees over the roofs around."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assets.draw import town_plan
from assets.draw.arrays import Array, sample_bilinear, unit
from assets.draw.rasters import draw_faces
from assets.draw.skies import SUN

SIDE = unit(np.cross(SUN, np.array([0, 0, 1], np.float32)))
RISE = np.cross(SIDE, SUN)
CENTRE = np.array([0.0, 210.0, 10.0], np.float32)
REACH, TEXELS = 215.0, 2600
CELL, CELLS = 0.6, 720


@dataclass(frozen=True)
class ShadowMap:
    """Height of the nearest thing towards the sun, TEXELS×TEXELS, by place in the plane across the sun's rays."""

    towards: Array

    def lit(self, place: Array, normal: Array, softness: float = 0.13) -> Array:
        """Share of the sun (0…1) at N places with their normals: nine looks around each."""
        away = place + normal * 0.12 - CENTRE
        column = (away @ SIDE / REACH + 1) * TEXELS / 2 - 0.5
        row = (away @ RISE / REACH + 1) * TEXELS / 2 - 0.5
        depth = away @ SUN + REACH * 2
        step = softness / (2 * REACH) * TEXELS
        total = np.zeros(len(place), np.float32)
        for i in (-1, 0, 1):
            for j in (-1, 0, 1):
                r = np.clip(np.round(row + i * step), 0, TEXELS - 1).astype(np.int64)
                c = np.clip(np.round(column + j * step), 0, TEXELS - 1).astype(np.int64)
                total += self.towards[r, c] < depth + 0.35
        return total / 9


def _on_map(points: Array) -> tuple[Array, Array]:
    away = points - CENTRE
    where = np.stack([away @ SIDE, away @ RISE], -1)
    return (where / REACH + 1) * TEXELS / 2, away @ SUN + REACH * 2


@lru_cache(maxsize=1)
def shadow_map() -> ShadowMap:
    """Return the town's shadow map, without its trees."""
    faces, _ = town_plan.plan()
    placed = [_on_map(face.corners) for face in faces]
    _, towards = draw_faces([p[0] for p in placed], [p[1] for p in placed], (TEXELS, TEXELS))
    return ShadowMap(towards)


def add_shade(shadows: ShadowMap, places: Array, size: Array) -> None:
    """Let small things (N×3 places, sizes in m) cast shadows too, in place."""
    where, depth = _on_map(places)
    reach = np.maximum(1, np.round(size / (2 * REACH) * TEXELS)).astype(np.int64)
    column, row = where[:, 0].astype(np.int64), where[:, 1].astype(np.int64)
    for i in range(-2, 3):
        for j in range(-2, 3):
            r, c = row + i, column + j
            ok = (np.maximum(abs(i), abs(j)) <= reach) & (r >= 0) & (c >= 0) & (r < TEXELS) & (c < TEXELS)
            np.maximum.at(shadows.towards.reshape(-1), r[ok] * TEXELS + c[ok], depth[ok].astype(np.float32))


@lru_cache(maxsize=1)
def roofscape() -> Array:
    """Height of whatever is on top, CELLS×CELLS cells of CELL m, from x = -216, y = 0 on."""
    y, x = np.mgrid[0:CELLS, 0:CELLS].astype(np.float32) * np.float32(CELL)
    base = town_plan.ground(x - 216, y)
    faces, _ = town_plan.plan()
    flat = [(f.corners[:, :2] + np.array([216.0, 0.0])) / CELL for f in faces]
    _, top = draw_faces(flat, [f.corners[:, 2] + 100.0 for f in faces], (CELLS, CELLS))
    return np.maximum(base, top - 100.0)


def sky_share(place: Array, normal: Array) -> Array:
    """Share of the sky (0…1) that N places see, from the horizon in ten directions."""
    tops, total = roofscape(), np.zeros(len(place), np.float32)
    start = place + normal * 0.5
    weights = 1e-6
    for angle in np.arange(10) * 2 * np.pi / 10 + 0.2:
        way = np.array([np.cos(angle), np.sin(angle)], np.float32)
        facing = 0.5 * normal[:, 2] + 0.5 + 0.5 * (normal[:, :2] @ way) * (1 - np.abs(normal[:, 2]))
        horizon = np.zeros(len(place), np.float32)
        for reach in (0.6, 1.3, 2.6, 5.0, 9.0, 16.0):
            top = sample_bilinear(
                tops, (start[:, 1] + way[1] * reach) / CELL, (start[:, 0] + way[0] * reach + 216) / CELL
            )
            horizon = np.maximum(horizon, (top - start[:, 2]) / reach)
        total += np.clip(facing, 0, 1) * (1 - horizon / np.sqrt(1 + horizon**2))
        weights += 1.0
    return np.asarray(np.clip(total / weights, 0.0, 1.0))
