"""Drawn pictures of graphics: diagrams and charts, screenshots and logos."""

import math

import numpy as np

from nst_runtime.pictures.arrays import Pixels
from nst_student.data.hard.canvas import (
    Canvas,
    Color,
    Point,
    ellipse_points,
    grain,
    gray,
    hsv,
    mix,
    to_pixels,
    vertical,
    words,
)


def blueprint_or_chart(generator: np.random.Generator, size_px: int) -> Pixels:
    """Draw a flow diagram, a chart with axes or a blueprint, uint8 H×W×3."""
    drawing = (_flow, _chart, _blueprint)[int(generator.integers(3))]
    return drawing(generator, size_px)


def _arrow(canvas: Canvas, start: Point, end: Point, color: Color, width: float) -> None:
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    canvas.line([start, end], color, width)
    wings = [(end[0] - 0.03 * math.cos(angle + turn), end[1] - 0.03 * math.sin(angle + turn)) for turn in (-0.5, 0.5)]
    canvas.polygon([end, *wings], color)


def _flow(generator: np.random.Generator, size_px: int) -> Pixels:
    canvas = Canvas(size_px, (255, 255, 255) if generator.random() < 0.7 else hsv(generator.random(), 0.08, 0.98))
    columns, rows = int(generator.integers(2, 4)), int(generator.integers(2, 5))
    ink = gray(generator.uniform(0, 80))
    hue = generator.random()
    width, height = 0.66 / columns, 0.52 / rows
    pen = generator.uniform(0.003, 0.007)
    centers = [((c + 0.5) / columns, (r + 0.5) / rows) for r in range(rows) for c in range(columns)]
    for index in range(1, len(centers)):
        (x0, y0), (x1, y1) = centers[index - 1], centers[index]
        if y0 == y1:
            _arrow(canvas, (x0 + width / 2, y0), (x1 - width / 2, y1), ink, pen)
        below = index - 1 + columns
        if below < len(centers) and generator.random() < 0.6:
            _arrow(canvas, (x0, y0 + height / 2), (x0, centers[below][1] - height / 2), ink, pen)
    for x, y in centers:
        fill = hsv(hue + generator.choice([0, 0.1, 0.5]), generator.uniform(0.05, 0.6), 0.95)
        form = generator.random()
        if form < 0.6:
            canvas.box((x - width / 2, y - height / 2), (width, height), fill, generator.choice([0, 0.02]), ink, pen)
        elif form < 0.8:
            canvas.polygon(
                [(x - width / 2, y), (x, y - height / 2), (x + width / 2, y), (x, y + height / 2)], fill, ink, pen
            )
        else:
            canvas.ellipse((x, y), (width / 2, height / 2), fill, ink, pen)
        canvas.text((x, y), words(generator, 1), 0.2 * width, ink, anchor="mm")
    return canvas.done()


def _chart(generator: np.random.Generator, size_px: int) -> Pixels:
    dark = generator.random() < 0.2
    ground, ink = (gray(28), gray(220)) if dark else ((255, 255, 255), gray(40))
    canvas = Canvas(size_px, ground)
    left, right, top, bottom = 0.12, 0.95, generator.uniform(0.1, 0.18), generator.uniform(0.8, 0.9)
    hue = generator.random()
    for step in range(6):
        y = bottom - (bottom - top) * step / 5
        canvas.line([(left, y), (right, y)], mix(ground, ink, 0.2), 0.002)
        canvas.text((left - 0.015, y), str(step * 20), 0.035, ink, anchor="rm")
    canvas.text((0.5, top / 2), words(generator, 3).title(), 0.05, ink, anchor="mm", bold=0.03)
    count = int(generator.integers(4, 12))
    slot = (right - left) / count
    if generator.random() < 0.65:
        for index in range(count):
            height = (bottom - top) * generator.uniform(0.08, 0.98)
            color = hsv(hue + 0.12 * (index % int(generator.choice([1, 3]))), 0.7, 0.8)
            canvas.box((left + slot * (index + 0.15), bottom - height), (0.7 * slot, height), color)
    else:
        for series in range(int(generator.integers(1, 4))):
            levels = np.clip(np.cumsum(generator.normal(0, 0.15, count)) + 0.5, 0.03, 0.97)
            points = [(left + slot * (i + 0.5), bottom - (bottom - top) * float(v)) for i, v in enumerate(levels)]
            color = hsv(hue + 0.3 * series, 0.8, 0.8)
            canvas.line(points, color, 0.009)
            for point in points:
                canvas.ellipse(point, (0.012, 0.012), color)
    for index in range(count):
        canvas.text((left + slot * (index + 0.5), bottom + 0.02), chr(65 + index), 0.035, ink, anchor="mt")
    canvas.line([(left, top), (left, bottom), (right, bottom)], ink, 0.006)
    return canvas.done()


