"""An abstract in oils: broad curling strokes in ultramarine, turquoise, cream and ochre, thickly laid."""

from __future__ import annotations

import numpy as np

from assets.draw.arrays import Array, mix
from assets.draw.develop import saturate, shrink, to_bytes
from assets.draw.noise import fbm, noise
from assets.draw.strokes import Brush, Strokes, light_paint, paint

SEED = 41

WHIRLS = np.array(
    [
        # x, y, radius, turn (sign is the direction)
        [0.30, 0.30, 0.20, 1.0],
        [0.72, 0.24, 0.13, -0.75],
        [0.64, 0.64, 0.22, 0.95],
        [0.20, 0.76, 0.14, -0.8],
        [0.93, 0.88, 0.13, -0.6],
        [0.02, 0.50, 0.10, 0.4],
        [0.95, 0.47, 0.10, 0.5],
    ],
    np.float32,
)

PALETTE = (
    np.array(
        [
            [13, 22, 62],
            [24, 48, 118],
            [38, 92, 168],
            [70, 150, 186],
            [150, 204, 198],
            [240, 233, 205],
            [242, 200, 84],
            [222, 142, 38],
            [122, 84, 62],
            [30, 58, 104],
        ],
        np.float32,
    )
    / 255
)


def stream(x: Array, y: Array) -> Array:
    """Stream function of the brush's movement; strokes run along its contours."""
    total = 0.30 * fbm(x * 2.1, y * 2.1, 3, SEED) + 0.25 * y
    for cx, cy, radius, turn in WHIRLS:
        away = ((x - cx) ** 2 + (y - cy) ** 2) / radius**2
        total = total + turn * 0.55 * np.exp(-away)
    return np.asarray(total)


def heading(x: Array, y: Array) -> Array:
    """Return unit direction of the brush at each place (…×2)."""
    e = 2e-3
    dx = stream(x + e, y) - stream(x - e, y)
    dy = stream(x, y + e) - stream(x, y - e)
    length = np.sqrt(dx * dx + dy * dy) + 1e-6
    return np.stack([dy / length, -dx / length], -1)


def follow(start: Array, length: float, steps: int) -> Array:
    """Paths S×steps×2 from their starting places along the stream."""
    path, place = [], start
    for _ in range(steps):
        path.append(place)
        middle = place + heading(place[:, 0], place[:, 1]) * (length / steps / 2)
        place = place + heading(middle[:, 0], middle[:, 1]) * (length / steps)
    return np.stack(path, 1)


def colours(place: Array, rng: np.random.Generator, spread: float) -> Array:
    """Paint for strokes at these places: bands of the palette along the stream, each stroke a little off."""
    x, y = place[:, 0], place[:, 1]
    band = stream(x, y) * 7.5 + 0.9 * noise(x * 5, y * 5, SEED + 9) + 3.2
    at = np.abs((band + rng.normal(0, spread, len(x)) + 9) % 18 - 9)
    first = np.clip(at.astype(np.int32), 0, len(PALETTE) - 2)
    colour = mix(PALETTE[first], PALETTE[first + 1], (at - first)[:, None])
    return np.asarray(colour * (1 + rng.normal(0, 0.06, (len(x), 1))) + rng.normal(0, 0.018, (len(x), 3)), np.float32)


LAYERS = (
    (Brush(0.040, 0.17, 19, dryness=0.1), 1300, 0.5),
    (Brush(0.024, 0.13, 15, dryness=0.3), 2600, 0.7),
    (Brush(0.014, 0.085, 12, dryness=0.4), 2600, 0.9),
)


def draw(short_side_px: int) -> Array:
    """Return the painting, S×S×3 uint8."""
    side_px = short_side_px * 2
    ground = np.array([0.16, 0.17, 0.25, 0.0], np.float32)
    canvas = np.broadcast_to(ground, (side_px, side_px, 4)).copy()
    order = np.full((side_px, side_px), np.inf, np.float32)
    rng, done = np.random.default_rng(SEED), 0
    for number, (brush, count, spread) in enumerate(LAYERS):
        start = (rng.random((count, 2), dtype=np.float32) * 1.12 - 0.06).astype(np.float32)
        path = follow(start, brush.length, 10)
        strokes = Strokes(path, colours(path[:, 5], rng, spread))
        done = paint(canvas, order, strokes, brush, done, SEED + number)
    lit = light_paint(canvas, relief=2.6, gloss=0.22, seed=SEED + 20)
    small = shrink(lit, 2)
    return to_bytes(saturate(small, 1.08))
