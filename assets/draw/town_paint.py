"""What the town's faces show: plaster with windows and shutters, clay tiles, stone, smoke-stained chimneys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.draw import town_plan
from assets.draw.arrays import Array, mix, mix_colour, smoothstep
from assets.draw.noise import cells, fbm, hashed, noise

SEED = 2300

PLASTER = np.array(
    [
        [0.62, 0.54, 0.42],
        [0.66, 0.61, 0.52],
        [0.60, 0.44, 0.25],
        [0.56, 0.34, 0.20],
        [0.58, 0.36, 0.28],
        [0.68, 0.66, 0.60],
        [0.52, 0.47, 0.36],
        [0.62, 0.50, 0.30],
    ],
    np.float32,
)
SHUTTER = np.array(
    [[0.045, 0.10, 0.065], [0.09, 0.16, 0.20], [0.16, 0.075, 0.035], [0.30, 0.30, 0.27], [0.10, 0.13, 0.10]], np.float32
)


@dataclass(frozen=True)
class Spots:
    """N places on faces.

    Metres along u and v, the faces' widths and eaves, the houses' numbers, distance (m), and the sun's direction
    against the face (along u, along v, outwards).
    """

    u: Array
    v: Array
    width: Array
    eave: Array
    own: Array
    far: Array
    sun_u: Array
    sun_v: Array
    sun_n: Array


def _pick(table: Array, own: Array, salt: float) -> Array:
    return table[((own * salt) % 1.0 * len(table)).astype(np.int64)]


def plaster(s: Spots) -> Array:
    """Old limewash: blotched, streaked by rain, darker near the ground, stone showing where it fell off."""
    a, b = s.u + s.own * 91, s.v + s.own * 37
    colour = _pick(PLASTER, s.own, 7.31) * (0.86 + 0.25 * ((s.own * 57.7) % 1))[:, None]
    blotch = fbm(a * 0.5, b * 0.5, 6, SEED, 0.6)
    streak = fbm(a * 2.6, b * 0.16, 4, SEED + 10)
    foot = smoothstep(1.6, 0.0, s.v + 0.8 * blotch)
    top = smoothstep(1.4, 0.0, s.eave - s.v) * smoothstep(-0.2, 0.6, streak)
    colour = (
        colour
        * (1 + 0.22 * blotch + 0.12 * streak)[:, None]
        * mix(1.0, 0.55, np.maximum(foot * 0.8, 0.55 * top))[:, None]
    )
    bare = smoothstep(0.30, 0.42, fbm(a * 0.33 + 3, b * 0.33, 5, SEED + 20) - 0.25 + 0.35 * foot)
    near, next_, own = cells(a * 3.2, b * 4.2, SEED + 30)
    stone = mix_colour((0.20, 0.16, 0.12), (0.40, 0.33, 0.25), own) * smoothstep(0.0, 0.16, next_ - near)[:, None]
    return mix_colour(colour, stone, bare)


@dataclass(frozen=True)
class Opening:
    """Per place: metres from the middle of the nearest window, a number of its own, and whether there is one."""

    du: Array
    dv: Array
    own: Array
    real: Array


def windows(s: Spots) -> Opening:
    """Windows in regular rows on each storey of 3 m."""
    columns = np.maximum(1, np.floor((s.width - 0.6) / 2.5))
    step = s.width / columns
    column, storey = np.floor(s.u / step), np.floor((s.v - 0.15) / 3.0)
    du, dv = s.u - (column + 0.5) * step, s.v - 0.15 - storey * 3.0 - 1.72
    own = hashed(column + np.floor(s.own * 240), storey + np.floor(s.own * 97), SEED + 40)
    real = (storey >= 0) & (storey * 3.0 + 2.75 < s.eave) & (own > 0.10)
    return Opening(du, dv, own, real)


def _glass(s: Spots, w: Opening) -> Array:
    """Panes: dark rooms, pale curtains, a little of the sky."""
    curtain = smoothstep(0.30, 0.34, np.abs(w.du) + 0.1 * (w.own - 0.5)) * ((w.own * 31.7) % 1 > 0.4)
    room = mix_colour((0.012, 0.012, 0.014), (0.34, 0.32, 0.28), curtain * 0.55)
    sheen = (0.5 + 0.5 * w.dv) * (0.03 + 0.10 * ((w.own * 77.1) % 1))
    return room + sheen[:, None] * np.array([0.6, 0.8, 1.1], np.float32)


def _sun_in(s: Spots, w: Opening, half: tuple[float, float], depth: float) -> Array:
    """1 where the sun reaches into a recess of this depth and half size, 0 where its reveal shades it."""
    outward = np.maximum(s.sun_n, 0.05)
    across = np.abs(w.du + s.sun_u / outward * depth) < half[0]
    above = np.abs(w.dv + s.sun_v / outward * depth) < half[1]
    return np.asarray((across & above).astype(np.float32))


def wall(s: Spots) -> tuple[Array, Array]:
    """Reflectance (N×3) and share of sun let through by reveals (N) of a house's wall."""
    colour, w = plaster(s), windows(s)
    half_u, half_v = 0.46, 0.72
    door = w.real & (s.v < 3.0) & ((w.own * 13.7) % 1 < 0.30)
    low = np.where(door, -1.72, -half_v)
    inside = w.real & (np.abs(w.du) < half_u) & (w.dv < half_v) & (w.dv > low)
    edge = np.minimum(half_u - np.abs(w.du), np.minimum(half_v - w.dv, w.dv - low))
    framed = (edge < 0.065) | (np.abs(w.du) < 0.03) | (np.abs(w.dv - 0.2) < 0.025)
    fill = np.where(framed[:, None], np.array([0.48, 0.45, 0.40], np.float32), _glass(s, w))
    shade = _pick(SHUTTER, s.own, 3.17)
    slats = (0.75 + 0.25 * np.sin(w.dv * 75))[:, None]
    shut = (w.own * 5.3) % 1 < 0.22
    fill = np.where((door | (shut & ~framed))[:, None], shade * slats, fill)
    has = (s.own * 19.3) % 1 < 0.72
    wing = w.real & ~shut & ~door & has & (np.abs(w.dv) < half_v + 0.04) & (np.abs(np.abs(w.du) - 0.73) < 0.235)
    sill = w.real & ~door & (np.abs(w.du) < 0.62) & (np.abs(w.dv + half_v + 0.06) < 0.07)
    rim = w.real & ~has & (np.abs(w.du) < half_u + 0.16) & (w.dv < half_v + 0.18) & (w.dv > low)
    run = w.real & (np.abs(w.du) < 0.55) & (w.dv < -half_v) & (w.dv > -half_v - 1.0)
    dirt = run * smoothstep(-1.7, -0.75, w.dv) * smoothstep(-0.3, 0.4, noise(s.u * 7, s.v * 0.4, SEED + 50))
    colour = colour * (1 - 0.35 * dirt)[:, None]
    colour = np.where((rim | sill)[:, None], np.array([0.60, 0.57, 0.50], np.float32), colour)
    colour = np.where(wing[:, None], shade * slats * 1.15, colour)
    colour = np.where(inside[:, None], fill, colour)
    lit = np.where(inside & ~shut, _sun_in(s, w, (half_u, half_v), 0.16), 1.0)
    under = w.real & ~inside & (np.abs(w.du) < 0.66) & (w.dv < -half_v - 0.13) & (w.dv > -half_v - 0.24)
    return colour, np.where(under, 0.35, lit)


