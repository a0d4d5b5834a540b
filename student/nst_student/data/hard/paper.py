"""Drawn pictures of paper: a printed page and handwriting."""

import numpy as np

from nst_runtime.pictures.arrays import Pixels
from nst_student.data.hard.canvas import Canvas, Color, Point, blob, clouds, grain, gray, hsv, mix, smooth_curve, words

GLYPHS: dict[str, tuple[Point, ...]] = {
    "a": ((0, 0.1), (0.65, 0.9), (0.35, 1), (0.1, 0.5), (0.3, 0.03), (0.6, 0.5), (0.68, 1), (0.66, 0.3), (0.9, 0.1)),
    "d": ((0, 0.1), (0.6, 0.9), (0.3, 1), (0.1, 0.5), (0.3, 0.03), (0.6, 0.6), (0.72, 2), (0.65, 0.3), (0.9, 0.1)),
    "e": ((0, 0.1), (0.5, 0.5), (0.55, 0.9), (0.35, 1), (0.15, 0.5), (0.35, 0.03), (0.75, 0.15)),
    "g": ((0, 0.1), (0.6, 0.9), (0.3, 1), (0.1, 0.5), (0.3, 0.05), (0.65, 1), (0.6, -0.7), (0.3, -1), (0.9, 0.1)),
    "h": ((0, 0), (0.35, 1.3), (0.4, 1.95), (0.2, 1.9), (0.15, 0), (0.22, 0.6), (0.5, 1), (0.6, 0.1), (0.85, 0.1)),
    "i": ((0, 0.1), (0.2, 1), (0.2, 0.2), (0.3, 0.02), (0.55, 0.15)),
    "l": ((0, 0), (0.4, 1.2), (0.45, 1.95), (0.25, 2), (0.2, 1), (0.3, 0.1), (0.6, 0.1)),
    "m": ((0, 0.1), (0.15, 1), (0.18, 0), (0.45, 1), (0.5, 0), (0.8, 1), (0.9, 0.8), (0.9, 0.1), (1.15, 0.1)),
    "n": ((0, 0.1), (0.15, 1), (0.2, 0), (0.25, 0.5), (0.5, 1), (0.62, 0.8), (0.62, 0.1), (0.85, 0.1)),
    "o": ((0, 0.2), (0.5, 1), (0.15, 0.8), (0.15, 0.2), (0.45, 0), (0.7, 0.5), (0.5, 1), (0.9, 0.8)),
    "r": ((0, 0), (0.2, 0.9), (0.3, 1.05), (0.35, 0.85), (0.55, 0.9), (0.5, 0.2), (0.75, 0.1)),
    "s": ((0, 0), (0.35, 0.8), (0.42, 1), (0.55, 0.5), (0.35, 0), (0.1, 0.1), (0.7, 0.1)),
    "t": ((0, 0.1), (0.3, 1), (0.38, 1.7), (0.33, 0.4), (0.45, 0), (0.7, 0.15)),
    "u": ((0, 0.1), (0.15, 1), (0.15, 0.3), (0.35, 0), (0.6, 0.5), (0.65, 1), (0.65, 0.3), (0.9, 0.1)),
}


PEN_WORDS = [
    "the",
    "one",
    "in",
    "dear",
    "great",
    "morning",
    "night",
    "house",
    "letter",
    "garden",
    "summer",
    "listen",
    "moonlight",
    "shoulder",
    "tea",
    "rain",
    "around",
    "other",
    "stranger",
    "together",
    "gentle",
    "street",
    "train",
    "island",
    "hundred",
    "minutes",
    "is",
    "at",
    "to",
    "and",
    "in",
    "soon",
    "still",
    "leaning",
    "dream",
    "read",
    "later",
    "tonight",
    "alone",
    "into",
    "see",
    "tell",
    "go",
    "had",
    "his",
    "her",
    "that",
    "there",
    "time",
    "more",
    "are",
    "short",
    "greetings",
    "home",
    "here",
    "these",
    "is",
    "it",
]


