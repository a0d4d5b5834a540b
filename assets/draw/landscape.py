"""A mountain lake in the evening: snow peaks over wooded hills, conifers on the spits, stones in clear water."""

from __future__ import annotations

import numpy as np

from assets.draw import lake_land, lake_trees, lake_water, skies
from assets.draw.arrays import Array, in_blocks, sample_bilinear
from assets.draw.columns import Camera, Field, distances, first_hits
from assets.draw.develop import add_bloom, grain, saturate, shrink, to_bytes, tone_curve, vignette
from assets.draw.splats import draw_points

CAMERA = Camera(height=3.1, focal=0.90, horizon=0.52)
ASPECT = 4 / 3


def _field(width_px: int) -> Field:
    y = distances(3.2, 26000, int(np.clip(width_px * 1.6, 500, 3000)))
    slope = CAMERA.slopes(width_px)
    x = y[:, None] * slope[None, :]
    far = np.broadcast_to(y[:, None], x.shape)
    z = in_blocks(lake_land.height, x, far)
    woods = far > 1500
    z[woods] += lake_land.canopy(x[woods], far[woods], z[woods])
    return Field(y, slope, z)


def _shadow_map() -> tuple[Array, float]:
    """Coarse heights over the whole country, and the metres per cell."""
    cell = 24.0
    y, x = np.mgrid[0:620, 0:1000].astype(np.float32) * np.float32(cell)
    return lake_land.height(x - 12000, y), cell


def _shore_map() -> tuple[Array, float]:
    """Fine heights of the stony shore in front of the eye, and the metres per cell."""
    cell = 0.03
    y, x = np.mgrid[0:740, 0:900].astype(np.float32) * np.float32(cell)
    return lake_land.height(x - 13.5, y), cell


def _in_sun_on_shore(x: Array, y: Array, z: Array) -> Array:
    """Share of the sun seen from N places between the stones."""
    table, cell = _shore_map()
    open_share = np.ones_like(x)
    for step in np.geomspace(0.05, 2.2, 18):
        ground = sample_bilinear(table, (y + skies.SUN[1] * step) / cell, (x + skies.SUN[0] * step + 13.5) / cell)
        clearance = (z + 0.015 + skies.SUN[2] * step - ground) / (0.08 * step + 0.01)
        open_share = np.minimum(open_share, np.clip(clearance + 0.5, 0, 1))
    return np.asarray(open_share)


def _sunlit(x: Array, y: Array, z: Array, table: Array, cell: float) -> Array:
    """Share of the sun seen from each place: 1 in the open, 0 behind a ridge."""
    open_share = np.ones_like(x)
    for step in np.geomspace(40, 5200, 26):
        ground = sample_bilinear(table, (y + skies.SUN[1] * step) / cell, (x + skies.SUN[0] * step + 12000) / cell)
        clearance = (z + 6 + skies.SUN[2] * step - ground) / (0.03 * step)
        open_share = np.minimum(open_share, np.clip(clearance + 0.5, 0, 1))
    return np.asarray(open_share)


def _lit_land(field: Field, index: Array, normals: Array, table: tuple[Array, float]) -> tuple[Array, Array]:
    """Light (H×W×3) of the land seen at these indices, and its height (H×W)."""
    y = field.at(index, np.broadcast_to(field.y[:, None], field.z.shape))
    z = field.at(index, field.z)
    x = y * field.slope[None, :]
    normal = field.at(index, normals)
    colour = np.empty((*index.shape, 3), np.float32)
    close = y < 45
    colour[~close] = lake_land.land_colour(x[~close], y[~close], z[~close], normal[~close])
    colour[close] = lake_land.shore_colour(x[close], y[close], z[close], normal[close])
    sun = np.clip(normal @ skies.SUN, 0, 1) * np.where(close, 1, _sunlit(x, y, z, *table))
    shore = (y < 21) & (np.abs(x) < 13)
    sun[shore] *= _in_sun_on_shore(x[shore], y[shore], z[shore])
    sky = (0.5 + 0.5 * normal[..., 2]) * np.clip(0.55 + 0.6 * normal[..., 2], 0.3, 1)
    light = colour * (sun[..., None] * skies.SUNLIGHT + sky[..., None] * skies.SKYLIGHT * 0.8)
    return skies.haze(light, y, z, np.broadcast_to(field.slope, y.shape)), z


