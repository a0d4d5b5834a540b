"""Drawn landscapes of little contrast, great brightness or large flat skies."""

import math

import numpy as np
from PIL import Image

from nst_runtime.pictures.arrays import Floats, Pixels
from nst_student.data.hard.canvas import (
    Canvas,
    Color,
    Point,
    clouds,
    coordinates,
    grain,
    hsv,
    mix,
    ridge,
    smooth_curve,
    to_pixels,
    vertical,
)
from nst_student.data.hard.landscape import bare_tree, conifer, house, leafy_tree, level, person
from nst_student.data.hard.patterns import sunset


def fog(generator: np.random.Generator, size_px: int) -> Pixels:
    """Pale hills, trees and people that fade into fog, low contrast, uint8 H×W×3."""
    mist = hsv(generator.uniform(0.05, 0.65), generator.uniform(0, 0.1), generator.uniform(0.68, 0.92))
    dark = mix(mist, hsv(generator.uniform(0.3, 0.65), 0.25, 0.25), generator.uniform(0.5, 0.8))
    sky = vertical([mix(mist, (255, 255, 255), 0.2), mist], [0, 1], size_px)
    canvas = Canvas(size_px, to_pixels(sky + 5 * clouds(generator, size_px, 2, 2)[..., None]))
    layers = int(generator.integers(3, 6))
    start = generator.uniform(0.35, 0.6)
    things = (conifer, leafy_tree, bare_tree, person, house)
    for layer in range(layers):
        near = (layer + 1) / layers
        line = ridge(generator, start + (0.92 - start) * near**1.3, 0.1 - 0.05 * near)
        color = mix(mist, dark, 0.75 * near**1.8)
        thing = things[int(generator.choice(5, p=[0.35, 0.2, 0.2, 0.1, 0.15]))]
        canvas.polygon([*line, (1.1, 1.2), (-0.1, 1.2)], color)
        for _ in range(int(generator.integers(1, 14 if thing is conifer else 5))):
            x = generator.uniform(0, 1)
            thing(
                canvas,
                generator,
                (x, level(line, x) + 0.01),
                (0.06 + 0.3 * near**2) * generator.uniform(0.6, 1.2),
                color,
            )
        if layer in {0, layers - 2}:
            canvas.soften(0.004 * (1.2 - near))
    image = canvas.done().astype(np.float32)
    veil = (0.22 * np.clip(clouds(generator, size_px, 2, 3) + 0.5, 0, 1.4))[..., None]
    image += (np.array(mist, np.float32) - image) * veil
    return grain(generator, image, generator.uniform(0.5, 2.5))


def snow(generator: np.random.Generator, size_px: int) -> Pixels:
    """Draw a bright field of snow with soft blue shadows and a few dark trees, uint8 H×W×3."""
    hue = generator.uniform(0.56, 0.63)
    bright = hsv(generator.uniform(0.08, 0.15), 0.02, 1)
    sky = vertical([hsv(hue, generator.uniform(0.02, 0.3), 0.95), (250, 250, 252)], [0, 0.6], size_px)
    canvas = Canvas(size_px, to_pixels(sky))
    far = ridge(generator, generator.uniform(0.3, 0.5), 0.06)
    wood = hsv(generator.uniform(0.3, 0.6), 0.25, generator.uniform(0.3, 0.6))
    canvas.polygon([*far, (1.1, 1.2), (-0.1, 1.2)], hsv(hue, 0.06, 0.97))
    for x in generator.uniform(0, 1, int(generator.integers(0, 50))):
        conifer(
            canvas,
            generator,
            (float(x), level(far, float(x)) + 0.01),
            generator.uniform(0.03, 0.08),
            mix(wood, bright, 0.35),
        )
    lines = [
        ridge(generator, height, 0.05, 5)
        for height in np.linspace(generator.uniform(0.5, 0.6), 0.9, int(generator.integers(2, 5)))
    ]
    for line in lines:
        canvas.soft([*line, (1.1, 1.2), (-0.1, 1.2)], bright, 0.004)
        lower = [(x, y + 0.02 + 0.05 * abs(math.sin(4 * x + y))) for x, y in line]
        canvas.soft(
            [*lower, *[(x, y + 0.1) for x, y in lower[::-1]]], hsv(hue, generator.uniform(0.08, 0.2), 0.93), 0.03, 0.8
        )
    _snow_trees(generator, canvas, lines, hsv(hue, 0.22, 0.88))
    image = canvas.done().astype(np.float32)
    image += (4 * clouds(generator, size_px, 12, 3))[..., None] * np.array([1.1, 1, 0.7], np.float32)
    if generator.random() < 0.3:
        image = _flakes(generator, image)
    return grain(generator, image, generator.uniform(0.3, 2.5))


