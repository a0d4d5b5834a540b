"""Flat convex faces drawn into a buffer of which face is nearest in each pixel."""

from __future__ import annotations

import numpy as np

from assets.draw.arrays import Array


def _inside(corners: Array, column: Array, row: Array) -> Array:
    """Whether pixel centres lie inside a convex polygon (K×2, either way round)."""
    following = np.roll(corners, -1, 0)
    side = [
        (b[0] - a[0]) * (row - a[1]) - (b[1] - a[1]) * (column - a[0]) for a, b in zip(corners, following, strict=True)
    ]
    least, most = np.minimum.reduce(side), np.maximum.reduce(side)
    return np.asarray((least >= 0) | (most <= 0))


def _plane(corners: Array, nearness: Array) -> Array:
    """Coefficients (a, b, c) of nearness = a·column + b·row + c."""
    system = np.concatenate([corners, np.ones((len(corners), 1))], 1)
    return np.asarray(np.linalg.lstsq(system, nearness, rcond=None)[0])


def draw_faces(faces: list[Array], nearness: list[Array], shape: tuple[int, int]) -> tuple[Array, Array]:
    """Index of the nearest face in each pixel (-1: none) and its nearness there (0: none).

    Faces are K×2 corners (column, row) in pixels. Nearness must be affine over the picture: 1 / depth for a
    perspective view, a positive depth towards the viewer for a parallel one.
    """
    index, best = np.full(shape, -1, np.int32), np.zeros(shape, np.float32)
    for number, (corners, near) in enumerate(zip(faces, nearness, strict=True)):
        low = np.maximum(np.floor(corners.min(0)).astype(int), 0)
        high = np.minimum(np.ceil(corners.max(0)).astype(int) + 1, (shape[1], shape[0]))
        if (low >= high).any():
            continue
        column = np.arange(low[0], high[0], dtype=np.float64)[None, :] + 0.5
        row = np.arange(low[1], high[1], dtype=np.float64)[:, None] + 0.5
        a, b, c = _plane(corners.astype(np.float64), near.astype(np.float64))
        here = (a * column + b * row + c).astype(np.float32)
        window = (slice(low[1], high[1]), slice(low[0], high[0]))
        wins = _inside(corners, column, row) & (here > best[window])
        best[window][wins], index[window][wins] = here[wins], number
    return index, best
