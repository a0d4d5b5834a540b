"""The features of drawn faces: eyes, brows, mouths, hair, beards and glasses."""

import math
from dataclasses import dataclass

import numpy as np

from nst_student.data.hard.canvas import (
    Canvas,
    Color,
    Point,
    gray,
    mix,
    smooth_curve,
)

HALF_WIDTH = 0.76


EYE_U, EYE_V, BROW_V, NOSE_V, MOUTH_V = 0.33, -0.06, -0.27, 0.3, 0.6


@dataclass(frozen=True)
class Pose:
    """Where the head is and how it is turned; its own coordinates have the chin at v = 1 and the crown at v = -1."""

    center: Point
    scale: float
    roll: float
    yaw: float
    jaw: float

    def place(self, u: float, v: float, depth: float = 1) -> Point:
        """Return the picture's point for the face's ``u``, ``v``; ``depth`` says how far features follow the turn."""
        u = u * math.sqrt(1 - self.yaw**2) + depth * 0.55 * self.yaw * (1 - (u * self.yaw > 0) * 0.3 * abs(u))
        cos, sin = math.cos(self.roll), math.sin(self.roll)
        return self.center[0] + self.scale * (u * cos - v * sin), self.center[1] + self.scale * (u * sin + v * cos)

    def outline(self, points: list[Point], depth: float = 1) -> list[Point]:
        """All the points placed."""
        return [self.place(u, v, depth) for u, v in points]


@dataclass(frozen=True)
class Looks:
    """The colors of a person and the direction that the light comes from."""

    skin: Color
    hair: Color
    iris: Color
    lips: Color
    light: tuple[float, float, float]
    age: float


def _almond(side: int, opening: float) -> tuple[list[Point], list[Point]]:
    """Return the upper and the lower lid of an eye, from its inner corner to its outer one, in u and v."""
    upper = [(0.17, 0.025), (0.24, -0.055), (0.33, -0.085), (0.43, -0.055), (0.5, -0.005)]
    lower = [(0.17, 0.025), (0.26, 0.05), (0.35, 0.058), (0.44, 0.04), (0.5, -0.005)]
    return tuple([(side * u, EYE_V + opening * v) for u, v in smooth_curve(lid)] for lid in (upper, lower))  # type: ignore[return-value]


def eye(canvas: Canvas, pose: Pose, looks: Looks, side: int, look: Point, opening: float) -> None:
    """Paint the eye on ``side`` (-1 left, 1 right), its iris moved by ``look``, its lids opened by ``opening``."""
    upper, lower = (pose.outline(lid) for lid in _almond(side, opening))
    s = pose.scale
    crease = [(u, v - 0.055) for u, v in _almond(side, opening)[0][3:-2]]
    canvas.soft(
        pose.outline([(u, v - 0.05) for u, v in _almond(side, opening)[0]]) + lower[::-1],
        mix(looks.skin, (50, 20, 15), 0.6),
        0.02 * s,
        0.45,
    )
    x, y = pose.place(side * 0.335 + look[0], EYE_V - 0.012 + look[1])
    ball = canvas.copy()
    white = mix((236, 229, 224), looks.skin, 0.15)
    ball.polygon(upper + lower[::-1], white)
    ball.line(upper, mix(white, (90, 60, 55), 0.55), 0.05 * s)
    ball.ellipse((x, y), (0.085 * s, 0.085 * s), mix(looks.iris, (0, 0, 0), 0.65))
    ball.ellipse((x, y), (0.073 * s, 0.073 * s), looks.iris)
    ball.ellipse((x, y + 0.025 * s), (0.05 * s, 0.04 * s), mix(looks.iris, (255, 240, 210), 0.3))
    ball.ellipse((x, y), (0.037 * s, 0.037 * s), (8, 6, 6))
    glint = 0.03 * s * (1 if looks.light[0] > 0 else -1)
    ball.ellipse((x + glint, y - 0.03 * s), (0.018 * s, 0.018 * s), (255, 255, 255))
    canvas.overlay(ball, upper + lower[::-1])
    canvas.line(lower, mix(looks.skin, (80, 30, 25), 0.55), 0.014 * s)
    canvas.line(upper, (26, 16, 14), 0.032 * s)
    canvas.line(pose.outline(crease), mix(looks.skin, (50, 20, 15), 0.6), 0.014 * s)
    outer = upper[-1]
    canvas.line([outer, (outer[0] + side * 0.03 * s, outer[1] - 0.025 * s)], (26, 16, 14), 0.02 * s)