def _snow_trees(generator: np.random.Generator, canvas: Canvas, lines: list[list[Point]], shade: Color) -> None:
    thing = (conifer, bare_tree, house)[int(generator.choice(3, p=[0.45, 0.4, 0.15]))]
    dark = hsv(generator.uniform(0, 0.6), 0.3, generator.uniform(0.08, 0.25))
    slope, reach = generator.uniform(-1.2, 1.2), generator.uniform(0.1, 0.3)
    for _ in range(int(generator.integers(1, 7))):
        line = lines[int(generator.integers(len(lines)))]
        x = generator.uniform(0.03, 0.97)
        y, height = level(line, x) + 0.03, generator.uniform(0.15, 0.5)
        tip = (x + slope * reach, y + 0.6 * reach)
        canvas.soft([(x - 0.02, y), (x + 0.02, y), (tip[0] + 0.03, tip[1]), (tip[0] - 0.03, tip[1])], shade, 0.008, 0.9)
        thing(canvas, generator, (x, y), height, dark)
        if thing is not bare_tree:
            canvas.soft(
                [(x - 0.08 * height, y - 0.55 * height), (x, y - height), (x + 0.05 * height, y - 0.7 * height)],
                (250, 251, 255),
                0.006,
                0.9,
            )


def _flakes(generator: np.random.Generator, image: Floats) -> Floats:
    size_px = len(image)
    mask = Canvas(size_px, (0, 0, 0))
    for x, y, r in generator.uniform(0, 1, (150, 3)):
        mask.ellipse(
            (float(x), float(y)), (0.002 + 0.005 * float(r) ** 2, 0.002 + 0.005 * float(r) ** 2), (255, 255, 255)
        )
    image += (255 - image) * mask.done().astype(np.float32) / 255
    return image


def silhouette(generator: np.random.Generator, size_px: int) -> Pixels:
    """Black hills, trees, houses and people before a sunset, uint8 H×W×3."""
    horizon = generator.uniform(0.62, 0.88)
    sky = vertical(sunset(generator), [0, 0.45 * horizon, 0.8 * horizon, horizon], size_px)
    x, y = coordinates(size_px)
    sun_x, sun_y, radius = (
        generator.uniform(0.15, 0.85),
        horizon - generator.uniform(0.02, 0.3),
        generator.uniform(0.03, 0.08),
    )
    distance = np.hypot(x - sun_x, y - sun_y)
    glow = np.exp(-distance / 0.18) * 70 + 255 * np.clip((radius - distance) * size_px, 0, 1) * (
        generator.random() < 0.6
    )
    sky += glow[..., None] * np.array([1, 0.85, 0.55], np.float32)
    if generator.random() < 0.5:
        bands = np.clip(_streaks(generator, size_px) - 0.1, 0, 1)[..., None]
        sky += bands * np.array([40, -10, -30], np.float32)
    canvas = Canvas(size_px, to_pixels(sky))
    dark = hsv(generator.random(), 0.4, generator.uniform(0, 0.09))
    if generator.random() < 0.6:
        far = ridge(generator, horizon - 0.07, 0.05)
        canvas.polygon([*far, (1.1, 1.2), (-0.1, 1.2)], mix(dark, hsv(0.95, 0.4, 0.4), 0.6))
    line = ridge(generator, horizon, generator.uniform(0.005, 0.07))
    canvas.polygon([*line, (1.1, 1.2), (-0.1, 1.2)], dark)
    _standing(generator, canvas, line, dark)
    return grain(generator, canvas.done(), generator.uniform(0.3, 3))


