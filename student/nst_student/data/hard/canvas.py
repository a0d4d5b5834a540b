"""What the drawn training pictures share: a canvas of twice the size, colors, smooth curves, clouds and grain."""

import colorsys
import copy
import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from nst_runtime.pictures.arrays import Floats, Pixels

Color = tuple[int, int, int]
Point = tuple[float, float]
SUPERSAMPLE = 2
WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "that",
    "it",
    "was",
    "for",
    "on",
    "are",
    "as",
    "with",
    "his",
    "they",
    "at",
    "be",
    "this",
    "from",
    "have",
    "or",
    "by",
    "one",
    "had",
    "not",
    "but",
    "what",
    "all",
    "were",
    "when",
    "we",
    "there",
    "can",
    "an",
    "your",
    "which",
    "their",
    "said",
    "if",
    "do",
    "will",
    "each",
    "about",
    "how",
    "up",
    "out",
    "them",
    "then",
    "she",
    "many",
    "some",
    "so",
    "these",
    "would",
    "other",
    "into",
    "has",
    "more",
    "her",
    "two",
    "like",
    "him",
    "see",
    "time",
    "could",
    "no",
    "make",
    "than",
    "first",
    "been",
    "its",
    "who",
    "now",
    "people",
    "my",
    "made",
    "over",
    "water",
    "number",
    "sound",
    "light",
    "picture",
    "section",
    "surface",
    "material",
    "condition",
    "several",
    "measure",
    "important",
    "government",
    "Report",
    "January",
    "Figure",
    "However",
    "Therefore",
    "Contract",
    "Invoice",
    "2019",
    "14.50",
    "37%",
    "1,204",
]


@lru_cache(maxsize=256)
def font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font at ``size_px`` pixels."""
    return ImageFont.load_default(size=max(size_px, 4))


def hsv(hue: float, saturation: float, value: float) -> Color:
    """Return the color of ``hue`` (any number, 1 is a full turn), saturation and value (cut to 0 to 1)."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, min(max(saturation, 0), 1), min(max(value, 0), 1))
    return round(255 * red), round(255 * green), round(255 * blue)


def mix(first: Color, second: Color, share: float) -> Color:
    """Return the color between ``first`` (share 0) and ``second`` (share 1)."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def gray(value: float) -> Color:
    """Return the neutral color of ``value``, 0 to 255."""
    level = min(max(round(value), 0), 255)
    return level, level, level


def words(generator: np.random.Generator, count: int) -> str:
    """``count`` common words, joined by spaces."""
    return " ".join(WORDS[int(i)] for i in generator.integers(0, len(WORDS), count))


def smooth_curve(points: Sequence[Point], steps: int = 6, closed: bool = False) -> list[Point]:
    """Return a Catmull-Rom curve through ``points``, ``steps`` points for each stretch."""
    knots = np.asarray(points, np.float64)
    before, after = (knots[-1:], knots[:2]) if closed else (knots[:1], knots[-1:])
    knots = np.concatenate([before, knots, after])
    p0, p1, p2, p3 = (knots[i : len(knots) - 3 + i, None, :] for i in range(4))
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - 3 * p2 + p3 - p0) * t**3)
    found = [(float(x), float(y)) for x, y in curve.reshape(-1, 2)]
    return found if closed else [*found, (float(points[-1][0]), float(points[-1][1]))]


def blob(generator: np.random.Generator, center: Point, radius: float, roughness: float = 0.25) -> list[Point]:
    """Return a closed smooth outline around ``center``."""
    angles = np.linspace(0, 2 * math.pi, 9, endpoint=False)
    reach = radius * (1 + roughness * generator.uniform(-1, 1, 9))
    points = [
        (center[0] + float(r * math.cos(a)), center[1] + float(r * math.sin(a)))
        for a, r in zip(angles, reach, strict=True)
    ]
    return smooth_curve(points, closed=True)


def clouds(generator: np.random.Generator, size_px: int, cells: int = 4, octaves: int = 3) -> Floats:
    """Smooth noise, float32 H×W, mean about 0, between about -1 and 1."""
    total = np.zeros((size_px, size_px), np.float32)
    for octave in range(octaves):
        side = cells * 2**octave
        coarse = Image.fromarray(generator.uniform(-1, 1, (side, side)).astype(np.float32))
        total += np.asarray(coarse.resize((size_px, size_px), Image.Resampling.BICUBIC)) / 2**octave
    return total / np.float32(1.5)


def ridge(generator: np.random.Generator, height: float, roughness: float, knots: int = 6) -> list[Point]:
    """Return a skyline from the left edge to the right one, around ``height`` (0 top, 1 bottom)."""
    positions = np.linspace(-0.05, 1.05, knots)
    levels = height + roughness * generator.uniform(-1, 1, knots)
    return smooth_curve([(float(x), float(y)) for x, y in zip(positions, levels, strict=True)], 10)


def vertical(colors: Sequence[Color], stops: Sequence[float], size_px: int) -> Floats:
    """Return a gradient from top to bottom through ``colors`` at ``stops`` (0 to 1), float32 H×W×3 of 0 to 255."""
    rows = (np.arange(size_px) + 0.5) / size_px
    channels = [np.interp(rows, stops, [color[c] for color in colors]) for c in range(3)]
    column = np.stack(channels, 1).astype(np.float32)
    return np.ascontiguousarray(np.broadcast_to(column[:, None], (size_px, size_px, 3)))


def coordinates(size_px: int) -> tuple[Floats, Floats]:
    """Return the pixel centers' x and y from 0 to 1, each float32, of shapes 1×W and H×1."""
    axis = ((np.arange(size_px, dtype=np.float32) + 0.5) / size_px).astype(np.float32)
    return axis[None, :], axis[:, None]


