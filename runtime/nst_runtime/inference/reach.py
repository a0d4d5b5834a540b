"""How far the network sees: how many pixels around a tile decide what is painted in it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.inference.chain import PARTS
from nst_runtime.inference.templates import open_part

if TYPE_CHECKING:
    from nst_runtime.contracts.packs import Template, Weight
    from nst_runtime.inference.chain import Parts
    from nst_runtime.pictures.arrays import Floats

FARTHEST_PX = 512
FIRST_GUESS_PX = 128


def reach_px(parts: Parts) -> int | None:
    """Return how far a pixel's change is seen with fixed statistics, in whole multiples of the codec's, in pixels.

    All weights are made positive and all biases zero, so that nothing cancels out and no ReLU stops anything: a black
    picture stays black but for all that a white spot reaches. None where that is not less than `FARTHEST_PX`, as in a
    network that sees the whole picture at every pixel.
    """
    sessions = []
    for part in PARTS:
        template = parts.pack.template(part, "folded")
        sessions.append(open_part(parts.pack, part, "folded", _positive(template), parts.settings))
    multiple = parts.multiple_px
    around = -(-FIRST_GUESS_PX // multiple) * multiple
    while around <= FARTHEST_PX:
        side = 2 * around + multiple
        arrays: list[Floats] = [np.zeros((1, 3, side, side), np.float32)]
        arrays[0][:, :, around : around + multiple, around : around + multiple] = 1
        for session in sessions:
            arrays = session(*arrays)
        rows = np.flatnonzero(arrays[0].any(axis=(0, 1, 3)))
        reach = max(around - int(rows[0]), int(rows[-1]) + 1 - around - multiple)
        if reach < around - multiple:
            return -(-reach // multiple) * multiple
        around *= 2
    return None


def _positive(template: Template) -> dict[str, Floats]:
    return {weight.name: np.full(weight.shape, _fill(weight), np.float32) for weight in template.weights}


def _fill(weight: Weight) -> float:
    """Return the number that fills a weight: kernels get one that keeps their sums in the range of float32."""
    if len(weight.shape) > 1:
        return 1 / math.sqrt(math.prod(weight.shape[1:]))
    return 1.0 if weight.name.endswith(".a") else 0.0