def _streaks(generator: np.random.Generator, size_px: int) -> Floats:
    """Clouds drawn out sideways, float32 H×W."""
    coarse = Image.fromarray(generator.uniform(-1, 1, (24, 5)).astype(np.float32))
    return np.array(coarse.resize((size_px, size_px), Image.Resampling.BICUBIC))


def _standing(generator: np.random.Generator, canvas: Canvas, line: list[Point], dark: Color) -> None:
    """Trees, people, houses and birds before the sky."""
    things = (bare_tree, leafy_tree, conifer, person, house)
    heights = (0.55, 0.4, 0.35, 0.3, 0.22)
    for choice in generator.choice(5, int(generator.integers(1, 4)), replace=False, p=[0.25, 0.15, 0.15, 0.3, 0.15]):
        for _ in range(int(generator.integers(1, 4))):
            x = generator.uniform(0.05, 0.95)
            height = heights[choice] * generator.uniform(0.6, 1.2)
            things[choice](canvas, generator, (x, level(line, x) + 0.01), height, dark)
    for _ in range(int(generator.choice([0, 0, 3, 7]))):
        x, y, s = generator.uniform(0.1, 0.9), generator.uniform(0.1, 0.5), generator.uniform(0.012, 0.03)
        canvas.line(
            smooth_curve(
                [
                    (x - s, y - 0.3 * s),
                    (x - 0.5 * s, y - 0.5 * s),
                    (x, y),
                    (x + 0.5 * s, y - 0.5 * s),
                    (x + s, y - 0.3 * s),
                ]
            ),
            dark,
            0.004,
        )


def backlit_sky(generator: np.random.Generator, size_px: int) -> Pixels:
    """Draw a large flat sky over a thin dark horizon with small detail, uint8 H×W×3."""
    horizon = generator.uniform(0.8, 0.93)
    hue = generator.uniform(0.53, 0.63)
    bright = generator.uniform(0.75, 1)
    low = hsv(generator.choice([hue, 0.1]), generator.uniform(0.02, 0.25), 1)
    sky = vertical([hsv(hue, generator.uniform(0, 0.5), bright), low], [0, horizon], size_px)
    x, y = coordinates(size_px)
    glow_x = generator.uniform(0, 1)
    sky += (60 * np.exp(-(((x - glow_x) / 0.35) ** 2) - ((y - horizon) / 0.3) ** 2))[..., None]
    sky += (generator.choice([0, 4, 12]) * _streaks(generator, size_px))[..., None]
    canvas = Canvas(size_px, to_pixels(sky))
    dark = hsv(generator.uniform(0, 0.65), 0.3, generator.uniform(0.05, 0.25))
    far = ridge(generator, horizon - 0.02, 0.02)
    canvas.polygon([*far, (1.1, 1.2), (-0.1, 1.2)], mix(dark, low, 0.55))
    line = ridge(generator, horizon, 0.006)
    canvas.polygon([*line, (1.1, 1.2), (-0.1, 1.2)], dark)
    things = (conifer, leafy_tree, bare_tree, house, person, _mast)
    for _ in range(int(generator.integers(6, 45))):
        place = generator.uniform(0, 1)
        thing = things[int(generator.choice(6, p=[0.2, 0.3, 0.1, 0.25, 0.08, 0.07]))]
        thing(canvas, generator, (place, level(line, place) + 0.008), generator.uniform(0.02, 0.075), dark)
    return grain(generator, canvas.done(), generator.uniform(0.2, 3))


def _mast(canvas: Canvas, generator: np.random.Generator, foot: Point, height: float, color: Color) -> None:
    x, y = foot
    tall = 2.2 * height * generator.uniform(0.7, 1.2)
    canvas.line([foot, (x, y - tall)], color, 0.004)
    for share in (0.8, 0.92):
        canvas.line([(x - 0.2 * tall, y - share * tall), (x + 0.2 * tall, y - share * tall)], color, 0.003)
