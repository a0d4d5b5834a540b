"""What stands in drawn landscapes: trees, people and houses, each of one color."""

import math

import numpy as np

from nst_student.data.hard.canvas import (
    Canvas,
    Color,
    Point,
    blob,
    smooth_curve,
)


def _branch(
    canvas: Canvas, generator: np.random.Generator, foot: Point, angle: float, length: float, width: float, color: Color
) -> None:
    """Draw a bare tree: a branch and those that grow from it."""
    bend = (foot[0] + 0.5 * length * math.cos(angle + 0.12), foot[1] - 0.5 * length * math.sin(angle + 0.12))
    tip = (foot[0] + length * math.cos(angle), foot[1] - length * math.sin(angle))
    canvas.line([foot, bend, tip], color, max(width, 0.0016))
    if length < 0.022:
        return
    for _ in range(2 if generator.random() < 0.75 else 3):
        turn = generator.normal(0, 0.55)
        _branch(canvas, generator, tip, angle + turn, length * generator.uniform(0.6, 0.82), 0.66 * width, color)


def bare_tree(canvas: Canvas, generator: np.random.Generator, foot: Point, height: float, color: Color) -> None:
    """Draw a tree without leaves."""
    _branch(canvas, generator, foot, math.pi / 2 + generator.normal(0, 0.06), 0.3 * height, 0.06 * height, color)


def conifer(canvas: Canvas, generator: np.random.Generator, foot: Point, height: float, color: Color) -> None:
    """Draw a conifer of ragged tiers."""
    x, y = foot
    tiers = int(generator.integers(5, 9))
    right: list[Point] = []
    left: list[Point] = []
    for tier in range(tiers):
        level = y - height * (1 - tier / tiers)
        reach = height * 0.3 * (tier + 1) / tiers
        right += [(x + 0.45 * reach, level), (x + reach * generator.uniform(0.75, 1.1), level + 1.15 * height / tiers)]
        left += [(x - 0.45 * reach, level), (x - reach * generator.uniform(0.75, 1.1), level + 1.15 * height / tiers)]
    right[0] = left[0] = (x, y - height)
    canvas.polygon(right + left[::-1], color)
    canvas.box((x - 0.02 * height, y - 0.02), (0.04 * height, 0.1 * height), color)


def leafy_tree(canvas: Canvas, generator: np.random.Generator, foot: Point, height: float, color: Color) -> None:
    """Draw a tree with a round crown."""
    x, y = foot
    canvas.polygon(
        [
            (x - 0.04 * height, y),
            (x - 0.02 * height, y - 0.6 * height),
            (x + 0.02 * height, y - 0.6 * height),
            (x + 0.04 * height, y),
        ],
        color,
    )
    for _ in range(9):
        center = (x + 0.22 * height * generator.uniform(-1, 1), y - height * generator.uniform(0.5, 0.85))
        canvas.polygon(blob(generator, center, height * generator.uniform(0.1, 0.2), 0.35), color)


def _limb(canvas: Canvas, joints: list[Point], widths: tuple[float, float], color: Color) -> None:
    """Draw an arm or a leg that gets thinner towards its end."""
    path = smooth_curve(joints, 8)
    for share, (x, y) in zip(np.linspace(0, 1, len(path)).tolist(), path, strict=True):
        radius = 0.5 * (widths[0] + (widths[1] - widths[0]) * share)
        canvas.ellipse((x, y), (radius, radius), color)


def person(canvas: Canvas, generator: np.random.Generator, foot: Point, height: float, color: Color) -> None:
    """Draw a standing or walking person."""
    x, y = foot
    s = height
    stride, lean = generator.uniform(0.03, 0.15) * s, generator.uniform(-0.03, 0.03) * s
    for side in (-1, 1):
        knee = (x + side * (0.05 * s + 0.5 * stride) + lean, y - 0.26 * s)
        _limb(canvas, [(x + side * 0.045 * s, y - 0.5 * s), knee, (x + side * stride, y)], (0.1 * s, 0.045 * s), color)
        canvas.ellipse((x + side * stride + 0.02 * s, y), (0.035 * s, 0.015 * s), color)
        shoulder = (x + side * 0.105 * s + lean, y - 0.8 * s)
        elbow, hand = (0.16, 0.62), (generator.uniform(0.1, 0.22), 0.45)
        if generator.random() < 0.25:
            elbow, hand = (0.22, 0.84), (generator.uniform(0.15, 0.3), 1)
        bends = [(x + side * a * s + lean, y - b * s) for a, b in (elbow, hand)]
        _limb(canvas, [shoulder, *bends], (0.06 * s, 0.035 * s), color)
    hem = (0.08, 0.08, 0.15)[int(generator.integers(3))] * s
    side_line = [(0.06 * s, -0.86 * s), (0.125 * s, -0.82 * s), (0.085 * s, -0.63 * s), (hem, -0.42 * s)]
    right = [(x + lean + a, y + b) for a, b in side_line]
    left = [(x + lean - a, y + b) for a, b in side_line[::-1]]
    canvas.polygon(smooth_curve(right) + smooth_curve(left), color)
    canvas.line([(x + lean, y - 0.92 * s), (x + lean, y - 0.8 * s)], color, 0.05 * s)
    canvas.ellipse((x + 1.3 * lean, y - 0.94 * s), (0.052 * s, 0.068 * s), color)


def house(canvas: Canvas, generator: np.random.Generator, foot: Point, height: float, color: Color) -> None:
    """Draw a house with a roof and a chimney."""
    x, y = foot
    w = height * generator.uniform(0.4, 0.8)
    canvas.polygon(
        [
            (x - w, y),
            (x - w, y - 0.55 * height),
            (x - 0.8 * w, y - 0.55 * height),
            (x, y - height),
            (x + 0.8 * w, y - 0.55 * height),
            (x + w, y - 0.55 * height),
            (x + w, y),
        ],
        color,
    )
    canvas.box((x + 0.4 * w, y - 0.95 * height), (0.15 * w, 0.4 * height), color)


def level(line: list[Point], x: float) -> float:
    """How high the skyline is at ``x``."""
    return float(np.interp(x, [p[0] for p in line], [p[1] for p in line]))