def document(generator: np.random.Generator, size_px: int) -> Pixels:
    """Draw a printed page with title, columns, tables or figures, uint8 H×W×3."""
    paper = mix((255, 255, 255), hsv(generator.uniform(0.08, 0.16), 0.2, 0.95), generator.choice([0, 0, 0.3, 1]))
    ink = mix(gray(generator.uniform(0, 60)), (20, 30, 90), float(generator.choice([0, 0, 0, 0.7])))
    canvas = Canvas(size_px, paper)
    size = float(generator.choice([0.022, 0.026, 0.032, 0.042, 0.06]))
    margin = generator.uniform(0.04, 0.13)
    top = margin * generator.uniform(0.3, 1.1)
    if generator.random() < 0.7:
        top = _title(generator, canvas, margin, top, size, ink)
    columns = 2 if size < 0.034 and generator.random() < 0.4 else 1
    gap = 0.04
    width = (1 - 2 * margin - gap * (columns - 1)) / columns
    for column in range(columns):
        _column(generator, canvas, (margin + column * (width + gap), top), width, size, ink)
    if generator.random() < 0.5:
        canvas.tilt(generator.uniform(-4, 4), paper)
    image = canvas.done().astype(np.float32)
    if generator.random() < 0.5:
        image *= (0.97 + 0.04 * clouds(generator, size_px, 2, 1))[..., None]
    return grain(generator, image, float(generator.choice([0, 0, 1.5, 3])))


def _title(generator: np.random.Generator, canvas: Canvas, margin: float, top: float, size: float, ink: Color) -> float:
    color = hsv(generator.random(), 0.8, 0.55) if generator.random() < 0.3 else ink
    big = size * generator.uniform(1.5, 2.6)
    middle = generator.random() < 0.5
    text = words(generator, 12).capitalize()
    while canvas.text_width(text, big) > 1 - 2 * margin:
        text = text.rsplit(" ", 1)[0] if " " in text else text[:-1]
    canvas.text((0.5 if middle else margin, top), text, big, color, anchor="mt" if middle else "lt", bold=0.03)
    top += 1.4 * big
    if generator.random() < 0.5:
        canvas.text((0.5 if middle else margin, top), words(generator, 4), size, ink, anchor="mt" if middle else "lt")
        top += 1.8 * size
    if generator.random() < 0.4:
        canvas.line([(margin, top), (1 - margin, top)], ink, 0.003)
    return top + size


def _column(
    generator: np.random.Generator, canvas: Canvas, corner: Point, width: float, size: float, ink: Color
) -> None:
    left, y = corner
    bottom = 1 - generator.uniform(0.02, 0.1)
    leading = size * generator.uniform(1.25, 1.7)
    while y < bottom - size:
        draw = generator.random()
        if draw < 0.12 and y < bottom - 0.25:
            y = _figure(generator, canvas, (left, y), width, ink)
        elif draw < 0.22 and y < bottom - 0.2:
            y = _table(generator, canvas, (left, y), width, size, ink)
        else:
            if draw < 0.4:
                canvas.text((left, y), words(generator, 3).title()[:24], 1.15 * size, ink, bold=0.035)
                y += 1.3 * leading
            y = _paragraph(
                generator,
                canvas,
                (left, y),
                width,
                min(bottom, y + leading * generator.integers(3, 10)),
                size,
                leading,
                ink,
            )
        y += 0.7 * leading


def _paragraph(
    generator: np.random.Generator,
    canvas: Canvas,
    corner: Point,
    width: float,
    bottom: float,
    size: float,
    leading: float,
    ink: Color,
) -> float:
    left, y = corner
    space = canvas.text_width(" ", size)
    while y < bottom:
        last = y + leading >= bottom
        limit = width * (generator.uniform(0.2, 0.9) if last else 1)
        chosen: list[str] = []
        used = 0.0
        while True:
            word = words(generator, 1)
            extent = canvas.text_width(word, size)
            if used + extent > limit:
                break
            chosen.append(word)
            used += extent + space
        stretch = 0.0 if last or len(chosen) < 2 else (width - used + space) / (len(chosen) - 1)
        x = left
        for word in chosen:
            canvas.text((x, y + size), word, size, ink, anchor="ls")
            x += canvas.text_width(word, size) + space + stretch
        y += leading
    return y


def _figure(generator: np.random.Generator, canvas: Canvas, corner: Point, width: float, ink: Color) -> float:
    height = generator.uniform(0.12, 0.22)
    canvas.box(corner, (width, height), gray(generator.uniform(170, 235)), outline=ink, width=0.002)
    for _ in range(int(generator.integers(1, 5))):
        center = (corner[0] + width * generator.uniform(0.2, 0.8), corner[1] + height * generator.uniform(0.3, 0.7))
        canvas.polygon(blob(generator, center, height * generator.uniform(0.1, 0.3)), gray(generator.uniform(60, 200)))
    return corner[1] + height