def _view(
    field: Field, normals: Array, eye: float, rises: Array, table: tuple[Array, float]
) -> tuple[Array, Array, Array]:
    """Light, distance and height of what an eye sees; sky where there is no land."""
    index = first_hits(field, eye, rises)
    light = skies.sky(field.slope, np.abs(rises))
    hit = index < len(field.y) - 1
    land, z = _lit_land(field, np.minimum(index, len(field.y) - 1.01), normals, table)
    light = np.where(hit[..., None], land, light)
    y = field.at(np.minimum(index, len(field.y) - 1.01), np.broadcast_to(field.y[:, None], field.z.shape))
    return light, np.where(hit, y, np.float32(1e6)), np.where(hit, z, np.float32(1e4))


def _scene(width_px: int, height_px: int) -> Array:
    """Linear light of the whole view, H×W×3."""
    field, table = _field(width_px), _shadow_map()
    normals, tufts = field.normals(), lake_trees.forest()
    dry = Field(field.y, field.slope, np.maximum(field.z, 0))
    ashore = Field(
        field.y, field.slope, np.where((field.z > 0.01) & (field.y[:, None] > 40), field.z, np.float32(-2e3))
    )
    rises = CAMERA.rises(width_px, height_px)
    step = rises[0] - rises[1]
    upper = np.arange(int(0.42 / step), -int(0.01 / step) - 2, -1, dtype=np.float32) * step
    light, depth, _ = _view(ashore, normals, -CAMERA.height, upper, table)
    mirror_camera = Camera(0, CAMERA.focal, (upper[0] / step + 0.5) / len(upper))
    draw_points(light, depth, lake_trees.seen(tufts, mirror_camera, -CAMERA.height, width_px, len(upper)))
    mirror = lake_water.Mirror(light, upper)
    light, depth, z = _view(dry, normals, CAMERA.height, rises, table)
    wet = (z <= 0.004) & (depth < 1e5)
    slopes = np.broadcast_to(field.slope, wet.shape)
    rows = np.broadcast_to(rises[:, None], wet.shape)
    bed = _bed(field, normals, slopes[wet], rows[wet])
    light[wet] = lake_water.surface(slopes[wet], rows[wet], mirror, bed, CAMERA)
    misty = np.where(wet, -CAMERA.height / np.minimum(rows, -1e-5), 0)
    light = skies.haze(light, np.clip(misty, 0, 2500) * wet, np.zeros_like(misty), slopes)
    draw_points(light, depth, lake_trees.seen(tufts, CAMERA, CAMERA.height, width_px, height_px))
    return light


def _bed(field: Field, normals: Array, slope: Array, rise: Array) -> Array:
    """Light of the lake's bed for lines of sight into the water (N), refracted down."""
    y = np.minimum(-CAMERA.height / np.minimum(rise, -1e-4), 400)
    depth = np.clip(-lake_land.height(y * slope, y), 0.02, 12)
    reach = depth * 0.75
    bx, by = y * slope + reach * slope, y + reach
    e = np.float32(0.03)
    ground = lake_land.height(bx, by)
    depth = np.clip(-ground, 0.0, 12)
    dx, dy = (lake_land.height(bx + e, by) - ground) / e, (lake_land.height(bx, by + e) - ground) / e
    normal = np.stack([-dx, -dy, np.ones_like(dx)], -1) / np.sqrt(1 + dx * dx + dy * dy)[:, None]
    colour = lake_land.shore_colour(bx, by, np.zeros_like(by) + 0.02, normal)
    lit = np.clip(normal @ skies.SUN, 0, 1)[:, None] * skies.SUNLIGHT + skies.SKYLIGHT * 0.6
    return lake_water.through_water(colour * lit, depth, bx, by)


def draw(short_side_px: int) -> Array:
    """Return the view, S×(4/3·S)×3 uint8."""
    height_px, width_px = short_side_px * 2, round(short_side_px * ASPECT) * 2
    light = shrink(_scene(width_px, height_px), 2)
    shown = tone_curve(add_bloom(light, 0.05), 1.25, 0.6)
    shown = vignette(saturate(shown, 1.05), 0.20)
    return to_bytes(grain(shown, 0.009, 5))
