"""Drawn pictures of a pen's contours: houses, plants, people, cats and shapes, hatched."""

import math

import numpy as np

from nst_runtime.pictures.arrays import Pixels
from nst_student.data.hard.canvas import (
    Canvas,
    Point,
    blob,
    ellipse_points,
    smooth_curve,
)


def line_art(generator: np.random.Generator, size_px: int) -> Pixels:
    """Draw a black contour drawing on white of houses, plants, figures and shapes, uint8 H×W×3."""
    canvas = Canvas(size_px, (255, 255, 255) if generator.random() < 0.7 else (250, 247, 240))
    pen = generator.uniform(0.004, 0.01)
    motifs = (_house, _tree, _figure_drawing, _portrait, _shape, _vase, _cat)
    _sky(generator, canvas, pen)
    horizon = generator.uniform(0.35, 0.6)
    for _ in range(int(generator.integers(0, 3))):
        _inked(canvas, [*_hill(generator, horizon), (1.1, 1.1), (-0.1, 1.1)], pen)
        horizon += generator.uniform(0.06, 0.15)
    if generator.random() < 0.4:
        for _ in range(int(generator.integers(2, 6))):
            motif = motifs[int(generator.integers(len(motifs)))]
            foot = (generator.uniform(0.05, 0.95), generator.uniform(0.45, 0.65))
            motif(generator, canvas, foot, generator.uniform(0.25, 0.4), 0.8 * pen)
    count = int(generator.integers(1, 5))
    for place in generator.permutation(count).tolist():
        motif = motifs[int(generator.integers(len(motifs)))]
        scale = generator.uniform(0.8, 1.15) * (1.1, 0.85, 0.65, 0.52)[count - 1]
        motif(generator, canvas, ((place + 0.5) / count, generator.uniform(0.85, 1)), scale, pen)
    return canvas.done()


def _sky(generator: np.random.Generator, canvas: Canvas, pen: float) -> None:
    """Draw a sun with rays, clouds and birds."""
    if generator.random() < 0.5:
        (x, y), radius = generator.uniform(0.1, 0.35, 2).tolist(), generator.uniform(0.05, 0.1)
        canvas.ellipse((x, y), (radius, radius), None, (0, 0, 0), pen)
        for angle in np.linspace(0, math.tau, int(generator.integers(8, 20))):
            cos, sin = math.cos(angle), math.sin(angle)
            near, far = 1.2 * radius, radius * generator.uniform(1.5, 1.9)
            canvas.line([(x + near * cos, y + near * sin), (x + far * cos, y + far * sin)], (0, 0, 0), pen)
    for _ in range(int(generator.integers(0, 4))):
        x, y = generator.uniform(0.3, 0.95), generator.uniform(0.08, 0.3)
        radius = generator.uniform(0.04, 0.1)
        _inked(canvas, [(a, y + 0.5 * (b - y)) for a, b in blob(generator, (x, y), 1.6 * radius, 0.3)], pen)
    for _ in range(int(generator.integers(0, 6))):
        x, y, s = generator.uniform(0.1, 0.9), generator.uniform(0.05, 0.35), generator.uniform(0.015, 0.035)
        bird = [(x - 2 * s, y - 0.5 * s), (x - s, y - s), (x, y), (x + s, y - s), (x + 2 * s, y - 0.5 * s)]
        canvas.line(smooth_curve(bird), (0, 0, 0), 0.8 * pen)


def _portrait(generator: np.random.Generator, canvas: Canvas, foot: Point, scale: float, pen: float) -> None:
    x, y = foot
    s = 0.36 * scale
    head = (x, y - 1.25 * s)
    shoulders = [
        (x - 1.2 * s, y + 0.2 * s),
        (x - 0.9 * s, y - 0.2 * s),
        (x + 0.9 * s, y - 0.2 * s),
        (x + 1.2 * s, y + 0.2 * s),
    ]
    _inked(canvas, smooth_curve(shoulders), pen)
    neck = [(x - 0.22 * s, y - 0.1 * s), (x - 0.2 * s, head[1]), (x + 0.2 * s, head[1]), (x + 0.22 * s, y - 0.1 * s)]
    _inked(canvas, neck, pen)
    _inked(canvas, ellipse_points(head, (0.6 * s, 0.84 * s)), pen)
    _features(generator, canvas, (x + generator.uniform(-0.12, 0.12) * s, head[1]), s, pen)
    fall = generator.uniform(1, 3)
    for part in np.linspace(-1, 1, int(generator.integers(10, 30))).tolist():
        end = (max(abs(part), 0.55) - 0.7) * fall - 0.25
        lock = [(0.25 * part, -0.84), (0.6 * part, -0.62), (0.68 * part, end)]
        canvas.line(smooth_curve([(x + a * s, head[1] + b * s) for a, b in lock]), (0, 0, 0), 0.7 * pen)