def brows(generator: np.random.Generator, canvas: Canvas, pose: Pose, looks: Looks) -> None:
    """Paint both brows hair by hair."""
    color = mix(mix(looks.hair, (40, 26, 18), 0.5), looks.skin, 0.1)
    lift, thick = generator.uniform(-0.04, 0.03), generator.uniform(0.03, 0.065)
    arch = generator.uniform(0.02, 0.08)
    for side in (-1, 1):
        for t in np.linspace(0, 1, 26):
            u = 0.13 + 0.44 * t
            v = BROW_V + lift - arch * math.sin(math.pi * min(t * 0.85 + 0.1, 1)) + 0.02
            half = thick * (1 - 0.75 * t) * generator.uniform(0.7, 1.1)
            root, tip = pose.place(side * u, v + half * 0.6), pose.place(side * (u + 0.05), v - half * 0.6)
            canvas.line([root, tip], mix(color, looks.skin, generator.uniform(0, 0.25)), 0.024 * pose.scale)


def nostrils(canvas: Canvas, pose: Pose, looks: Looks) -> None:
    """Paint the nostrils, the wings of the nose and the shade beneath it."""
    dark = mix(looks.skin, (35, 8, 6), 0.8)
    for side in (-1, 1):
        hole = [
            (side * (0.065 + 0.038 * math.cos(t)), NOSE_V + 0.05 + 0.018 * math.sin(t))
            for t in np.linspace(0, 6.28, 14)
        ]
        canvas.soft(pose.outline(hole, 1.25), dark, 0.012 * pose.scale, 1)
        wing = smooth_curve(
            [(side * 0.14, NOSE_V - 0.05), (side * 0.165, NOSE_V + 0.01), (side * 0.13, NOSE_V + 0.055)]
        )
        canvas.line(pose.outline(wing, 1.2), mix(looks.skin, (60, 22, 16), 0.32), 0.012 * pose.scale)
    base = [(0.15 * math.cos(t), NOSE_V + 0.075 + 0.03 * math.sin(t)) for t in np.linspace(0, 6.28, 20)]
    canvas.soft(pose.outline(base, 1.2), dark, 0.03 * pose.scale, 0.45)


def mouth(generator: np.random.Generator, canvas: Canvas, pose: Pose, looks: Looks) -> None:
    """Paint a mouth, closed or open with teeth, that smiles more or less."""
    smile, wide = generator.uniform(-0.01, 0.1), generator.uniform(0.2, 0.29)
    gap = float(generator.choice([0, 0, generator.uniform(0.03, 0.08)]))
    upper, line, low, base = _lips(pose, smile, wide, gap)
    canvas.polygon(line + low[::-1], (70, 18, 18))
    if gap:
        inner, corner = 0.9 * wide, MOUTH_V - smile
        edge = smooth_curve([(-inner, corner), (0, MOUTH_V + 0.008), (inner, corner)], 8)
        teeth = [(u, v + 0.7 * gap * (1 - (u / wide) ** 2)) for u, v in edge]
        canvas.overlay(_filled(canvas, pose.outline(edge + teeth[::-1], 1.08), (236, 230, 220)), line + low[::-1])
    canvas.polygon(upper + line[::-1], mix(looks.lips, (60, 10, 15), 0.28))
    canvas.polygon(low + base[::-1], looks.lips)
    turns = np.linspace(0, math.tau, 16).tolist()
    shine = [(0.09 * math.cos(t), MOUTH_V + 0.055 + gap + 0.014 * math.sin(t)) for t in turns]
    canvas.soft(pose.outline(shine, 1.08), mix(looks.lips, (255, 235, 230), 0.6), 0.016 * pose.scale, 0.8)
    for edge in (line, low):
        canvas.line(edge, mix(looks.lips, (30, 5, 8), 0.75), 0.02 * pose.scale)
    for side in (-1, 1):
        dimple = [(side * wide + 0.03 * math.cos(t), MOUTH_V - smile + 0.03 * math.sin(t)) for t in turns]
        canvas.soft(pose.outline(dimple, 1.08), mix(looks.skin, (50, 15, 10), 0.7), 0.015 * pose.scale, 0.7)


def _filled(canvas: Canvas, outline: list[Point], color: Color) -> Canvas:
    other = canvas.copy()
    other.polygon(outline, color)
    return other


