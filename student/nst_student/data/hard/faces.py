"""Drawn portraits: a head lit as a relief, with features painted on."""

import math

import numpy as np
from PIL import Image

from nst_runtime.pictures.arrays import Floats, Pixels
from nst_student.data.hard.canvas import (
    SUPERSAMPLE,
    Canvas,
    Point,
    clouds,
    grain,
    hsv,
    mix,
    smooth_curve,
    to_pixels,
    vertical,
)
from nst_student.data.hard.features import (
    BROW_V,
    EYE_U,
    EYE_V,
    HALF_WIDTH,
    MOUTH_V,
    NOSE_V,
    Looks,
    Pose,
    beard,
    brows,
    eye,
    glasses,
    hair_behind,
    hair_front,
    mouth,
    nostrils,
)


def face(generator: np.random.Generator, size_px: int) -> Pixels:
    """Draw a portrait from the front or slightly turned, uint8 H×W×3."""
    scale = generator.uniform(0.2, 0.36)
    center = (0.5 + generator.uniform(-0.1, 0.1), 0.46 + generator.uniform(-0.05, 0.05))
    pose = Pose(center, scale, generator.normal(0, 0.07), generator.uniform(-0.4, 0.4), generator.uniform(0.15, 0.36))
    looks = _looks(generator)
    style = int(generator.integers(4))
    canvas = Canvas(size_px, _background(generator, size_px))
    if style in {1, 2}:
        hair_behind(generator, canvas, pose, looks, long=style == 2)
    _body(generator, canvas, pose, looks)
    _head(generator, canvas, pose, looks)
    if style in {0, 3} and generator.random() < 0.4:
        beard(generator, canvas, pose, looks)
    brows(generator, canvas, pose, looks)
    look = (generator.uniform(-0.035, 0.035), generator.uniform(-0.015, 0.015))
    opening = generator.uniform(0.8, 1.15)
    for side in (-1, 1):
        eye(canvas, pose, looks, side, look, opening)
    nostrils(canvas, pose, looks)
    mouth(generator, canvas, pose, looks)
    if style != 3 or generator.random() < 0.5:
        hair_front(generator, canvas, pose, looks, long=style in {1, 2})
    if generator.random() < 0.2:
        glasses(generator, canvas, pose)
    return grain(generator, canvas.done(), generator.uniform(0.5, 3))


def _looks(generator: np.random.Generator) -> Looks:
    tone = generator.random()
    tones = [(247, 214, 190), (232, 184, 150), (205, 150, 112), (160, 106, 74), (104, 66, 46)]
    skin = mix(tones[int(tone * 4)], tones[int(tone * 4) + 1], tone * 4 % 1)
    shades = [(24, 18, 16), (50, 32, 22), (92, 58, 34), (168, 120, 66), (214, 178, 118), (120, 48, 24), (178, 176, 174)]
    hair = shades[int(generator.integers(2 if tone > 0.6 else 7))]
    iris = hsv(0.07, 0.75, 0.3)
    if tone < 0.5 and generator.random() < 0.6:
        iris = hsv(generator.choice([0.57, 0.3, 0.1]), generator.uniform(0.25, 0.5), generator.uniform(0.35, 0.52))
    lips = mix(skin, hsv(0.985, 0.65, 0.62 if tone < 0.7 else 0.45), generator.uniform(0.35, 0.85))
    side = generator.choice([-1, 1]) * generator.uniform(0.2, 0.9)
    return Looks(skin, hair, iris, lips, (side, generator.uniform(-0.8, -0.25), 1), generator.random())


def _background(generator: np.random.Generator, size_px: int) -> Pixels:
    hue, value = generator.random(), generator.uniform(0.15, 0.9)
    saturation = generator.uniform(0.05, 0.5)
    image = vertical([hsv(hue, saturation, value), hsv(hue + 0.1, saturation, 0.7 * value)], [0, 1], size_px)
    image *= (1 + 0.35 * clouds(generator, size_px, 3, 1))[..., None]
    return to_pixels(image)


def _bump(u: Floats, v: Floats, place: Point, radii: Point, height: float) -> Floats:
    return np.float32(height) * np.exp(-(((u - place[0]) / radii[0]) ** 2) - ((v - place[1]) / radii[1]) ** 2)