def _features(generator: np.random.Generator, canvas: Canvas, middle: Point, s: float, pen: float) -> None:
    """Draw eyes, brows, nose and mouth around the ``middle`` of a head 0.6 ``s`` to each side."""
    x, y = middle
    for side in (-1, 1):
        eye = (x + side * 0.24 * s, y - 0.05 * s)
        lid = [(eye[0] - 0.13 * s, eye[1]), (eye[0], eye[1] - 0.08 * s), (eye[0] + 0.13 * s, eye[1])]
        canvas.line(smooth_curve(lid), (0, 0, 0), pen)
        canvas.line(smooth_curve([(a, 2 * eye[1] - b) for a, b in lid]), (0, 0, 0), 0.6 * pen)
        canvas.ellipse(eye, (0.05 * s, 0.055 * s), (0, 0, 0))
        canvas.line(smooth_curve([(a, b - 0.12 * s) for a, b in lid]), (0, 0, 0), 1.4 * pen)
    nose = [(x + 0.05 * s, y), (x + 0.1 * s, y + 0.25 * s), (x - 0.05 * s, y + 0.27 * s)]
    canvas.line(smooth_curve(nose), (0, 0, 0), pen)
    smile = generator.uniform(-0.02, 0.08)
    for drop in (0, 0.07):
        lips = [(-0.2, 0.46 - smile), (0, 0.47 + drop), (0.2, 0.46 - smile)]
        canvas.line(smooth_curve([(x + a * s, y + b * s) for a, b in lips]), (0, 0, 0), pen)


def _hill(generator: np.random.Generator, height: float) -> list[Point]:
    levels = height + 0.08 * generator.uniform(-1, 1, 5)
    return smooth_curve([(-0.1 + 0.3 * i, float(level)) for i, level in enumerate(levels)])


def _hatch(canvas: Canvas, outline: list[Point], angle: float, spacing: float, pen: float) -> None:
    """Parallel lines inside a convex outline."""
    points = np.asarray(outline)
    along, across = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    heights = points @ across
    following = np.roll(points, -1, axis=0)
    for level in np.arange(heights.min() + spacing, heights.max(), spacing):
        ahead = np.roll(heights, -1)
        crossing = (heights < level) != (ahead < level)
        share = (level - heights[crossing]) / (ahead[crossing] - heights[crossing])
        places = points[crossing] + share[:, None] * (following[crossing] - points[crossing])
        ends = places[np.argsort(places @ along)]
        for first, second in zip(ends[::2], ends[1::2], strict=False):
            canvas.line([(first[0], first[1]), (second[0], second[1])], (0, 0, 0), pen)


def _inked(canvas: Canvas, outline: list[Point], pen: float) -> None:
    canvas.polygon(outline, (255, 255, 255), (0, 0, 0), pen)


def _house(generator: np.random.Generator, canvas: Canvas, foot: Point, scale: float, pen: float) -> None:
    x, y = foot
    w, h = scale * generator.uniform(0.25, 0.4), scale * generator.uniform(0.3, 0.55)
    roof = [(x - 1.15 * w, y - h), (x, y - h - 0.7 * w), (x + 1.15 * w, y - h)]
    _inked(canvas, [(x - w, y), (x - w, y - h), (x + w, y - h), (x + w, y)], pen)
    _inked(canvas, roof, pen)
    _hatch(canvas, roof, generator.uniform(0, 3), 0.022, 0.5 * pen)
    _inked(canvas, [(x - 0.2 * w, y), (x - 0.2 * w, y - 0.5 * h), (x + 0.2 * w, y - 0.5 * h), (x + 0.2 * w, y)], pen)
    for side in (-0.6, 0.6):
        left, top, s = x + side * w - 0.18 * w, y - 0.8 * h, 0.36 * w
        _inked(canvas, [(left, top), (left + s, top), (left + s, top + s), (left, top + s)], pen)
        canvas.line([(left + s / 2, top), (left + s / 2, top + s)], (0, 0, 0), 0.6 * pen)
        canvas.line([(left, top + s / 2), (left + s, top + s / 2)], (0, 0, 0), 0.6 * pen)


