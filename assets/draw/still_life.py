"""A still life by a window: a glazed jug, apples, pears, lemons and grapes on linen, traced ray by ray."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from assets.draw import table_light, table_paint
from assets.draw.arrays import Array, dot, unit
from assets.draw.develop import add_bloom, grain, saturate, to_bytes, tone_curve, vignette

ASPECT = 4 / 3
EYE = np.array([0.35, -9.4, 3.3], np.float32)
AIM = np.array([-0.12, 0.0, 0.86], np.float32)
FOCAL = 1.72
FOCUS, APERTURE = 9.35, 0.055
PASSES = 4


def rays(width_px: int, height_px: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """One ray per pixel through a lens of APERTURE focused at FOCUS: origins and directions, each N×3."""
    ahead = unit(AIM - EYE)
    right = unit(np.cross(ahead, np.array([0, 0, 1], np.float32)))
    above = np.cross(right, ahead)
    row, column = np.mgrid[0:height_px, 0:width_px].astype(np.float32).reshape(2, -1)
    jitter = rng.random((2, row.size), dtype=np.float32)
    u = (column + jitter[0]) / width_px - 0.5
    v = (height_px / 2 - row - jitter[1]) / width_px
    way = ahead * FOCAL + u[:, None] * right + v[:, None] * above
    aim = EYE + way * (FOCUS / FOCAL)
    angle, reach = rng.random((2, row.size), dtype=np.float32)
    lens = APERTURE * np.sqrt(reach) * np.stack([np.cos(2 * np.pi * angle), np.sin(2 * np.pi * angle)])
    origin = EYE + lens[0][:, None] * right + lens[1][:, None] * above
    return origin.astype(np.float32), unit(aim - origin).astype(np.float32)


@dataclass
class Layers:
    """One pass, or the mean over the passes, H×W×3 each.

    Daylight with nothing in its way, the same with shadows, light bounced off other things, reflectance, mirrored
    light, normals and places.
    """

    open_light: Array
    daylight: Array
    bounced: Array
    colour: Array
    mirrored: Array
    normal: Array
    place: Array


def one_pass(width_px: int, height_px: int, number: int) -> Layers:
    """Layers of one ray per pixel."""
    rng = np.random.default_rng([1300, number])
    origin, way = rays(width_px, height_px, rng)
    hits = table_light.trace(origin, way)
    place, kind = hits.place, hits.kind
    normal = table_light.bumped(kind, place, hits.normal)
    above = place + hits.normal * 0.008
    shift = np.random.default_rng(1301).random((2, len(place)), dtype=np.float32)
    open_light, arrives = table_light.direct(above, normal, shift, number)
    bounced = table_light.arriving(above, table_light.around(normal, rng), rng, None)
    colour = table_paint.colours(kind, place[:, 0], place[:, 1], place[:, 2])
    mirrored = _mirrored(above, way, normal, kind, rng)
    parts = (open_light, open_light * arrives[:, None], bounced, colour, mirrored, hits.normal, place)
    return Layers(*(part.reshape(height_px, width_px, 3) for part in parts))


def smoothed(light: Array, normal: Array, place: Array, rounds: int = 4) -> Array:
    """Average noisy light (H×W×C) over neighbours on the same surface.

    An à-trous filter guided by normals and places (H×W×3).
    """
    spacing = np.float32(5.4 / light.shape[1])
    for reach in 2 ** np.arange(rounds):
        total, weight = light.copy(), np.ones((*light.shape[:2], 1), np.float32)
        for i, j in ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            shift = (i * reach, j * reach)
            turned = ((np.roll(normal, shift, (0, 1)) - normal) ** 2).sum(-1, keepdims=True)
            apart = ((np.roll(place, shift, (0, 1)) - place) ** 2).sum(-1, keepdims=True) / (3 * reach * spacing) ** 2
            share = np.exp(-12 * turned - apart) * (0.6 if i and j else 0.85)
            total += share * np.roll(light, shift, (0, 1))
            weight += share
        light = total / weight
    return np.asarray(light)


def _mirrored(place: Array, way: Array, normal: Array, kind: Array, rng: np.random.Generator) -> Array:
    """Return what the glossy surfaces mirror, weighted by Fresnel's law (Schlick's approximation)."""
    out = np.zeros_like(place)
    gloss = table_paint.GLOSS[kind.astype(np.int64)]
    at = np.flatnonzero(gloss > 0.05)
    facing = np.clip(-dot(way[at], normal[at]), 0, 1)
    rough = table_paint.ROUGH[kind[at].astype(np.int64)]
    mirror = way[at] + 2 * facing[:, None] * normal[at]
    spread = unit(mirror + rough[:, None] * rng.standard_normal(mirror.shape, dtype=np.float32) * 0.6)
    share = (0.04 + 0.96 * (1 - facing) ** 5) * gloss[at]
    seen = table_light.arriving(place[at], spread.astype(np.float32), rng, rough * 0.1)
    out[at] = share[:, None] * np.minimum(seen, 12.0)
    return out


def draw(short_side_px: int) -> Array:
    """Return the picture, S×(4/3·S)×3 uint8."""
    height_px, width_px = short_side_px, round(short_side_px * ASPECT)
    passes = [one_pass(width_px, height_px, number) for number in range(PASSES)]

    mean = Layers(*(sum(getattr(p, f.name) for p in passes) / np.float32(PASSES) for f in fields(Layers)))
    noisy = np.concatenate([mean.open_light[..., :1], mean.daylight[..., :1], mean.bounced], -1)
    calm = smoothed(noisy, mean.normal, mean.place)
    shadow = calm[..., 1:2] / np.maximum(calm[..., :1], 1e-4)
    light = (mean.open_light * shadow + calm[..., 2:]) * mean.colour + mean.mirrored
    shown = tone_curve(add_bloom(light, 0.04), 1.25, 0.35)
    return to_bytes(grain(vignette(saturate(shown, 1.04), 0.22), 0.008, 6))
