"""What to paint with: one style, or several by weights."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nst_runtime.contracts.tensors import Tensors
    from nst_runtime.pictures.arrays import Floats

LEAST_WEIGHT, LARGEST_WEIGHT = -1.5, 1.5


@dataclass(frozen=True)
class Look:
    """What to paint with: a style's name, the path of a style file, or several of them by weights.

    ``Look("waves")`` is a style as it is. ``Look({"waves": 0.6, "scream": 0.4})`` paints with the weighted sum of the
    styles' numbers, which is a style between them. Weights are within ±1.5 and need not sum to 1; beyond 1 a style is
    exaggerated. Raises ValueError for other weights, or none, TypeError for what is not a style.
    """

    styles: tuple[tuple[str, float], ...]

    def __init__(self, styles: str | Path | Mapping[str, float]) -> None:
        if not isinstance(styles, str | Path | Mapping):
            raise TypeError(f"a look is a style's name, a path, or weights by style, not {type(styles).__name__}")
        chosen = tuple(styles.items()) if isinstance(styles, Mapping) else ((_text(styles), 1.0),)
        for name, weight in chosen:
            if not isinstance(weight, Real):
                raise TypeError(f"the weight of {name} must be a number, not {type(weight).__name__}")
            if not math.isfinite(weight) or not LEAST_WEIGHT <= weight <= LARGEST_WEIGHT:
                raise ValueError(f"the weight of {name} must be within ±{LARGEST_WEIGHT}, not {weight}")
        if not any(weight for _, weight in chosen):
            raise ValueError("a look needs a style with a weight other than 0")
        object.__setattr__(self, "styles", tuple((name, float(weight)) for name, weight in chosen if weight))


def _text(style: str | Path) -> str:
    """Return `style` as a text that is taken for a path if it is one."""
    text = str(style)
    return f".{os.sep}{text}" if isinstance(style, Path) and len(style.parts) == 1 else text


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