def _blueprint(generator: np.random.Generator, size_px: int) -> Pixels:
    ground = hsv(generator.uniform(0.57, 0.63), generator.uniform(0.65, 0.9), generator.uniform(0.35, 0.65))
    ink = mix((255, 255, 255), ground, generator.uniform(0, 0.2))
    canvas = Canvas(size_px, ground)
    for position in np.arange(0, 1, generator.uniform(0.03, 0.06)):
        canvas.line([(0, position), (1, position)], mix(ground, ink, 0.15), 0.0017)
        canvas.line([(position, 0), (position, 1)], mix(ground, ink, 0.15), 0.0017)
    x0, x1 = generator.uniform(0.12, 0.2), generator.uniform(0.78, 0.9)
    y0, y1 = generator.uniform(0.12, 0.2), generator.uniform(0.7, 0.85)
    canvas.box((x0, y0), (x1 - x0, y1 - y0), None, outline=ink, width=0.014)
    for _ in range(int(generator.integers(2, 5))):
        x, y = generator.uniform(x0 + 0.1, x1 - 0.1), generator.uniform(y0 + 0.1, y1 - 0.1)
        canvas.line([(x, y0), (x, y)], ink, 0.009)
        canvas.line([(x0, y), (x, y)] if generator.random() < 0.5 else [(x, y), (x1, y)], ink, 0.009)
        radius = generator.uniform(0.04, 0.09)
        corners = [
            (x * canvas.side - radius * canvas.side, (y - radius) * canvas.side),
            ((x + radius) * canvas.side, (y + radius) * canvas.side),
        ]
        canvas.pen.arc(corners, 0, 90, fill=ink, width=2)
        canvas.text((x - 0.02, (y + y0) / 2), words(generator, 1), 0.035, ink, anchor="rm")
    for _ in range(int(generator.integers(1, 4))):
        center = (generator.uniform(x0 + 0.1, x1 - 0.1), generator.uniform(y0 + 0.1, y1 - 0.1))
        for radius in generator.uniform(0.02, 0.09, 2):
            canvas.ellipse(center, (radius, radius), None, ink, 0.004)
    for start, end in (((x0, y1 + 0.05), (x1, y1 + 0.05)), ((x0 - 0.05, y0), (x0 - 0.05, y1))):
        _arrow(canvas, start, end, ink, 0.003)
        _arrow(canvas, end, start, ink, 0.003)
    canvas.text(((x0 + x1) / 2, y1 + 0.07), f"{generator.uniform(2, 99):.2f} m", 0.04, ink, anchor="mt")
    return grain(generator, canvas.done(), float(generator.choice([0, 2])))


def screenshot(generator: np.random.Generator, size_px: int) -> Pixels:
    """Windows with bars, lists, buttons and icons in a light or a dark theme, uint8 H×W×3."""
    dark = generator.random() < 0.45
    hue = generator.random()
    sky = vertical([hsv(hue, 0.6, 0.7), hsv(hue + generator.uniform(0.05, 0.3), 0.6, 0.4)], [0, 1], size_px)
    canvas = Canvas(size_px, to_pixels(sky))
    accent = hsv(generator.random(), 0.75, 0.85)
    if generator.random() < 0.45:
        _window(generator, canvas, (0, 0), (1, 1), dark, accent)
        return canvas.done()
    for _ in range(int(generator.integers(1, 4))):
        extent = (generator.uniform(0.5, 0.8), generator.uniform(0.4, 0.7))
        corner = (generator.uniform(0.02, 0.98 - extent[0]), generator.uniform(0.03, 0.88 - extent[1]))
        _window(generator, canvas, corner, extent, dark, accent)
    canvas.box((0, 0.93), (1, 0.08), gray(30 if dark else 235))
    for index in range(int(generator.integers(4, 10))):
        _icon(generator, canvas, (0.05 + 0.08 * index, 0.965), 0.024)
    canvas.text(
        (0.97, 0.965),
        f"{generator.integers(24):02d}:{generator.integers(60):02d}",
        0.035,
        gray(230 if dark else 30),
        anchor="rm",
    )
    return canvas.done()