def _relief(u: Floats, v: Floats, age: float) -> Floats:
    """How far the face stands out at each point, in units of half its height."""
    height = _bump(u, v, (0, 0.1), (0.1, 0.27), 0.12) + _bump(u, v, (0, NOSE_V - 0.06), (0.11, 0.12), 0.14)
    height += _bump(u, v, (0, 0.87), (0.2, 0.13), 0.09) - _bump(u, v, (0, 0.45), (0.04, 0.07), 0.025)
    height += _bump(u, v, (0, MOUTH_V - 0.05), (0.2, 0.06), 0.045) + _bump(
        u, v, (0, MOUTH_V + 0.08), (0.16, 0.06), 0.06
    )
    height -= _bump(u, v, (0, MOUTH_V + 0.18), (0.18, 0.045), 0.05)
    for side in (-1, 1):
        height -= _bump(u, v, (side * 0.28, EYE_V - 0.03), (0.18, 0.12), 0.1)
        height += _bump(u, v, (side * EYE_U, EYE_V), (0.13, 0.09), 0.05)
        height += _bump(u, v, (side * 0.3, BROW_V + 0.02), (0.26, 0.07), 0.06)
        height += _bump(u, v, (side * 0.44, 0.27), (0.2, 0.17), 0.07)
        height += _bump(u, v, (side * 0.11, NOSE_V), (0.06, 0.06), 0.045)
        fold = side * (0.2 + 0.35 * (v - 0.3))
        height -= np.float32(0.012 + 0.03 * age) * np.exp(-(((u - fold) / 0.035) ** 2) - ((v - 0.45) / 0.14) ** 2)
    return height


def _window(pose: Pose, size_px: int) -> tuple[int, int, int, int]:
    """Return the left, top, right and bottom of the pixels that the head can cover."""
    reach = 1.08 * pose.scale
    (x, y), wide = pose.center, 0.95 * pose.scale
    edges = (x - wide, y - reach, x + wide, y + reach)
    left, top, right, bottom = (round(size_px * min(max(edge, 0), 1)) for edge in edges)
    return left, top, right, bottom


def _local(pose: Pose, size_px: int) -> tuple[Floats, Floats]:
    """Return u and v on the face of each pixel in the head's window, both float32."""
    left, top, right, bottom = _window(pose, size_px)
    axis = (np.arange(size_px, dtype=np.float32) + 0.5) / size_px
    x = (axis[None, left:right] - pose.center[0]) / pose.scale
    y = (axis[top:bottom, None] - pose.center[1]) / pose.scale
    cos, sin = math.cos(pose.roll), math.sin(pose.roll)
    return (x * cos + y * sin).astype(np.float32), (y * cos - x * sin).astype(np.float32)


def _ears(canvas: Canvas, pose: Pose, looks: Looks) -> None:
    turns = np.linspace(0, math.tau, 20).tolist()
    for side in (-1, 1):
        far = 0.15 if side * looks.light[0] < 0 else 0
        ear = [pose.place(side * (0.75 + 0.1 * math.cos(t)), 0.02 + 0.2 * math.sin(t), 0.1) for t in turns]
        canvas.polygon(ear, mix(looks.skin, (90, 30, 20), 0.25 + far))
        inner = [pose.place(side * (0.77 + 0.05 * math.cos(t)), 0.02 + 0.12 * math.sin(t), 0.1) for t in turns]
        canvas.soft(inner, mix(looks.skin, (70, 20, 15), 0.55), 0.006, 0.7)


def _lit(height: Floats, step: float, light: tuple[float, float, float]) -> Floats:
    """Return the share of light on the relief, float32 of about 0.27 to 1.07; ``step`` is pixels for each unit."""
    slope_y, slope_x = np.gradient(height)
    x, y, z = (part / math.hypot(*light) for part in light)
    facing = (z - step * (x * slope_x + y * slope_y)) / np.sqrt(1 + step**2 * (slope_x**2 + slope_y**2))
    lit: Floats = np.clip(facing, 0, 1).astype(np.float32) * 0.8 + 0.27
    return lit


def _head(generator: np.random.Generator, canvas: Canvas, pose: Pose, looks: Looks) -> None:
    _ears(canvas, pose, looks)
    u, v = _local(pose, canvas.size_px)
    width = HALF_WIDTH * (1 - pose.jaw * np.clip((v - 0.05) / 0.95, 0, 1) ** 1.3)
    square = np.abs((u - 0.1 * pose.yaw) / width) ** 2.15 + np.abs(v) ** 2.25
    dome = np.sqrt(np.maximum(1 - square, 0.0004))
    shown_u = u - 0.55 * pose.yaw * dome
    step = pose.scale * canvas.size_px
    lit = _lit(0.62 * dome + _relief(shown_u, v, looks.age), step, looks.light)
    blush = _bump(shown_u, v, (0, 0.25), (0.2, 0.15), 1)
    for side in (-1, 1):
        blush += _bump(shown_u, v, (side * 0.42, 0.25), (0.2, 0.15), 1)
    left, top, right, bottom = _window(pose, canvas.size_px)
    pores = clouds(generator, canvas.size_px, 30, 2)[top:bottom, left:right]
    skin = np.array(looks.skin, np.float32) * (1 + 0.04 * pores)[..., None]
    skin += (0.13 * blush)[..., None] * np.array([10, -70, -60], np.float32)
    color = skin * np.stack([lit**0.85, lit**1.05, lit**1.15], -1) + (140 * np.clip(lit - 0.88, 0, 1))[..., None]
    cover = np.clip((1 - square) * 0.5 * step * HALF_WIDTH + 0.5, 0, 1)
    extent = (SUPERSAMPLE * (right - left), SUPERSAMPLE * (bottom - top))
    mask, painted = (
        Image.fromarray(to_pixels(a)).resize(extent, Image.Resampling.BILINEAR) for a in (255 * cover, color)
    )
    canvas.image.paste(painted, (SUPERSAMPLE * left, SUPERSAMPLE * top), mask)