def _tree(generator: np.random.Generator, canvas: Canvas, foot: Point, scale: float, pen: float) -> None:
    x, y = foot
    h, w = scale * generator.uniform(0.5, 0.9), scale * 0.04
    _inked(canvas, [(x - w, y), (x - 0.6 * w, y - h), (x + 0.6 * w, y - h), (x + w, y)], pen)
    for _ in range(int(generator.integers(3, 7))):
        center = (x + scale * generator.uniform(-0.18, 0.18), y - h + scale * generator.uniform(-0.12, 0.15))
        crown = blob(generator, center, scale * generator.uniform(0.1, 0.2))
        _inked(canvas, crown, pen)
        if generator.random() < 0.5:
            _hatch(canvas, crown, generator.uniform(0, 3), 0.02, 0.5 * pen)


def _figure_drawing(generator: np.random.Generator, canvas: Canvas, foot: Point, scale: float, pen: float) -> None:
    x, y = foot
    s = scale * generator.uniform(0.85, 1)
    lean, stride = generator.uniform(-0.05, 0.05) * s, generator.uniform(0.06, 0.16) * s
    hips, neck = (x, y - 0.45 * s), (x + lean, y - 0.8 * s)
    for side in (-1, 1):
        leg = [
            hips,
            (x + side * stride * 0.7, y - 0.22 * s),
            (x + side * stride, y),
            (x + side * (stride + 0.05 * s), y),
        ]
        canvas.line(smooth_curve(leg), (0, 0, 0), 0.05 * s + 2 * pen)
        canvas.line(smooth_curve(leg), (255, 255, 255), 0.05 * s)
        hand = (x + side * generator.uniform(0.12, 0.3) * s, y - generator.uniform(0.4, 0.95) * s)
        arm = [neck, (x + side * 0.15 * s, y - 0.65 * s), hand]
        canvas.line(smooth_curve(arm), (0, 0, 0), 0.04 * s + 2 * pen)
        canvas.line(smooth_curve(arm), (255, 255, 255), 0.04 * s)
    w = generator.uniform(0.07, 0.1) * s
    flare = generator.uniform(1, 2.2)
    coat = [
        (neck[0] - w, neck[1]),
        (neck[0] + w, neck[1]),
        (x + flare * w, y - 0.38 * s),
        (x - flare * w, y - 0.38 * s),
    ]
    _inked(canvas, coat, pen)
    if generator.random() < 0.7:
        _hatch(canvas, coat, generator.uniform(0, 3), 0.018, 0.5 * pen)
    _round_head(canvas, (neck[0] + 0.3 * lean, neck[1] - 0.1 * s), s, pen)


def _round_head(canvas: Canvas, head: Point, s: float, pen: float) -> None:
    _inked(canvas, ellipse_points(head, (0.07 * s, 0.09 * s)), pen)
    for side in (-1, 1):
        canvas.ellipse((head[0] + side * 0.025 * s, head[1] - 0.01 * s), (0.009 * s, 0.009 * s), (0, 0, 0))
    mouth = [
        (head[0] - 0.025 * s, head[1] + 0.035 * s),
        (head[0], head[1] + 0.045 * s),
        (head[0] + 0.025 * s, head[1] + 0.035 * s),
    ]
    canvas.line(smooth_curve(mouth), (0, 0, 0), 0.7 * pen)
    for angle in np.linspace(3.3, 6.1, 9):
        tip = (head[0] + 0.09 * s * math.cos(angle), head[1] + 0.115 * s * math.sin(angle))
        canvas.line([(head[0] + 0.06 * s * math.cos(angle), head[1] + 0.08 * s * math.sin(angle)), tip], (0, 0, 0), pen)


