"""Signed distances (m) to the still life's things; places are given as three arrays x, y, z (z up)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from assets.draw.arrays import Array

Distance = Callable[[Array, Array, Array], Array]
Profile = Callable[[Array, Array], Array]


@dataclass(frozen=True)
class Solid:
    """A thing: its distance, its material's number, and a ball (centre, radius) that holds it."""

    distance: Distance
    material: int
    centre: tuple[float, float, float]
    radius: float


def smooth_min(a: Array, b: Array, k: float) -> Array:
    """Minimum with a rounded seam of width k."""
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return np.asarray(b + (a - b) * h - k * h * (1 - h))


def turned(solid: Distance, centre: tuple[float, float, float], lean: float, heading: float) -> Distance:
    """Return the solid moved to `centre`, leaning by `lean` radians towards `heading`."""
    ch, sh, cl, sl = np.cos(heading), np.sin(heading), np.cos(lean), np.sin(lean)

    def distance(x: Array, y: Array, z: Array) -> Array:
        u, v, w = x - centre[0], y - centre[1], z - centre[2]
        p, q = ch * u + sh * v, -sh * u + ch * v
        return solid(cl * p - sl * w, q, sl * p + cl * w)

    return distance


def sphere(radius: float) -> Distance:
    """Return a ball around the origin."""
    return lambda x, y, z: np.sqrt(x * x + y * y + z * z) - radius


def apple(radius: float) -> Distance:
    """Return an apple around the origin: a thick ring's outside, deeper at the top, slightly five-lobed."""

    def distance(x: Array, y: Array, z: Array) -> Array:
        r = np.sqrt(x * x + y * y)
        lobes = 1 + 0.018 * np.cos(5 * np.arctan2(y, x)) * (0.35 - z / radius)
        q = r / lobes - 0.40 * radius
        w = z * (1.0 + 0.10 * np.clip(z / radius, -1, 1)) + 0.02 * radius
        body = np.sqrt(q * q + w * w) - 0.64 * radius
        core = np.sqrt(r * r + (z * 1.15) ** 2) - 0.50 * radius
        return smooth_min(body, core, 0.06 * radius) * 0.85

    return distance


def stalk(length: float, radius: float, bend: float) -> Distance:
    """Return a thin bent stalk that rises from the origin."""

    def distance(x: Array, y: Array, z: Array) -> Array:
        t = np.clip(z / length, 0, 1)
        dx = x - bend * t * t
        dz = z - np.clip(z, 0, length)
        return np.asarray(np.sqrt(dx * dx + y * y + dz * dz) - radius * (0.8 + 0.6 * t**4))

    return distance


def pear(radius: float) -> Distance:
    """Return a pear around the centre of its belly; its neck rises along z."""

    def distance(x: Array, y: Array, z: Array) -> Array:
        r2 = (x - 0.10 * np.clip(z, 0, None)) ** 2 + y * y
        belly = np.sqrt(r2 + (z * 0.97) ** 2) - radius
        neck = np.sqrt(r2 + (z - 1.28 * radius) ** 2) - 0.43 * radius
        return smooth_min(belly, neck, 0.85 * radius) * 0.9

    return distance


def lemon(radius: float) -> Distance:
    """Return a lemon lying along x."""

    def distance(x: Array, y: Array, z: Array) -> Array:
        body = (np.sqrt((x * 0.78) ** 2 + y * y + z * z) - radius) * 0.9
        tip = np.sqrt((np.abs(x) - 1.26 * radius) ** 2 + y * y + z * z) - 0.16 * radius
        return smooth_min(body, tip, 0.28 * radius)

    return distance


def lathe(radius_at: Callable[[Array], Array], low: float, high: float, wall: float) -> Distance:
    """Return a thin-walled vessel turned around z: outer radius by height, from `low` to `high`, open above."""

    def distance(x: Array, y: Array, z: Array) -> Array:
        r = np.sqrt(x * x + y * y)
        level = np.clip(z, low, high)
        side = np.abs(r - radius_at(level) + wall) - wall
        floor = np.maximum(np.abs(z - low - wall) - wall, r - radius_at(np.full_like(z, low)))
        over = np.maximum(np.abs(z - 0.5 * (low + high)) - 0.5 * (high - low), 0)
        shell = np.sqrt(np.maximum(side, 0) ** 2 + over**2) + np.minimum(side, 0) * (over <= 0)
        return np.asarray(np.minimum(shell, floor) * 0.75)

    return distance


def handle(reach: float, tall: float, thick: float, centre: tuple[float, float]) -> Distance:
    """Return an ear-shaped handle in the plane y = 0: a bent ring around (x, z) = centre."""

    def distance(x: Array, y: Array, z: Array) -> Array:
        u, w = (x - centre[0]) / reach, (z - centre[1]) / tall
        ring = np.abs(np.sqrt(u * u + w * w) - 1.0) * min(reach, tall)
        flat = np.sqrt(ring * ring + (0.6 * y) ** 2) - thick
        return np.maximum(flat, centre[0] - x) * 0.7

    return distance