def _icon(generator: np.random.Generator, canvas: Canvas, center: Point, radius: float) -> None:
    color = hsv(generator.random(), generator.uniform(0.4, 0.9), generator.uniform(0.6, 1))
    x, y = center
    if generator.random() < 0.5:
        canvas.box((x - radius, y - radius), (2 * radius, 2 * radius), color, 0.4 * radius)
    else:
        canvas.ellipse(center, (radius, radius), color)
    canvas.text(center, chr(65 + int(generator.integers(26))), 1.2 * radius, (255, 255, 255), anchor="mm", bold=0.05)


def _window(
    generator: np.random.Generator, canvas: Canvas, corner: Point, extent: Point, dark: bool, accent: Color
) -> None:
    x, y = corner
    w, h = extent
    ground = gray(generator.uniform(24, 48) if dark else generator.uniform(240, 255))
    ink = gray(225 if dark else 40)
    canvas.box((x + 0.008, y + 0.012), extent, mix(ground, (0, 0, 0), 0.6), 0.015)
    canvas.box(corner, extent, ground, 0.012, mix(ground, ink, 0.3), 0.002)
    canvas.box(corner, (w, 0.055), accent if generator.random() < 0.4 else mix(ground, ink, 0.12), 0.012)
    for index, color in enumerate(((237, 106, 94), (245, 191, 79), (98, 197, 84))):
        canvas.ellipse((x + 0.03 + 0.032 * index, y + 0.0275), (0.01, 0.01), color)
    canvas.text((x + w / 2, y + 0.0275), words(generator, 2), 0.03, ink, anchor="mm")
    left = x
    if generator.random() < 0.6:
        side = min(generator.uniform(0.16, 0.26), 0.4 * w)
        canvas.box((x + 0.002, y + 0.055), (side, h - 0.058), mix(ground, ink, 0.07))
        for row in range(int((h - 0.1) / 0.06)):
            if row == 1:
                canvas.box((x + 0.006, y + 0.068 + 0.06 * row), (side - 0.01, 0.048), mix(ground, accent, 0.6), 0.008)
            _icon(generator, canvas, (x + 0.03, y + 0.092 + 0.06 * row), 0.014)
            canvas.text((x + 0.055, y + 0.092 + 0.06 * row), words(generator, 1)[:6], 0.028, ink, anchor="lm")
        left += side
    fill = (_window_text, _window_cards)[int(generator.integers(2))]
    fill(generator, canvas, (left + 0.02, y + 0.075), (x + w - left - 0.04, h - 0.09), (ground, ink, accent))


def _window_text(
    generator: np.random.Generator, canvas: Canvas, corner: Point, extent: Point, theme: tuple[Color, Color, Color]
) -> None:
    (x, y), (w, h), (ground, ink, accent) = corner, extent, theme
    code = generator.random() < 0.4
    size = generator.uniform(0.022, 0.034)
    level, end = y, y + h - 0.07
    if not code:
        canvas.text((x, level), words(generator, 2).title()[:14], 2 * size, ink, bold=0.03)
        level += 3 * size
    while level < end:
        start = x + (0.035 * generator.integers(0, 4) if code else 0)
        text = words(generator, int(generator.integers(2, 12)))
        while canvas.text_width(text, size) > x + w - start and text:
            text = text[:-2]
        color = hsv(generator.random(), 0.5, 0.9 if sum(ground) < 300 else 0.6) if code else mix(ink, ground, 0.15)
        canvas.text((start, level), text, size, color)
        level += 1.5 * size
    for index in range(2):
        place = (x + w - 0.15 * (index + 1), y + h - 0.055)
        canvas.box(place, (0.13, 0.05), accent if index == 0 else mix(ground, ink, 0.2), 0.01)
        canvas.text((place[0] + 0.065, place[1] + 0.025), ("OK", "Cancel")[index], 0.028, (255, 255, 255), anchor="mm")