def _lips(pose: Pose, smile: float, wide: float, gap: float) -> tuple[list[Point], ...]:
    """Return the lips' four edges from the top down, each from the left corner to the right one."""
    corner = (wide, MOUTH_V - smile)
    halves = (
        [(0.0, MOUTH_V - 0.045), (0.06, MOUTH_V - 0.062), (0.5 * wide, MOUTH_V - 0.045), corner],
        [(0.0, MOUTH_V + 0.008), (0.5 * wide, MOUTH_V - 0.2 * smile), corner],
        [(0.0, MOUTH_V + 0.008 + gap), (0.5 * wide, MOUTH_V - 0.2 * smile + 0.75 * gap), corner],
        [(0.0, MOUTH_V + 0.105 + gap), (0.55 * wide, MOUTH_V + 0.055 + gap), corner],
    )
    edges = ([(-u, v) for u, v in half[:0:-1]] + half for half in halves)
    return tuple(pose.outline(smooth_curve(edge), 1.08) for edge in edges)


def _strand(generator: np.random.Generator, color: Color) -> Color:
    return mix(
        mix(color, (0, 0, 0), generator.uniform(0, 0.45)), (255, 235, 205), float(generator.choice([0, 0, 0.06, 0.13]))
    )


def hair_behind(generator: np.random.Generator, canvas: Canvas, pose: Pose, looks: Looks, long: bool) -> None:
    """Paint the hair that falls behind the head, to the shoulders if ``long``."""
    end = generator.uniform(1.2, 1.8) if long else generator.uniform(0.4, 0.9)
    wide = generator.uniform(0.88, 1.05)
    left = [(-0.5, -1.02), (-0.9 * wide, -0.5), (-wide, 0.1), (-wide * 1.02, 0.6 * end), (-0.75 * wide, end)]
    shape = smooth_curve(left + [(-u, v) for u, v in left[::-1]], closed=True)
    canvas.polygon(pose.outline(shape, 0), mix(looks.hair, (0, 0, 0), 0.4))
    for t in generator.uniform(-1, 1, 64).tolist():
        path = [
            (0.5 * t, -1),
            (0.95 * wide * t, -0.4),
            (wide * t, 0.3 * end),
            (0.9 * wide * t + generator.normal(0, 0.04), end),
        ]
        canvas.line(pose.outline(smooth_curve(path, 3), 0), _strand(generator, looks.hair), 0.026 * pose.scale)


def hair_front(generator: np.random.Generator, canvas: Canvas, pose: Pose, looks: Looks, long: bool) -> None:
    """Paint the hair over the forehead, straight or in curls."""
    part, line = generator.uniform(-0.4, 0.4), generator.uniform(-0.7, -0.45)
    low = generator.uniform(0.1, 0.5) if long else generator.uniform(-0.25, 0)
    tall, wide = generator.uniform(1.04, 1.2), 0.86 if long else generator.uniform(0.79, 0.86)
    crown = [(0.98 * wide, -0.52), (0.8 * wide, -0.84), (0.45 * wide, -1.0 * tall), (0.0, -1.06 * tall)]
    half = [(0.94 * wide, low), (wide, -0.2), *crown]
    outer = [(-u, v) for u, v in half] + half[-2::-1]
    inner = [(0.7, low), (0.66, -0.25), (0.56, -0.45), (0.3, line - 0.03), (part, line - 0.1), (-0.3, line)]
    inner += [(-0.56, -0.45), (-0.66, -0.25), (-0.7, low)]
    shape = pose.outline(smooth_curve(outer) + smooth_curve(inner), 0.25)
    canvas.soft(
        pose.outline([(u, v + 0.07) for u, v in smooth_curve(inner)] + [(0.0, -0.9)], 0.3),
        mix(looks.skin, (40, 15, 10), 0.6),
        0.012,
        0.5,
    )
    canvas.polygon(shape, mix(looks.hair, (0, 0, 0), 0.25))
    if generator.random() < 0.25:
        _curls(generator, canvas, pose, looks, smooth_curve(outer, 4), tall)
        return
    top, bottom = smooth_curve(outer, 8), smooth_curve(inner[::-1], 8)
    for index in generator.integers(0, len(top), 160):
        across = index / (len(top) - 1)
        end = bottom[int(across * (len(bottom) - 1))]
        start = (part + (top[index][0] - part) * 0.8, top[index][1] * 0.985)
        middle = (0.4 * start[0] + 0.6 * top[index][0], 0.6 * end[1] + 0.4 * top[index][1])
        if abs(end[0]) > 0.56:
            start, middle = (0.7 * top[index][0], -0.75), (0.5 * (end[0] + top[index][0]), -0.4)
            end = (end[0] + 0.06 * generator.uniform(0, 1) * end[0], max(end[1], low - 0.15))
        nudge = generator.normal(0, 0.025, 2)
        path = smooth_curve([start, middle, (end[0] + nudge[0], end[1] + nudge[1])], 3)
        canvas.line(pose.outline(path, 0.25), _strand(generator, looks.hair), 0.019 * pose.scale)
    side = 0.35 * (1 if looks.light[0] > 0 else -1)
    sheen = [
        (side + 0.35 * math.cos(t), -0.8 + 0.09 * math.sin(t) - 0.1 * math.cos(t) ** 2)
        for t in np.linspace(0, 6.28, 20)
    ]
    canvas.soft(pose.outline(sheen, 0.25), mix(looks.hair, (255, 245, 230), 0.5), 0.07 * pose.scale, 0.5, shape)


