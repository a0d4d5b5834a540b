"""What to paint with: one style, or several by weights, how strongly, with which strokes and in whose colors."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from nst_runtime.inference.look_statistics import LookStatistics

if TYPE_CHECKING:
    from nst_runtime.contracts.tensors import Tensors
    from nst_runtime.pictures.arrays import Floats

LARGEST_WEIGHT = 1.5
LARGEST_STRENGTH = 1.5
LEAST_STROKES_PX = 64
Strokes = int | Literal["auto", "full"]
Way = Literal["sampled", "exact"]
Weighted = tuple[tuple[str, float], ...]
"""Styles by name or path, each with its weight."""


@dataclass(frozen=True)
class Look:
    """What to paint with: a style's name, the path of a style file, or several of them by weights.

    ``Look("waves")`` is a style as it is. ``Look({"waves": 0.6, "scream": 0.4})`` paints with the weighted sum of the
    styles' numbers, which is a style between them. Weights go from 0 to 1.5 and need not sum to 1; beyond 1 a style is
    exaggerated.

    `strength` goes from 0, the photograph itself, over 1, the style as it was trained, to 1.5. `strokes` says how large
    strokes are: as in a preview whose short side has so many pixels (64 or more); ``"full"``: as the network paints the
    picture at its full size; ``"auto"``: as in a preview of 1080 pixels where the picture has more than 1.5 megapixels,
    else full. `colors` goes from 0, the photograph's colors, to 1, the style's; lightness is always the style's.

    `statistics` says by which means and variances the network's norms even out what it sees. As a rule they are the
    picture's own. Where one is too large to be painted as a whole, they are measured on squares that are spread over
    it, ``"sampled"``, or on all of it, ``"exact"``. LookStatistics, which `Stylizer.measure` returns, are used as they
    are, so that all pictures of an album are painted alike.

    Raises ValueError for other numbers, or no style, TypeError for what is not a style or not a number.
    """

    styles: Weighted
    strength: float
    strokes: Strokes
    colors: float
    statistics: Way | LookStatistics

    def __init__(
        self,
        styles: str | Path | Mapping[str, float],
        *,
        strength: float = 1.0,
        strokes: Strokes = "auto",
        colors: float = 1.0,
        statistics: Way | LookStatistics = "sampled",
    ) -> None:
        object.__setattr__(self, "styles", _weighted(styles))
        object.__setattr__(self, "strength", _number("strength", strength, 0, LARGEST_STRENGTH))
        object.__setattr__(self, "strokes", _checked_strokes(strokes))
        object.__setattr__(self, "colors", _number("colors", colors, 0, 1))
        object.__setattr__(self, "statistics", _checked_statistics(statistics))

    def with_statistics(self, statistics: Way | LookStatistics) -> Look:
        """Return this look with other `statistics`."""
        return Look(
            dict(self.styles), strength=self.strength, strokes=self.strokes, colors=self.colors, statistics=statistics
        )


def _weighted(styles: str | Path | Mapping[str, float]) -> Weighted:
    if not isinstance(styles, str | Path | Mapping):
        raise TypeError(f"a look is a style's name, a path, or weights by style, not {type(styles).__name__}")
    chosen = tuple(styles.items()) if isinstance(styles, Mapping) else ((_text(styles), 1.0),)
    numbers = [(name, _number(f"the weight of {name}", weight, 0, LARGEST_WEIGHT)) for name, weight in chosen]
    if not any(weight for _, weight in numbers):
        raise ValueError("a look needs a style with a weight other than 0")
    return tuple((name, weight) for name, weight in numbers if weight)


def _text(style: str | Path) -> str:
    """Return `style` as a text that is taken for a path if it is one."""
    text = str(style)
    return f".{os.sep}{text}" if isinstance(style, Path) and len(style.parts) == 1 else text


def _number(name: str, value: object, low: float, high: float) -> float:
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    number = float(value)
    if not math.isfinite(number) or not low <= number <= high:
        raise ValueError(f"{name} must be from {low} to {high}, not {value}")
    return number


def _checked_strokes(strokes: Strokes) -> Strokes:
    if strokes in ("auto", "full"):
        return strokes
    if not isinstance(strokes, int) or isinstance(strokes, bool):
        raise TypeError(f"strokes must be a number of pixels, 'auto' or 'full', not {strokes!r}")
    if strokes < LEAST_STROKES_PX:
        raise ValueError(f"strokes must be 'auto', 'full' or at least {LEAST_STROKES_PX} pixels, not {strokes}")
    return strokes


def _checked_statistics(statistics: Way | LookStatistics) -> Way | LookStatistics:
    if isinstance(statistics, LookStatistics) or statistics in get_args(Way):
        return statistics
    ways = ", ".join(map(repr, get_args(Way)))
    raise ValueError(f"statistics must be {ways} or LookStatistics, not {statistics!r}")


def spread(strength: float) -> tuple[float, float]:
    """Return how far a bank goes from painting the photograph (0) to its style (1), and how much of that is seen.

    Sums of banks' numbers change the style itself, and give next to nothing below a half; sums of pictures show the
    photograph through the style, as a double exposure does. Half the way by each is even from 0 to 1.5.
    """
    return (1 + strength) / 2, 2 * strength / (1 + strength)


def reach(styles: Weighted, plain: str, far: float) -> Weighted:
    """Return the weights of `styles` and of `plain`, the style that paints the photograph, so `far` from the latter."""
    if far == 1:
        return styles
    whole = sum(weight for _, weight in styles)
    return (*((name, weight * far) for name, weight in styles), (plain, (1 - far) * whole))


def mix(parts: list[tuple[Tensors, float]]) -> dict[str, Floats]:
    """Return the weighted sum of tensors by name, float32; of one with the weight 1, the tensors themselves.

    Raises ValueError when they do not have the same names and shapes.
    """
    first, weight = parts[0]
    if len(parts) == 1 and weight == 1:
        return dict(first)
    if any({k: v.shape for k, v in tensors.items()} != {k: v.shape for k, v in first.items()} for tensors, _ in parts):
        raise ValueError("styles of different architectures cannot be mixed")
    return {
        name: np.sum([tensors[name] * np.float32(w) for tensors, w in parts], axis=0, dtype=np.float32)
        for name in first
    }
