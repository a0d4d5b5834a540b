"""Small array formulas that every drawing shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

BLOCK = 1 << 15
"""Elements worked on at a time: the temporaries of a block stay in the processor's cache."""


def smoothstep(low: float | Array, high: float | Array, x: Array) -> Array:
    """0 below `low`, 1 above `high`, a smooth cubic between; `low` > `high` turns it round."""
    t = np.clip((x - low) / (np.asarray(high) - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def mix(a: Array | float, b: Array | float, t: Array | float) -> Array:
    """Blend from `a` (t = 0) to `b` (t = 1)."""
    return np.asarray(a + (np.asarray(b) - a) * t)


def mix_colour(a: Array | tuple[float, float, float], b: Array | tuple[float, float, float], t: Array) -> Array:
    """Blend two colours (3 or N×3) by weights t (N), to N×3."""
    return mix(np.asarray(a, np.float32), np.asarray(b, np.float32), t[..., None])


def unit(v: Array) -> Array:
    """Vectors (…×3) scaled to length 1."""
    return np.asarray(v / np.maximum(np.sqrt((v * v).sum(-1, keepdims=True)), 1e-12))


def dot(a: Array, b: Array) -> Array:
    """Inner product over the last axis."""
    return np.asarray((a * b).sum(-1))


def in_blocks(formula: Callable[..., Array], *inputs: Array) -> Array:
    """Apply an elementwise formula to equally shaped arrays, one cache-sized block after another."""
    shape = np.broadcast_shapes(*(np.shape(a) for a in inputs))
    flat = [np.broadcast_to(np.asarray(a, np.float32), shape).reshape(-1) for a in inputs]
    out = np.empty(flat[0].size, np.float32)
    for start in range(0, out.size, BLOCK):
        piece = slice(start, start + BLOCK)
        out[piece] = formula(*(a[piece] for a in flat))
    return out.reshape(shape)


def box_blur(image: Array, radius: int, axis: int) -> Array:
    """Mean over 2·radius + 1 neighbours along one axis, edges repeated."""
    if radius < 1:
        return image
    pad = [(0, 0)] * image.ndim
    pad[axis] = (radius + 1, radius)
    total = np.cumsum(np.pad(image, pad, mode="edge"), axis=axis, dtype=np.float64)
    n = image.shape[axis]
    upper = np.take(total, np.arange(2 * radius + 1, 2 * radius + 1 + n), axis=axis)
    lower = np.take(total, np.arange(n), axis=axis)
    return np.asarray((upper - lower) / (2 * radius + 1), np.float32)


def blur(image: Array, sigma_px: float) -> Array:
    """Nearly Gaussian blur over the first two axes: three box blurs."""
    radius = round(sigma_px * 0.98)
    for _ in range(3):
        image = box_blur(box_blur(image, radius, 0), radius, 1)
    return image


def sample_bilinear(image: Array, row: Array, column: Array) -> Array:
    """Values of an H×W or H×W×C picture at fractional places, edges repeated."""
    height, width = image.shape[:2]
    row, column = np.clip(row, 0, height - 1.001), np.clip(column, 0, width - 1.001)
    i, j = row.astype(np.int32), column.astype(np.int32)
    a, b = (row - i).astype(np.float32), (column - j).astype(np.float32)
    if image.ndim == 3:
        a, b = a[..., None], b[..., None]
    flat = image.reshape(height * width, *image.shape[2:])
    at = i * width + j
    right, below, both = np.minimum(j + 1, width - 1), np.minimum(i + 1, height - 1), 0
    top = flat[at] * (1 - b) + flat[i * width + right] * b
    both = below * width
    return np.asarray(top * (1 - a) + (flat[both + j] * (1 - b) + flat[both + right] * b) * a)
