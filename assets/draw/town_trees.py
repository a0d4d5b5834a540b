"""Trees of the town: round crowns in yards and streets, dark cypresses by the church, made of leaf tufts."""

from __future__ import annotations

import numpy as np

from assets.draw import town_plan
from assets.draw.arrays import Array, mix_colour, unit
from assets.draw.lake_trees import Tufts, join
from assets.draw.skies import SKYLIGHT, SUN, SUNLIGHT

SEED = 2600


def _lit(rng: np.random.Generator, out: Array, inner: Array, low: Array, high: Array) -> Array:
    """Light of leaves that face `out` (N×3), deep inside the crown where `inner` is small."""
    count = len(out)
    sun = np.clip(0.25 + 0.85 * (out @ SUN), 0.02, 1.1) * inner**1.5 * (0.6 + 0.8 * rng.random(count))
    shade = (0.35 + 0.65 * inner) * (0.55 + 0.45 * out[:, 2])
    leaf = mix_colour(low, high, rng.random(count) * 0.8 + 0.2 * inner)
    return np.asarray(leaf * (sun[:, None] * SUNLIGHT + shade[:, None] * SKYLIGHT * 0.8))


def _round(rng: np.random.Generator, base: Array, tall: float, count: int) -> Tufts:
    """Return a broad tree: leaves on a dozen overlapping balls."""
    balls = 12
    middle = rng.normal(0, 1, (balls, 3)) * np.array([0.20, 0.20, 0.13]) * tall + np.array([0, 0, 0.62 * tall])
    radius = rng.uniform(0.13, 0.22, balls) * tall
    which = rng.integers(0, balls, count)
    way = unit(rng.normal(0, 1, (count, 3)))
    depth = rng.random(count) ** 0.35
    spot = middle[which] + way * (radius[which] * depth)[:, None]
    out = unit(0.6 * way + 0.7 * (spot - np.array([0, 0, 0.55 * tall])) / (0.3 * tall))
    reach = np.sqrt((((spot - np.array([0, 0, 0.6 * tall])) / (0.36 * tall)) ** 2).sum(1))
    inner = np.clip(0.5 * depth + 0.55 * reach, 0.1, 1)
    hue = rng.random()
    low = np.array([0.020 + 0.02 * hue, 0.042, 0.010])
    high = np.array([0.085 + 0.07 * hue, 0.125 + 0.02 * hue, 0.025])
    place = base + spot
    rgb = _lit(rng, out, inner, low, high)
    size = np.full(count, 0.72 * tall / np.sqrt(count))
    return Tufts(*(np.asarray(a, np.float32) for a in (place[:, 0], place[:, 1], place[:, 2], size, rgb)))


def _cypress(rng: np.random.Generator, base: Array, tall: float, count: int) -> Tufts:
    """Return a slim dark flame of a tree."""
    t = rng.random(count) ** 0.8
    angle = rng.random(count) * 2 * np.pi
    ragged = 1 + 0.25 * np.sin(angle * 3 + t * 25 + base[0])
    limit = 0.10 * tall * np.sin(np.pi * np.clip(t * 0.9 + 0.09, 0, 1)) ** 0.7 * ragged
    depth = rng.random(count) ** 0.35
    out = unit(np.stack([np.cos(angle), np.sin(angle), np.full(count, 0.35)], -1))
    place = base + np.stack([np.cos(angle) * limit * depth, np.sin(angle) * limit * depth, t * tall], -1)
    rgb = _lit(rng, out, np.clip(depth, 0.15, 1), np.array([0.012, 0.026, 0.010]), np.array([0.045, 0.068, 0.022]))
    size = np.full(count, 0.42 * tall / np.sqrt(count))
    return Tufts(*(np.asarray(a, np.float32) for a in (place[:, 0], place[:, 1], place[:, 2], size, rgb)))


def _sites(rng: np.random.Generator, houses: Array, tries: int) -> Array:
    """Places (N×2) between the houses, inside the view."""
    y = 36 + 500 * rng.random(tries) ** 1.2
    x = rng.uniform(-1, 1, tries) * (0.45 * y + 14)
    gap = np.sqrt(((np.stack([x, y], -1)[:, None] - houses[None]) ** 2).sum(-1)).min(1)
    church = np.hypot((x - town_plan.CHURCH[0] - 14) / 26, (y - town_plan.CHURCH[1]) / 12)
    return np.asarray(np.stack([x, y], -1)[(gap > 7.0) & (church > 1)])


def trees() -> Tufts:
    """All the trees of the town."""
    rng = np.random.default_rng(SEED)
    _, houses = town_plan.plan()
    parts = []
    for x, y in _sites(rng, houses, 1500):
        base = town_plan.foot_at(float(x), float(y))
        near_church = np.hypot(x - town_plan.CHURCH[0], y - town_plan.CHURCH[1]) < 45
        amount = float(np.clip(140 / y, 0.12, 3.2))
        if rng.random() < (0.6 if near_church else 0.14):
            parts.append(_cypress(rng, base, rng.uniform(9, 17), int(3600 * amount)))
        else:
            parts.append(_round(rng, base, rng.uniform(5.5, 12), int(4200 * amount)))
    return join(parts)