def _curls(
    generator: np.random.Generator, canvas: Canvas, pose: Pose, looks: Looks, rim: list[Point], tall: float
) -> None:
    places = [(u * f, (v + 0.55) * f - 0.55) for u, v in rim for f in (1.03, 0.9, 0.76) if v * f < 0.1]
    for u, v in places:
        if abs(u) < 0.74 and v > -0.66:
            continue
        reach = generator.uniform(0.06, 0.12) * tall
        curl = [(u + reach * math.cos(t), v + reach * math.sin(t)) for t in np.linspace(0, 6.28, 12)]
        canvas.polygon(pose.outline(curl, 0.25), mix(looks.hair, (0, 0, 0), 0.3))
        turn = generator.uniform(0, 6)
        canvas.line(
            pose.outline(
                [
                    (u + 0.7 * reach * math.cos(t), v + 0.7 * reach * math.sin(t))
                    for t in np.linspace(turn, turn + 3, 8)
                ],
                0.25,
            ),
            _strand(generator, looks.hair),
            0.025 * pose.scale,
        )


def beard(generator: np.random.Generator, canvas: Canvas, pose: Pose, looks: Looks) -> None:
    """Paint a full beard or one about the mouth, hair by hair."""
    color = mix(looks.hair, looks.skin, 0.2)
    full = generator.random() < 0.6
    for _ in range(420 if full else 120):
        t = generator.uniform(-1, 1)
        u = 0.62 * t * (1 if full else 0.4)
        v = generator.uniform(0.5 if abs(t) > 0.6 else 0.76, 0.99 - 0.35 * t * t)
        root, tip = pose.place(u, v, 0.9), pose.place(u * 1.02 + generator.normal(0, 0.012), v + 0.06, 0.9)
        canvas.line([root, tip], _strand(generator, color), 0.012 * pose.scale)
    for _ in range(120):
        u = generator.uniform(-0.24, 0.24)
        v = MOUTH_V - 0.09 + abs(u) * 0.2 + generator.normal(0, 0.015)
        canvas.line([pose.place(u, v), pose.place(u * 1.1, v + 0.05)], _strand(generator, color), 0.012 * pose.scale)


def glasses(generator: np.random.Generator, canvas: Canvas, pose: Pose) -> None:
    """Paint the frame of a pair of glasses."""
    color = (gray(20), (90, 50, 25), (150, 120, 60))[int(generator.integers(3))]
    width, square = generator.uniform(0.014, 0.035) * pose.scale, generator.uniform(2, 4)
    for side in (-1, 1):
        ring = []
        for t in np.linspace(0, math.tau, 32):
            cos, sin = math.cos(t), math.sin(t)
            reach = (abs(cos) ** square + abs(sin) ** square) ** (-1 / square)
            ring.append((side * EYE_U + 0.25 * reach * cos, EYE_V + 0.02 + 0.19 * reach * sin))
        canvas.line(pose.outline(ring), color, width)
        canvas.line(pose.outline([(side * 0.57, EYE_V - 0.02), (side * 0.78, EYE_V - 0.03)], 0.7), color, width)
    canvas.line(pose.outline([(-0.09, EYE_V), (0, EYE_V - 0.03), (0.09, EYE_V)], 1.1), color, width)
