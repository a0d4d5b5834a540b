"""An old town under a church in the evening sun: tiled roofs, shuttered walls, trees, hazy hills."""

from __future__ import annotations

import numpy as np

from assets.draw import skies, town_light, town_paint, town_plan, town_trees
from assets.draw.arrays import Array, dot, in_blocks, unit
from assets.draw.columns import Camera, Field, distances, first_hits
from assets.draw.develop import add_bloom, grain, saturate, shrink, to_bytes, tone_curve, vignette
from assets.draw.lake_trees import seen
from assets.draw.rasters import draw_faces
from assets.draw.splats import draw_points

EYE = 33.0
CAMERA = Camera(height=EYE, focal=1.22, horizon=0.30)
ASPECT = 4 / 3
BOUNCE = np.array([0.34, 0.24, 0.15], np.float32)


def _lit(colour: Array, place: Array, normal: Array, sun_share: Array, in_town: Array) -> Array:
    """Light (N×3) of surfaces with these reflectances under sun, sky and the glow of sunlit neighbours."""
    facing = np.clip(normal @ skies.SUN, 0, 1) * sun_share
    open_sky = 0.5 + 0.5 * normal[:, 2]
    shaded = np.flatnonzero(in_town)
    facing[shaded] *= town_light.shadow_map().lit(place[shaded], normal[shaded])
    open_sky[shaded] = town_light.sky_share(place[shaded], normal[shaded])
    glow = BOUNCE * (1 - 0.6 * open_sky)[:, None] * (0.35 + 0.4 * open_sky)[:, None] * 1.5
    return np.asarray(colour * (facing[:, None] * skies.SUNLIGHT + open_sky[:, None] * skies.SKYLIGHT * 0.95 + glow))


def _country(width_px: int, rises: Array) -> tuple[Array, Array]:
    """Light and distance of ground, hills and sky, without the town's buildings."""
    slope = CAMERA.slopes(width_px)
    y = distances(28, 26000, int(np.clip(width_px * 1.1, 400, 2200)))
    far = np.broadcast_to(y[:, None], (len(y), width_px))
    x = far * slope[None, :]
    field = Field(y, slope, in_blocks(town_plan.ground, x, far))
    index = first_hits(field, EYE, rises)
    hit = index < len(y) - 1
    index = np.minimum(index, len(y) - 1.01)
    depth = field.at(index, far)
    z, normal = field.at(index, field.z)[hit], unit(field.at(index, field.normals()))[hit]
    place = np.stack([(depth * slope)[hit], depth[hit], z], -1)
    light = skies.sky(slope, rises, (14000.0, -2000.0))
    colour = town_paint.pavement(place[:, 0], place[:, 1], z)
    land = _lit(colour, place, normal, np.ones_like(z), place[:, 1] < 415)
    light[hit] = skies.haze(land, place[:, 1], z, place[:, 0] / place[:, 1])
    return light, np.where(hit, depth, np.float32(1e6)).astype(np.float32)


def _projected(corners: Array, width_px: int, height_px: int) -> tuple[Array, Array]:
    scale = CAMERA.focal * width_px
    column = corners[:, 0] / corners[:, 1] * scale + width_px / 2
    row = CAMERA.horizon * height_px - (corners[:, 2] - EYE) / corners[:, 1] * scale
    return np.stack([column, row], -1), 1 / corners[:, 1]


def _spots(number: Array, place: Array, normals: Array) -> town_paint.Spots:
    """Where these places lie on their faces."""
    faces, _ = town_plan.plan()
    table = {
        name: np.array([getattr(f, name) for f in faces], np.float32)
        for name in ("origin", "u", "v", "own", "width", "eave")
    }
    away = place - table["origin"][number]
    u, v, normal = table["u"][number], table["v"][number], normals[number]
    return town_paint.Spots(
        dot(away, u),
        dot(away, v),
        table["width"][number],
        table["eave"][number],
        table["own"][number],
        place[:, 1],
        u @ skies.SUN,
        v @ skies.SUN,
        normal @ skies.SUN,
    )


def _outward(faces: tuple[town_plan.Face, ...]) -> Array:
    """Return unit normals of the faces, turned towards the eye or upwards."""
    normal = unit(np.array([np.cross(f.u, f.v) for f in faces], np.float32))
    middle = np.array([f.corners.mean(0) for f in faces], np.float32) - np.array([0, 0, EYE], np.float32)
    return np.asarray(normal * np.where(dot(normal, middle) > 0, -1, 1)[:, None])


def _buildings(light: Array, depth: Array, rises: Array) -> None:
    """Draw the town's buildings over the country, in place."""
    faces, _ = town_plan.plan()
    height_px, width_px = depth.shape
    placed = [_projected(f.corners, width_px, height_px) for f in faces]
    index, near = draw_faces([p[0] for p in placed], [p[1] for p in placed], depth.shape)
    shown = (index >= 0) & (near * depth > 1)
    number, y = index[shown], 1 / near[shown]
    slope = np.broadcast_to(CAMERA.slopes(width_px), depth.shape)[shown]
    rise = np.broadcast_to(rises[:, None], depth.shape)[shown]
    place = np.stack([slope * y, y, EYE + rise * y], -1)
    normals = _outward(faces)
    kinds = np.array([f.kind for f in faces])[number]
    colour, sun = np.zeros((len(y), 3), np.float32), np.ones(len(y), np.float32)
    for kind, paint in town_paint.PAINTS.items():
        at = np.flatnonzero(kinds == kind)
        colour[at], sun[at] = paint(_spots(number[at], place[at], normals))
    lit = _lit(colour, place, normals[number], sun, y < 415)
    light[shown] = skies.haze(lit, y * 2.2, place[:, 2], slope)
    depth[shown] = y


def draw(short_side_px: int) -> Array:
    """Return the view, S×(4/3·S)×3 uint8."""
    height_px, width_px = short_side_px * 2, round(short_side_px * ASPECT) * 2
    rises = CAMERA.rises(width_px, height_px)
    tufts = town_trees.trees()
    town_light.add_shade(town_light.shadow_map(), np.stack([tufts.x, tufts.y, tufts.z], -1), tufts.size)
    light, depth = _country(width_px, rises)
    _buildings(light, depth, rises)
    draw_points(light, depth, seen(tufts, CAMERA, EYE, width_px, height_px))
    shown = tone_curve(add_bloom(shrink(light, 2), 0.05), 1.12, 0.5)
    return to_bytes(grain(vignette(saturate(shown, 1.05), 0.2), 0.009, 7))