def _table(
    generator: np.random.Generator, canvas: Canvas, corner: Point, width: float, size: float, ink: Color
) -> float:
    rows, columns = int(generator.integers(3, 7)), int(generator.integers(2, 5))
    step = 1.6 * size
    x0, y0 = corner
    canvas.box(corner, (width, step), gray(generator.uniform(200, 240)))
    for row in range(rows + 1):
        canvas.line([(x0, y0 + row * step), (x0 + width, y0 + row * step)], ink, 0.002)
    for row in range(rows):
        for column in range(columns):
            text = words(generator, 1) if row == 0 or column == 0 else f"{generator.uniform(0, 99):.1f}"
            canvas.text((x0 + width * (column + 0.08) / columns, y0 + (row + 0.25) * step), text[:8], 0.85 * size, ink)
    return y0 + rows * step


def handwriting(generator: np.random.Generator, size_px: int) -> Pixels:
    """Lines of a pen on plain, ruled or squared paper, uint8 H×W×3."""
    paper = mix((253, 253, 252), hsv(generator.uniform(0.08, 0.17), 0.25, 0.97), generator.random())
    ink = (hsv(0.63, 0.8, 0.5), (25, 25, 30), hsv(0.6, 0.9, 0.65), (130, 25, 35))[int(generator.integers(4))]
    canvas = Canvas(size_px, paper)
    spacing = generator.uniform(0.06, 0.15)
    ruling = generator.choice(["plain", "ruled", "squared"])
    rule = mix(paper, hsv(generator.uniform(0.5, 0.65), 0.6, 0.8), 0.45)
    for position in np.arange(spacing, 1.1, spacing if ruling == "ruled" else spacing / 2):
        if ruling != "plain":
            canvas.line([(0, position), (1, position)], rule, 0.002)
        if ruling == "squared":
            canvas.line([(position, 0), (position, 1)], rule, 0.002)
    if ruling == "ruled" and generator.random() < 0.6:
        canvas.line([(0.1, 0), (0.1, 1)], (225, 120, 120), 0.003)
    height = spacing * generator.uniform(0.26, 0.36)
    slant, pen = generator.uniform(-0.1, 0.6), spacing * generator.uniform(0.038, 0.07)
    y = spacing * generator.integers(1, 3)
    while y < 1.02:
        _pen_line(generator, canvas, (generator.uniform(0.05, 0.16), y), height, slant, ink, pen)
        y += spacing
    canvas.tilt(generator.uniform(-6, 6), paper)
    shade = (0.97 + 0.05 * clouds(generator, size_px, 2, 1))[..., None]
    return grain(generator, canvas.done() * shade, generator.uniform(0, 2.5))


def _pen_line(
    generator: np.random.Generator, canvas: Canvas, start: Point, height: float, slant: float, ink: Color, pen: float
) -> None:
    x, y = start
    end = generator.uniform(0.5, 0.98) if generator.random() < 0.3 else 0.96
    drift = generator.uniform(-0.03, 0.03)
    wide = height * generator.uniform(0.9, 1.25)
    while x < end:
        path: list[Point] = []
        for letter in PEN_WORDS[int(generator.integers(len(PEN_WORDS)))]:
            glyph = GLYPHS[letter]
            base = y + drift * x
            tall = height * generator.uniform(0.85, 1.15)
            for gx, gy in glyph:
                nudge_x, nudge_y = generator.uniform(-0.06, 0.06, 2)
                path.append((x + wide * (gx + nudge_x) + slant * gy * tall, base - tall * (gy + nudge_y)))
            if letter == "t":
                canvas.line([(x + slant * height, base - 1.3 * tall), (x + wide * 0.8, base - 1.35 * tall)], ink, pen)
            if letter == "i":
                canvas.ellipse((x + wide * 0.3 + 1.4 * slant * tall, base - 1.5 * tall), (0.7 * pen, 0.7 * pen), ink)
            x += wide * glyph[-1][0]
        canvas.line(smooth_curve(path, 4), ink, pen * generator.uniform(0.85, 1.15))
        x += height * generator.uniform(0.8, 1.5)
