"""Drawn pictures without things in them: one color, gradients and regular patterns."""

import math

import numpy as np

from nst_runtime.pictures.arrays import Floats, Pixels
from nst_student.data.hard.canvas import (
    Color,
    clouds,
    coordinates,
    grain,
    gray,
    hsv,
    mix,
    vertical,
)


def one_colour(generator: np.random.Generator, size_px: int) -> Pixels:
    """Draw a single color, in half of the pictures with noise of up to 2 levels, uint8 H×W×3."""
    kind = generator.random()
    color = gray(generator.choice([0, 255, generator.uniform(0, 255)])) if kind < 0.3 else hsv(*generator.random(3))
    flat = np.full((size_px, size_px, 3), color, np.uint8)
    return flat if generator.random() < 0.5 else grain(generator, flat, generator.uniform(0.3, 2))


def gradient(generator: np.random.Generator, size_px: int) -> Pixels:
    """Draw a smooth gradient, mostly like a sky, with noise of up to 3 levels, uint8 H×W×3."""
    return grain(generator, _gradient(generator, size_px), generator.uniform(0, 3) * (generator.random() < 0.7))


def _gradient(generator: np.random.Generator, size_px: int) -> Floats:
    form = generator.random()
    if form < 0.5:
        hue = generator.uniform(0.53, 0.65)
        top, bottom = hsv(hue, generator.uniform(0.4, 0.9), generator.uniform(0.4, 0.9)), hsv(hue - 0.04, 0.2, 0.97)
        return vertical([top, bottom], [0, generator.uniform(0.7, 1)], size_px)
    if form < 0.75:
        return vertical(sunset(generator), [0, 0.45, 0.8, 1], size_px)
    x, y = coordinates(size_px)
    hue = generator.random()
    first, second = (
        np.array(hsv(hue, *generator.random(2)), np.float32),
        np.array(hsv(hue + generator.uniform(-0.3, 0.3), *generator.random(2)), np.float32),
    )
    if generator.random() < 0.5:
        center_x, center_y = generator.uniform(0, 1, 2).tolist()
        share = np.hypot(x - center_x, y - center_y) / generator.uniform(0.7, 1.2)
    else:
        angle = generator.uniform(0, math.tau)
        share = 0.5 + (math.cos(angle) * (x - 0.5) + math.sin(angle) * (y - 0.5)) * 0.8
    image: Floats = (first + (second - first) * np.clip(share, 0, 1)[..., None]).astype(np.float32)
    return image


def sunset(generator: np.random.Generator) -> list[Color]:
    """Four colors from the zenith down to the horizon."""
    warm = generator.uniform(-0.03, 0.09)
    top = hsv(generator.uniform(0.58, 0.8), generator.uniform(0.4, 0.8), generator.uniform(0.2, 0.55))
    middle = hsv(generator.choice([warm - 0.06, warm]), generator.uniform(0.5, 0.8), generator.uniform(0.6, 0.9))
    low = hsv(warm + 0.03, generator.uniform(0.6, 0.9), generator.uniform(0.9, 1))
    return [top, middle, low, hsv(warm + 0.07, generator.uniform(0.3, 0.7), 1)]


def checks(generator: np.random.Generator, size_px: int) -> Pixels:
    """Brick, tiles, stripes or fabric with mild perspective and lighting, uint8 H×W×3."""
    side = 2 * size_px
    x, y = coordinates(side)
    angle = float(generator.choice([0, 0, generator.uniform(-0.5, 0.5)]))
    tilt_x, tilt_y = generator.uniform(-0.35, 0.35, 2).tolist()
    depth = 1 + tilt_x * (x - 0.5) + tilt_y * (y - 0.5)
    across, down = (x - 0.5) / depth, (y - 0.5) / depth
    count = generator.uniform(4, 16)
    u = (count * (math.cos(angle) * across - math.sin(angle) * down) + 50).astype(np.float32)
    v = (count * (math.sin(angle) * across + math.cos(angle) * down) + 50).astype(np.float32)
    pattern = (_brick, _tiles, _stripes, _fabric)[int(generator.integers(4))]
    image = pattern(generator, u, v).reshape(size_px, 2, size_px, 2, 3).mean((1, 3), dtype=np.float32)
    light_x, light_y = generator.uniform(-0.3, 0.3, 2).tolist()
    x, y = coordinates(size_px)
    image *= (1 + light_x * (x - 0.5) + light_y * (y - 0.5) + 0.05 * clouds(generator, size_px))[..., None]
    return grain(generator, image, generator.uniform(0.5, 4))


