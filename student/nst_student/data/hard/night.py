"""Drawn pictures of the night: towns, roads and stars, with lights that bloom."""

import numpy as np
from PIL import Image, ImageFilter

from nst_runtime.pictures.arrays import Pixels
from nst_student.data.hard.canvas import Canvas, Color, grain, gray, hsv, mix, ridge, to_pixels, vertical
from nst_student.data.hard.landscape import bare_tree, house, level


def night(generator: np.random.Generator, size_px: int) -> Pixels:
    """Draw a near-black street, town or starry sky with lights that bloom, uint8 H×W×3."""
    tint = hsv(generator.uniform(0.55, 0.75), generator.uniform(0.2, 0.8), generator.uniform(0.02, 0.08))
    ground = vertical([tint, mix(tint, hsv(0.08, 0.6, 0.2), generator.random()), (4, 4, 6)], [0, 0.6, 0.75], size_px)
    scene = Canvas(size_px, to_pixels(ground))
    lights = Canvas(size_px, (0, 0, 0))
    draw = (_town, _road, _starry)[int(generator.choice(3, p=[0.4, 0.4, 0.2]))]
    draw(generator, scene, lights)
    shine = lights.done()
    small = Image.fromarray(shine).resize((max(size_px // 2, 8),) * 2, Image.Resampling.BOX)
    bloom = np.zeros((size_px, size_px, 3), np.float32)
    for sigma, weight in ((0.008, 1.2), (0.03, 1.3), (0.09, 1)):
        soft = small.filter(ImageFilter.GaussianBlur(sigma * small.width))
        bloom += weight * np.asarray(soft.resize((size_px, size_px), Image.Resampling.BILINEAR)).astype(np.float32)
    image = scene.done().astype(np.float32) + shine + bloom * generator.uniform(0.4, 0.8)
    return grain(generator, image, generator.uniform(1, 6), 0.7)


def _lamp(generator: np.random.Generator) -> Color:
    hue, saturation = ((0.1, 0.5), (0.08, 0.75), (0.14, 0.2), (0.6, 0.2), (0.0, 0.9), (0.4, 0.7))[
        int(generator.choice(6, p=[0.35, 0.25, 0.2, 0.1, 0.06, 0.04]))
    ]
    return hsv(hue + generator.uniform(-0.02, 0.02), saturation, generator.uniform(0.7, 1))


def _town(generator: np.random.Generator, scene: Canvas, lights: Canvas) -> None:
    base = generator.uniform(0.65, 0.95)
    left = -0.05
    while left < 1:
        width, height = generator.uniform(0.08, 0.24), generator.uniform(0.15, 0.7)
        wall = mix((3, 4, 7), hsv(generator.random(), 0.4, 0.16), generator.random())
        scene.box((left, base - height), (width, height), wall)
        step, lit, color = generator.uniform(0.025, 0.05), generator.uniform(0.08, 0.4), _lamp(generator)
        for row in range(int(height / step) - 1):
            for column in range(int(width / step)):
                if generator.random() < lit:
                    shown = mix((0, 0, 0), color, generator.uniform(0.3, 0.95))
                    lights.box(
                        (left + step * (column + 0.3), base - height + step * (row + 0.5)),
                        (0.5 * step, 0.55 * step),
                        shown,
                    )
        left += width + generator.choice([0, 0, 0.04])
    for x in np.arange(generator.uniform(0, 0.2), 1, generator.uniform(0.12, 0.3)):
        lights.ellipse((x, base - 0.05), (0.01, 0.01), _lamp(generator))
    if base < 0.85:
        _mirror(lights, base)


def _mirror(lights: Canvas, level: float) -> None:
    """Draw the lights in wet ground or water below ``level``."""
    top = round(level * lights.side)
    depth = min(lights.side - top, top)
    upper = lights.image.crop((0, top - depth, lights.side, top)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    drawn = upper.resize((lights.side, max(depth // 14, 2)), Image.Resampling.BOX).resize(
        upper.size, Image.Resampling.BICUBIC
    )
    drawn = drawn.filter(ImageFilter.GaussianBlur(0.003 * lights.side)).point(lambda value: value * 0.7)
    lights.image.paste(drawn, (0, top))


def _road(generator: np.random.Generator, scene: Canvas, lights: Canvas) -> None:
    horizon, vanish = generator.uniform(0.35, 0.5), generator.uniform(0.3, 0.7)
    asphalt = gray(generator.uniform(8, 22))
    scene.polygon([(vanish, horizon), (1.3, 1.02), (-0.3, 1.02)], asphalt)
    side = float(generator.choice([-1, 1]))
    for step in range(7):
        near = 0.72**step
        x, y = vanish + side * 0.75 * near, horizon - 0.45 * near
        scene.line([(x, horizon + 0.35 * near), (x, y)], gray(25), 0.012 * near)
        lights.ellipse((x - side * 0.05 * near, y), (0.022 * near, 0.012 * near), hsv(0.09, 0.55, 1))
        mark = horizon + (1 - horizon) * near
        scene.line([(vanish, mark), (vanish, mark - 0.08 * near)], gray(60), 0.012 * near)
    for _ in range(int(generator.integers(1, 5))):
        near = generator.uniform(0.1, 0.7)
        oncoming = generator.random() < 0.6
        x, y = vanish + (-0.42 if oncoming else 0.42) * near, horizon + 0.42 * near
        scene.box((x - 0.14 * near, y - 0.17 * near), (0.28 * near, 0.23 * near), (5, 5, 7), 0.04 * near)
        for lamp in (-1, 1):
            radius = (0.032 if oncoming else 0.022) * near
            color = (255, 250, 230) if oncoming else (230, 20, 15)
            lights.ellipse((x + lamp * 0.11 * near, y), (radius, radius), color)
            streak = mix((0, 0, 0), color, 0.22)
            lights.box(
                (x + lamp * 0.11 * near - 0.5 * radius, y + 0.08 * near), (radius, 0.35 * near), streak, 0.4 * radius
            )
    for _ in range(int(generator.integers(5, 40))):
        place = (generator.uniform(0, 1), horizon - generator.uniform(0, 0.14))
        lights.ellipse(place, (generator.uniform(0.002, 0.007),) * 2, mix((0, 0, 0), _lamp(generator), 0.8))


def _starry(generator: np.random.Generator, scene: Canvas, lights: Canvas) -> None:
    for x, y, r in generator.random((int(generator.integers(60, 250)), 3)):
        radius = 0.0012 + 0.0035 * float(r) ** 6
        lights.ellipse((float(x), float(y)), (radius, radius), gray(255 * (0.3 + 0.7 * float(r))))
    if generator.random() < 0.7:
        x, y, radius = generator.uniform(0.1, 0.9), generator.uniform(0.08, 0.35), generator.uniform(0.03, 0.07)
        lights.ellipse((x, y), (radius, radius), (250, 245, 225))
        if generator.random() < 0.5:
            lights.ellipse((x + 0.5 * radius, y - 0.2 * radius), (radius, radius), (0, 0, 0))
    line = ridge(generator, generator.uniform(0.65, 0.85), 0.06)
    below = [*line, (1.1, 1.2), (-0.1, 1.2)]
    scene.polygon(below, (2, 2, 3))
    lights.polygon(below, (0, 0, 0))
    x = generator.uniform(0.2, 0.8)
    house(scene, generator, (x, level(line, x) + 0.02), 0.14, (2, 2, 3))
    lights.box((x - 0.03, level(line, x) - 0.035), (0.022, 0.028), (255, 200, 110))
    bare_tree(scene, generator, (generator.uniform(0, 1), level(line, 0.5) + 0.06), 0.5, (2, 2, 3))