def _body(generator: np.random.Generator, canvas: Canvas, pose: Pose, looks: Looks) -> None:
    x, y = pose.place(0, 1, 0.2)
    s = pose.scale
    width = generator.uniform(0.34, 0.46) * s
    neck = smooth_curve(
        [
            (x - 1.05 * width, y - 0.5 * s),
            (x - width, y + 0.1 * s),
            (x - 1.9 * width, y + 0.55 * s),
            (x - 1.6 * width, y + 1.1 * s),
        ]
    )
    neck += [(2 * x - a, b) for a, b in neck[::-1]]
    canvas.polygon(neck, mix(looks.skin, (70, 30, 20), 0.22))
    dark = -1 if looks.light[0] > 0 else 1
    shade = mix(looks.skin, (40, 12, 8), 0.6)
    edge = [
        (x + dark * 0.55 * width, y),
        (x + dark * 3 * width, y),
        (x + dark * 3 * width, y + s),
        (x + dark * width, y + s),
    ]
    canvas.soft(edge, shade, 0.12 * s, 0.8, neck)
    under = [(x - 1.2 * width, y - 0.3 * s), (x + 1.2 * width, y - 0.3 * s)]
    under += [(x + width + 0.15 * dark * s, y + 0.16 * s), (x - 0.6 * width + 0.15 * dark * s, y + 0.2 * s)]
    canvas.soft(under, shade, 0.05 * s, 0.95, neck)
    for side in (-1, 1):
        tendon = [(x + side * 0.5 * width, y + 0.12 * s), (x + side * 0.12 * width, y + 0.5 * s)]
        canvas.soft([*tendon, (tendon[1][0] + 0.04 * s, tendon[1][1])], shade, 0.03 * s, 0.7, neck)
    _clothes(generator, canvas, (x, y), s, width, dark)


def _clothes(generator: np.random.Generator, canvas: Canvas, chin: Point, s: float, width: float, dark: int) -> None:
    x, y = chin
    cloth = hsv(generator.random(), generator.uniform(0.05, 0.8), generator.uniform(0.15, 0.95))
    deep, top = generator.uniform(0.12, 0.55) * s, y + generator.uniform(0.16, 0.3) * s
    shoulder = generator.uniform(1.4, 1.75) * s
    left = smooth_curve(
        [(x - 1.15 * shoulder, 1.6), (x - shoulder, y + 0.8 * s), (x - 0.8 * s, y + 0.45 * s), (x - width, top)]
    )
    collar = smooth_curve([(x - width, top), (x - 0.4 * width, top + 0.75 * deep), (x, top + deep)])
    collar += [(2 * x - a, b) for a, b in collar[::-1]]
    torso = [*left, *collar, *[(2 * x - a, b) for a, b in left[::-1]]]
    canvas.polygon(torso, cloth)
    far = [(x + dark * 0.35 * s, y), (x + dark * 3 * s, y), (x + dark * 3 * s, 1.5), (x + dark * 0.55 * s, 1.5)]
    canvas.soft(far, mix(cloth, (0, 0, 0), 0.7), 0.2 * s, 0.75, torso)
    for _ in range(5):
        fold = x + generator.uniform(-1.2, 1.2) * s
        crease = [(fold, y + 0.5 * s), (fold + 0.1 * s, 1.1), (fold + generator.uniform(-0.3, 0.3) * s, 1.1)]
        canvas.soft(crease, mix(cloth, (0, 0, 0), 0.5), 0.05 * s, 0.6, torso)
    canvas.line(collar, mix(cloth, (0, 0, 0), 0.35), 0.05 * s)
    canvas.line([(a, b - 0.015 * s) for a, b in collar], mix(cloth, (255, 255, 255), 0.15), 0.02 * s)