def _shape(generator: np.random.Generator, canvas: Canvas, foot: Point, scale: float, pen: float) -> None:
    radius = scale * generator.uniform(0.2, 0.4)
    center = (foot[0], foot[1] - radius - generator.uniform(0, 0.3))
    sides = int(generator.integers(3, 9))
    turn = generator.uniform(0, 3)
    corners = [
        (
            center[0] + radius * math.cos(turn + i * math.tau / sides),
            center[1] + radius * math.sin(turn + i * math.tau / sides),
        )
        for i in range(sides)
    ]
    outline = corners if generator.random() < 0.5 else ellipse_points(center, (radius, radius))
    _inked(canvas, outline, pen)
    _hatch(canvas, outline, generator.uniform(0, 3), generator.uniform(0.015, 0.05), 0.5 * pen)


def _vase(generator: np.random.Generator, canvas: Canvas, foot: Point, scale: float, pen: float) -> None:
    x, y = foot
    s = scale * 0.9
    for _ in range(int(generator.integers(3, 7))):
        tip = (x + s * generator.uniform(-0.35, 0.35), y - s * generator.uniform(0.65, 1))
        canvas.line(smooth_curve([(x, y - 0.35 * s), ((x + tip[0]) / 2, y - 0.6 * s), tip]), (0, 0, 0), pen)
        for angle in np.linspace(0, math.tau, 7)[:-1]:
            petal = (tip[0] + 0.05 * s * math.cos(angle), tip[1] + 0.05 * s * math.sin(angle))
            _inked(canvas, ellipse_points(petal, (0.03 * s, 0.03 * s), 14), 0.7 * pen)
        canvas.ellipse(tip, (0.025 * s, 0.025 * s), (0, 0, 0))
    belly = generator.uniform(0.12, 0.22) * s
    half = [(0.06 * s, 0.45 * s), (0.05 * s, 0.38 * s), (belly, 0.2 * s), (0.08 * s, 0)]
    outline = smooth_curve([(x - a, y - b) for a, b in half]) + smooth_curve(
        [(x + a, y - b) for a, b in reversed(half)]
    )
    _inked(canvas, outline, pen)
    _hatch(canvas, outline, generator.uniform(0, 3), 0.025, 0.5 * pen)


def _cat(generator: np.random.Generator, canvas: Canvas, foot: Point, scale: float, pen: float) -> None:
    x, y = foot
    s, side = 0.7 * scale, float(generator.choice([-1, 1]))
    tail = [(x + side * 0.2 * s, y - 0.05 * s), (x + side * 0.5 * s, y - 0.1 * s), (x + side * 0.45 * s, y - 0.5 * s)]
    canvas.line(smooth_curve(tail), (0, 0, 0), 0.04 * s + pen)
    _inked(canvas, ellipse_points((x, y - 0.3 * s), (0.27 * s, 0.32 * s)), pen)
    head = (x - side * 0.05 * s, y - 0.72 * s)
    for ear in (-1, 1):
        _inked(
            canvas,
            [
                (head[0] + ear * 0.04 * s, head[1] - 0.15 * s),
                (head[0] + ear * 0.17 * s, head[1] - 0.33 * s),
                (head[0] + ear * 0.2 * s, head[1] - 0.05 * s),
            ],
            pen,
        )
    _inked(canvas, ellipse_points(head, (0.22 * s, 0.19 * s)), pen)
    for eye in (-1, 1):
        canvas.ellipse((head[0] + eye * 0.09 * s, head[1] - 0.03 * s), (0.03 * s, 0.04 * s), (0, 0, 0))
        for lift in (-0.04, 0.02, 0.08):
            canvas.line(
                [(head[0] + eye * 0.08 * s, head[1] + 0.06 * s), (head[0] + eye * 0.33 * s, head[1] + lift * s)],
                (0, 0, 0),
                0.5 * pen,
            )
    canvas.polygon(
        [
            (head[0] - 0.03 * s, head[1] + 0.04 * s),
            (head[0] + 0.03 * s, head[1] + 0.04 * s),
            (head[0], head[1] + 0.07 * s),
        ],
        (0, 0, 0),
    )