def roof(s: Spots) -> tuple[Array, Array]:
    """Barrel tiles in rows, each fired a little differently, with lichen and moss; the sun catches one flank."""
    wander = 0.05 * noise(s.u * 0.7, s.v * 0.7 + s.own * 50, SEED + 60)
    a, b = (s.u + wander) / 0.24, (s.v + wander) / 0.42
    tile = hashed(np.floor(a) + np.floor(s.own * 200), np.floor(b) + np.floor(s.own * 77), SEED + 61)
    clay = mix_colour((0.30, 0.115, 0.055), (0.46, 0.24, 0.13), tile)
    house = (0.72 + 0.5 * ((s.own * 43.3) % 1))[:, None] * np.array([1.0, 1.0, 1.0], np.float32)
    clay = clay * mix_colour(np.ones(3, np.float32), (0.85, 0.95, 1.0), (s.own * 11.3) % 1) * house
    stain = fbm(s.u * 0.6 + s.own * 70, s.v * 0.35, 6, SEED + 62, 0.6)
    clay = mix_colour(clay, (0.10, 0.085, 0.065), smoothstep(0.05, 0.75, stain + 0.15 * tile) * 0.75)
    lichen = smoothstep(0.45, 0.65, fbm(s.u * 3.1, s.v * 3.1 + s.own * 9, 4, SEED + 70) + 0.25 * tile - 0.1)
    clay = mix_colour(clay, (0.36, 0.31, 0.17), lichen * 0.55)
    clear = smoothstep(0.9, 0.25, s.far / 260)
    flank = np.sin(a * 2 * np.pi)
    lap = smoothstep(0.30, 0.0, b - np.floor(b))
    tilt = 1 + clear * (0.55 * flank * s.sun_u / np.maximum(np.abs(s.sun_n), 0.3)) - clear * 0.45 * lap
    groove = 1 - 0.5 * clear * smoothstep(0.5, 1.0, -np.cos(a * 2 * np.pi + 0.9))
    cap = smoothstep(0.22, 0.14, s.v)
    clay = mix_colour(clay, (0.42, 0.24, 0.15), cap * 0.7)
    rim = smoothstep(0.10, 0.05, s.eave - s.v)
    return clay * (groove * (1 - 0.6 * rim))[:, None], np.clip(tilt, 0.1, 2.0)