def _palette(generator: np.random.Generator, cells: Floats, colors: list[Color], spread: float) -> Floats:
    """Return a color for each whole number in ``cells``, picked and varied by chance."""
    index = cells.astype(np.int64) % 997
    table = np.array(colors, np.float32)[generator.integers(0, len(colors), 997)]
    varied = table * (1 + spread * generator.uniform(-1, 1, (997, 1))).astype(np.float32)
    image: Floats = varied[index]
    return image


def _brick(generator: np.random.Generator, u: Floats, v: Floats) -> Floats:
    row = np.floor(v * 2)
    column = np.floor(u + 0.5 * (row % 2))
    gap = generator.uniform(0.05, 0.1)
    mortar = ((u + 0.5 * (row % 2) - column) < gap) | ((v * 2 - row) < 2 * gap)
    base = hsv(generator.uniform(0, 0.08), generator.uniform(0.25, 0.7), generator.uniform(0.4, 0.75))
    image = _palette(generator, row * 131 + column, [base, mix(base, (60, 40, 40), 0.2)], 0.15)
    image[mortar] = gray(generator.choice([90, 190, 215]))
    return image


def _tiles(generator: np.random.Generator, u: Floats, v: Floats) -> Floats:
    column, row = np.floor(u), np.floor(v)
    hue = generator.random()
    first, second = (
        hsv(hue, generator.uniform(0, 0.7), 0.9),
        hsv(hue + 0.1, generator.uniform(0, 0.8), generator.uniform(0.1, 0.6)),
    )
    if generator.random() < 0.6:
        even = ((column + row) % 2 == 0)[..., None]
        image = np.where(even, np.array(first, np.float32), np.array(second, np.float32))
    else:
        image = _palette(generator, column * 37 + row * 101, [first, second], 0.12)
    if generator.random() < 0.6:
        gap = generator.uniform(0.03, 0.08)
        image[((u - column) < gap) | ((v - row) < gap)] = gray(generator.choice([60, 160, 235]))
    return image


def _stripes(generator: np.random.Generator, u: Floats, v: Floats) -> Floats:
    period = int(generator.integers(2, 6))
    hue = generator.random()
    colors = [hsv(hue + 0.17 * i, generator.uniform(0, 0.9), generator.uniform(0.15, 1)) for i in range(period)]
    colors[0] = gray(generator.choice([20, 245]))
    wave = float(generator.choice([0, 0, 0.3])) * np.sin(v * generator.uniform(0.6, 2))
    index = np.floor(u * float(generator.choice([1, 2])) + wave).astype(np.int64) % period
    image: Floats = np.array(colors, np.float32)[index]
    return image


def _fabric(generator: np.random.Generator, u: Floats, v: Floats) -> Floats:
    base = np.array(hsv(generator.random(), generator.uniform(0.4, 0.9), generator.uniform(0.3, 0.8)), np.float32)
    over = np.array(gray(generator.choice([15, 240])), np.float32)
    width = generator.uniform(0.3, 0.6)
    warp = ((u % 1) < width).astype(np.float32) + (np.abs(u % 1 - 0.8) < 0.03)
    weft = ((v % 1) < width).astype(np.float32) + (np.abs(v % 1 - 0.8) < 0.03)
    weave = ((np.floor(u * 12) + np.floor(v * 12)) % 2).astype(np.float32)
    share = np.clip(0.5 * warp + 0.5 * weft, 0, 1) * 0.85 + 0.12 * (weave - 0.5)
    image: Floats = (over + (base - over) * share[..., None]).astype(np.float32)
    return image