def to_pixels(image: Floats) -> Pixels:
    """Return the picture as uint8, rounded, cut to 0 to 255."""
    pixels: Pixels = np.clip(image + 0.5, 0, 255).astype(np.uint8)
    return pixels


def grain(generator: np.random.Generator, image: Floats | Pixels, level: float, color_share: float = 0.5) -> Pixels:
    """Return the H×W×3 picture with sensor noise of standard deviation ``level``, uint8."""
    height, width = image.shape[:2]
    if level <= 0:
        return to_pixels(image.astype(np.float32))
    noise = generator.standard_normal((height, width, 3), np.float32)
    noise = color_share * noise + (1 - color_share) * noise[..., :1]
    return to_pixels(image.astype(np.float32) + np.float32(level) * noise)


class Canvas:
    """An RGB drawing of twice the size asked for, in coordinates from 0 to 1: x to the right, y down."""

    def __init__(self, size_px: int, ground: Color | Pixels = (255, 255, 255)) -> None:
        self.size_px = size_px
        self.side = SUPERSAMPLE * size_px
        if isinstance(ground, tuple):
            self.image = Image.new("RGB", (self.side, self.side), ground)
        else:
            self.image = Image.fromarray(ground).resize((self.side, self.side), Image.Resampling.BILINEAR)
        self.pen = ImageDraw.Draw(self.image)

    def _scaled(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.side, y * self.side) for x, y in points]

    def _width(self, width: float) -> int:
        return max(round(width * self.side), 1)

    def line(self, points: Sequence[Point], color: Color, width: float = 0.004) -> None:
        """Draw an open line through ``points`` with round joints."""
        self.pen.line(self._scaled(points), fill=color, width=self._width(width), joint="curve")

    def polygon(
        self, points: Sequence[Point], color: Color | None, outline: Color | None = None, width: float = 0.004
    ) -> None:
        """Draw a filled outline, with a line around it if ``outline`` is given."""
        if color is not None:
            self.pen.polygon(self._scaled(points), fill=color)
        if outline is not None:
            self.line([*points, *points[:2]], outline, width)

    def ellipse(
        self, center: Point, radii: Point, color: Color | None, outline: Color | None = None, width: float = 0.004
    ) -> None:
        """Draw an upright ellipse."""
        (x, y), (rx, ry) = center, (abs(radii[0]), abs(radii[1]))
        corners = self._scaled([(x - rx, y - ry), (x + rx, y + ry)])
        self.pen.ellipse(corners, fill=color, outline=outline, width=self._width(width) if outline else 0)

    def box(
        self,
        corner: Point,
        extent: Point,
        color: Color | None,
        radius: float = 0,
        outline: Color | None = None,
        width: float = 0.004,
    ) -> None:
        """Draw an upright rectangle from its top left ``corner``, its corners rounded by ``radius``."""
        x, y = corner
        corners = self._scaled([(x, y), (x + max(extent[0], 0), y + max(extent[1], 0))])
        line_px = self._width(width) if outline else 0
        self.pen.rounded_rectangle(corners, radius * self.side, fill=color, outline=outline, width=line_px)

    def text(self, corner: Point, text: str, size: float, color: Color, *, anchor: str = "lt", bold: float = 0) -> None:
        """Draw a line of ``text``, ``size`` high, its ``anchor`` (Pillow's two letters) at ``corner``."""
        used = font(round(size * self.side))
        stroke = round(bold * size * self.side)
        self.pen.text(self._scaled([corner])[0], text, fill=color, font=used, anchor=anchor, stroke_width=stroke)

    def text_width(self, text: str, size: float) -> float:
        """How wide ``text`` comes out."""
        return float(font(round(size * self.side)).getlength(text)) / self.side

    def soft(
        self,
        points: Sequence[Point],
        color: Color,
        sigma: float,
        strength: float = 1,
        inside: Sequence[Point] | None = None,
    ) -> None:
        """Blend in an outline, its edge blurred by ``sigma``, at ``strength`` (0 to 1), only ``inside`` another."""
        side = max(self.size_px // 2, 16)
        factor = self.side // side
        corners = np.asarray(points) * side
        reach = 3 * sigma * side + 1
        left, top = (int(v) for v in np.clip(np.floor(corners.min(0) - reach), 0, side))
        right, bottom = (int(v) for v in np.clip(np.ceil(corners.max(0) + reach), 0, side))
        if left >= right or top >= bottom:
            return
        mask = Image.new("L", (right - left, bottom - top), 0)
        shifted = [(x - left, y - top) for x, y in corners.tolist()]
        ImageDraw.Draw(mask).polygon(shifted, fill=round(255 * strength))
        mask = mask.filter(ImageFilter.GaussianBlur(sigma * side))
        mask = mask.resize((factor * mask.width, factor * mask.height), Image.Resampling.BILINEAR)
        if inside is not None:
            limit = Image.new("L", mask.size, 0)
            shifted = [(x - factor * left, y - factor * top) for x, y in self._scaled(inside)]
            ImageDraw.Draw(limit).polygon(shifted, fill=255)
            mask = ImageChops.multiply(mask, limit)
        self.image.paste(color, (factor * left, factor * top, factor * right, factor * bottom), mask)

    def copy(self) -> "Canvas":
        """Return a canvas of its own with the same drawing."""
        other = copy.copy(self)
        other.image = self.image.copy()
        other.pen = ImageDraw.Draw(other.image)
        return other

    def overlay(self, other: "Canvas", outline: Sequence[Point]) -> None:
        """Take over the ``other`` canvas's drawing within ``outline``."""
        corners = np.asarray(self._scaled(outline))
        left, top = (max(int(v), 0) for v in corners.min(0) - 1)
        right, bottom = (min(int(v), self.side) for v in corners.max(0) + 2)
        if left >= right or top >= bottom:
            return
        mask = Image.new("L", (right - left, bottom - top), 0)
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in corners.tolist()], fill=255)
        self.image.paste(other.image.crop((left, top, right, bottom)), (left, top), mask)

    def tilt(self, degrees: float, ground: Color) -> None:
        """Turn the drawing about its center; ``ground`` fills the corners."""
        self.image = self.image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=ground)
        self.pen = ImageDraw.Draw(self.image)

    def soften(self, sigma: float) -> None:
        """Blurs the whole drawing by ``sigma``."""
        self.image = self.image.filter(ImageFilter.GaussianBlur(sigma * self.side))
        self.pen = ImageDraw.Draw(self.image)

    def done(self) -> Pixels:
        """Return the drawing at the size asked for, uint8 H×W×3."""
        return np.array(self.image.reduce(SUPERSAMPLE))


def ellipse_points(center: Point, radii: Point, count: int = 32) -> list[Point]:
    """Return an ellipse as an outline."""
    angles = np.linspace(0, 2 * math.pi, count, endpoint=False)
    return [(center[0] + radii[0] * math.cos(a), center[1] + radii[1] * math.sin(a)) for a in angles]