def stone(s: Spots) -> tuple[Array, Array]:
    """Ashlar in courses, weathered; round-headed openings in the belfry and small lights in the nave."""
    course = np.floor(s.v / 0.55)
    a = s.u / 1.05 + 0.5 * (course % 2)
    block = hashed(np.floor(a) + np.floor(s.own * 99), course, SEED + 80)
    joint = np.minimum(np.abs(a - np.round(a)) * 1.05, np.abs(s.v / 0.55 - np.round(s.v / 0.55)) * 0.55)
    weather = fbm(s.u * 0.35 + s.own * 10, s.v * 0.35, 6, SEED + 81, 0.6)
    streak = fbm(s.u * 1.7, s.v * 0.12, 4, SEED + 90)
    colour = mix_colour((0.40, 0.335, 0.25), (0.58, 0.50, 0.39), np.clip(0.5 * block + 0.4 + 0.5 * weather, 0, 1))
    colour = colour * (1 - 0.30 * smoothstep(0.1, 0.7, streak) - 0.25 * smoothstep(0.035, 0.0, joint))[:, None]
    belfry = np.abs(s.own - 0.52) < 0.004
    shaft = np.abs(s.own - 0.51) < 0.004
    du = np.where(belfry, np.abs(s.u - s.width / 2) - 1.15, np.where(shaft, s.u - s.width / 2, (s.u % 5.2) - 2.6))
    mid = np.where(belfry, 2.6, np.where(shaft, 16.0, s.eave * 0.62))
    half, tall = np.where(belfry, 0.75, np.where(shaft, 0.5, 0.7)), np.where(belfry, 1.5, np.where(shaft, 1.2, 1.6))
    dv = s.v - mid
    over = np.maximum(dv - tall, 0)
    hole = (np.hypot(np.where(over > 0, du, np.maximum(np.abs(du), 0)), over) < half) & (dv > -tall) & (s.eave > 4)
    moulding = (np.hypot(du, over) < half + 0.28) & (dv > -tall - 0.2) & (s.eave > 4) & ~hole
    colour = np.where(moulding[:, None], colour * 1.18, colour)
    return np.where(hole[:, None], np.array([0.018, 0.017, 0.018], np.float32), colour), np.ones(len(s.u), np.float32)


def chimney(s: Spots) -> tuple[Array, Array]:
    """Plastered brick, sooty at the top."""
    colour = _pick(PLASTER, s.own, 7.31) * 0.75
    soot = smoothstep(1.1, 0.0, s.eave - s.v) * 0.6 + 0.25 * fbm(s.u * 4 + s.own * 50, s.v * 3, 4, SEED + 95)
    return mix_colour(colour, (0.06, 0.05, 0.045), np.clip(soot, 0, 0.85)), np.ones(len(s.u), np.float32)


PAINTS = {
    town_plan.WALL: wall,
    town_plan.ROOF: roof,
    town_plan.STONE: stone,
    town_plan.CHIMNEY: chimney,
}


def pavement(x: Array, y: Array, z: Array) -> Array:
    """Reflectance (N×3) of streets, yards and gardens in the town, and of fields and woods on the hills."""
    town = smoothstep(420, 330, y)
    worn = fbm(x / 5, y / 5, 6, SEED + 100, 0.6)
    street = mix_colour((0.20, 0.175, 0.145), (0.36, 0.32, 0.27), np.clip(0.5 + 0.6 * worn, 0, 1))
    green = smoothstep(-0.1, 0.35, fbm(x / 22, y / 22, 3, SEED + 106))
    street = mix_colour(street, (0.06, 0.085, 0.025), green * 0.85)
    near, next_, own = cells(x / 190 + 0.3 * noise(x / 300, y / 300, SEED), y / 260, SEED + 110)
    fields = mix_colour((0.085, 0.12, 0.032), (0.34, 0.28, 0.13), smoothstep(0.30, 0.75, own))
    hedge = smoothstep(0.07, 0.02, next_ - near)
    wood = smoothstep(0.0, 0.14, fbm(x / 700, y / 700, 6, SEED + 115, 0.6) + 0.0008 * (z - 150))
    crowns = 0.7 + 0.6 * fbm(x / 14, y / 28, 4, SEED + 121)
    land = mix_colour(fields, (0.022, 0.040, 0.014), np.maximum(wood, hedge)) * crowns[:, None]
    return mix_colour(land, street, town)