def _window_cards(
    generator: np.random.Generator, canvas: Canvas, corner: Point, extent: Point, theme: tuple[Color, Color, Color]
) -> None:
    (x, y), (w, h), (ground, ink, accent) = corner, extent, theme
    columns = 2 if w < 0.5 else int(generator.integers(2, 5))
    step = w / columns
    rows = max(int(h / (step * 1.15)), 1)
    for row in range(rows):
        for column in range(columns):
            place = (x + column * step, y + row * step * 1.15)
            size = min(0.9 * step, 0.8 * h)
            canvas.box(place, (0.9 * step, size), mix(ground, ink, 0.1), 0.01)
            top, hue = (place[0] + 0.05 * step, place[1] + 0.05 * step), generator.random()
            canvas.box(top, (0.8 * step, 0.55 * size), hsv(hue, 0.5, 0.8), 0.006)
            canvas.ellipse(
                (top[0] + 0.55 * step, top[1] + 0.2 * size), (0.1 * step, 0.1 * step), hsv(hue + 0.4, 0.5, 0.95)
            )
            canvas.polygon(
                [
                    (top[0], top[1] + 0.55 * size),
                    (top[0] + 0.3 * step, top[1] + 0.2 * size),
                    (top[0] + 0.6 * step, top[1] + 0.55 * size),
                ],
                hsv(hue, 0.6, 0.4),
            )
            canvas.text((top[0], top[1] + 0.62 * size), words(generator, 1)[:8], 0.16 * size, ink)
            canvas.box((top[0], top[1] + 0.8 * size), (generator.uniform(0.3, 0.8) * step, 0.03 * size), accent)


def logo(generator: np.random.Generator, size_px: int) -> Pixels:
    """One bold flat shape or letter on white or a flat color, uint8 H×W×3."""
    hue = generator.random()
    color = (
        hsv(hue, generator.uniform(0.7, 1), generator.uniform(0.5, 1)) if generator.random() < 0.85 else (10, 10, 10)
    )
    ground = (255, 255, 255)
    if generator.random() < 0.4:
        ground = hsv(hue + generator.uniform(0.3, 0.7), generator.uniform(0.1, 0.9), generator.choice([0.2, 0.95]))
    if abs(sum(ground) - sum(color)) < 200:
        ground = (255, 255, 255) if sum(color) < 420 else (16, 18, 24)
    canvas = Canvas(size_px, ground)
    center = (generator.uniform(0.42, 0.58), generator.uniform(0.38, 0.55))
    radius = generator.uniform(0.2, 0.36)
    form = int(generator.integers(6))
    if form < 2:
        _emblem(generator, canvas, center, radius, (color, ground), form == 0)
    elif form == 2:
        letter = chr(65 + int(generator.integers(26)))
        canvas.text(center, letter, 2.2 * radius, color, anchor="mm", bold=generator.uniform(0.02, 0.09))
    else:
        _star(generator, canvas, center, radius, color, ground)
    if generator.random() < 0.5:
        name = words(generator, 1).upper()[:8]
        canvas.text((center[0], 0.91), name, generator.uniform(0.08, 0.14), color, anchor="mm", bold=0.04)
    return canvas.done()


def _emblem(
    generator: np.random.Generator,
    canvas: Canvas,
    center: Point,
    radius: float,
    colors: tuple[Color, Color],
    disc: bool,
) -> None:
    color, ground = colors
    x, y = center
    if disc:
        canvas.ellipse(center, (radius, radius), color)
    else:
        canvas.box((x - radius, y - radius), (2 * radius, 2 * radius), color, radius * generator.uniform(0, 0.5))
    inner = generator.random()
    if inner < 0.5:
        canvas.text(center, chr(65 + int(generator.integers(26))), 1.3 * radius, ground, anchor="mm", bold=0.06)
    elif inner < 0.75:
        share = generator.uniform(0.3, 0.7)
        canvas.ellipse((x + generator.uniform(-0.2, 0.3) * radius, y), (share * radius, share * radius), ground)
    else:
        for band in range(-1, 2):
            canvas.box((x - radius, y + (0.5 * band - 0.1) * radius), (2 * radius, 0.2 * radius), ground)


def _star(
    generator: np.random.Generator, canvas: Canvas, center: Point, radius: float, color: Color, ground: Color
) -> None:
    tips, depth, turn = int(generator.integers(3, 13)), generator.uniform(0.35, 1.15), generator.uniform(0, 6)
    corners = []
    for index in range(2 * tips):
        reach = radius * (1 if index % 2 == 0 else depth)
        angle = turn + index * math.pi / tips
        corners.append((center[0] + reach * math.cos(angle), center[1] + reach * math.sin(angle)))
    canvas.polygon(corners, color)
    if generator.random() < 0.5:
        hole = radius * generator.uniform(0.12, 0.3)
        canvas.polygon(ellipse_points(center, (hole, hole)), ground)
