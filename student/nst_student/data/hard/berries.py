"""Drawn berries: lit spheres before black."""

import math

import numpy as np

from nst_runtime.pictures.arrays import Floats, Pixels
from nst_student.data.hard.canvas import (
    Canvas,
    Point,
    grain,
    gray,
    hsv,
    mix,
)


def berries(generator: np.random.Generator, size_px: int) -> Pixels:
    """Round saturated berries with highlights before near black, uint8 H×W×3."""
    image = _leaves(generator, size_px)
    hue = float(generator.choice([0.98, 0.0, 0.03, 0.1, 0.28, 0.63, 0.75, 0.85]))
    light = np.array([generator.uniform(-0.7, 0.7), generator.uniform(-0.8, -0.3), 1], np.float32)
    light /= np.linalg.norm(light)
    cluster = generator.random() < 0.3
    radius = generator.uniform(0.09 if cluster else 0.05, 0.15)
    count = min(int((0.3 if cluster else 0.38) / (math.pi * radius**2)), 40)
    center = generator.uniform(0.35, 0.65, 2)
    spread = generator.uniform(0.12, 0.3)
    places = np.clip(center + spread * generator.normal(0, 1, (count, 2)), -0.02, 1.02)
    for x, y in places[np.argsort(places[:, 1])].tolist():
        shade = np.array(
            hsv(hue + generator.normal(0, 0.02), generator.uniform(0.75, 1), generator.uniform(0.55, 1)), np.float32
        )
        size = radius * generator.uniform(0.75, 1.15)
        if cluster:
            _raspberry(generator, image, (x, y), size, shade, light)
        else:
            _sphere(image, (x, y), size, shade, light, generator.uniform(18, 90))
    picture = image.reshape(size_px, 2, size_px, 2, 3).mean((1, 3), dtype=np.float32)
    return grain(generator, picture, generator.uniform(0.3, 2.5))


def _leaves(generator: np.random.Generator, size_px: int) -> Floats:
    """Return near black with a few dim leaves or none, float32 of twice the size."""
    canvas = Canvas(size_px, gray(generator.uniform(0, 9)))
    for _ in range(int(generator.choice([0, 0, 2, 4]))):
        (x, y), turn = generator.uniform(0.2, 0.8, 2).tolist(), generator.uniform(0, math.tau)
        long, wide = generator.uniform(0.12, 0.22), generator.uniform(0.03, 0.06)
        along = (math.cos(turn), math.sin(turn))
        half = [(t, wide * math.sin(math.pi * t) * (1.3 - 0.6 * t)) for t in np.linspace(0, 1, 12).tolist()]
        green = hsv(generator.uniform(0.25, 0.4), 0.7, generator.uniform(0.15, 0.4))
        for side, color in ((1, green), (-1, mix(green, (0, 0, 0), 0.35))):
            edge = [(long * t, side * w) for t, w in half]
            rim = [(x + a * along[0] - b * along[1], y + a * along[1] + b * along[0]) for a, b in edge]
            canvas.polygon(rim, color)
    return np.array(canvas.image).astype(np.float32)


def _raspberry(
    generator: np.random.Generator, image: Floats, center: Point, radius: float, shade: Floats, light: Floats
) -> None:
    for ring, number in ((0.85, 12), (0.5, 8), (0.1, 3)):
        for turn in np.arange(number) * math.tau / number + generator.uniform(0, 1):
            place = (center[0] + ring * radius * math.cos(turn), center[1] + ring * radius * math.sin(turn))
            _sphere(image, place, 0.3 * radius, shade * generator.uniform(0.75, 1) * (1.1 - 0.3 * ring), light, 30)


def _sphere(image: Floats, center: Point, radius: float, shade: Floats, light: Floats, gloss: float) -> None:
    """Paint a lit sphere into the H×W×3 picture of 0 to 255."""
    side = len(image)
    reach = radius + 2 / side
    x0, x1 = (round(min(max(center[0] + s * reach, 0), 1) * side) for s in (-1, 1))
    y0, y1 = (round(min(max(center[1] + s * reach, 0), 1) * side) for s in (-1, 1))
    if x0 >= x1 or y0 >= y1:
        return
    x = ((np.arange(x0, x1, dtype=np.float32) + 0.5) / side - center[0])[None] / radius
    y = ((np.arange(y0, y1, dtype=np.float32) + 0.5) / side - center[1])[:, None] / radius
    square = x * x + y * y
    z = np.sqrt(np.maximum(1 - square, 0))
    lambert = x * light[0] + y * light[1] + z * light[2]
    half = light + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    highlight = np.maximum(x * half[0] + y * half[1] + z * half[2], 0) ** gloss
    lit = 0.08 + 0.85 * np.clip(lambert, 0, 1) + 0.12 * np.clip(-lambert, 0, 1) * (1 - z)
    color = shade * lit[..., None] + 235 * (highlight**1.5)[..., None]
    cover = np.clip((1 - np.sqrt(square)) * radius * side + 0.5, 0, 1)[..., None]
    dimmed = np.clip(1 - 0.75 * np.exp(-np.maximum(square - 1, 0) * 6), 0, 1)[..., None]
    patch = image[y0:y1, x0:x1]
    image[y0:y1, x0:x1] = cover * color + (1 - cover) * patch * dimmed
