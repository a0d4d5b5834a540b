"""How unlike photographs a picture is: a page, a drawing, night, fog, one color, an object before black."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from nst_runtime.pictures.arrays import PixelRows

# What 1132 photographs typically have: mean and variance of their luma, from 0 to 255, how far its quartiles are apart,
# and the mean square of its differences between neighbors in a grid of some 128 pixels on the short side.
LUMA_MEAN, LUMA_VARIANCE, QUARTILES_APART, SQUARED_DIFFERENCE = 114.0, 3140.0, 81.0, 645.0
SIDE_PX = 128
LEAST_SHARE = 0.01  # of those variances: less is noise
QUARTILES_WEIGHT = 0.58  # with it, the strangest photographs are as far by the one measure as by the other
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
UNLIKE_FROM, UNLIKE_TO = 1.55, 2.1  # six of the 1132 are above the first, and none above the second
LARGEST_SHARE = 0.9  # of the typical in the statistics; with 1, a page has next to no strokes


def typical_share(photo: PixelRows) -> float:
    """Return how much of a picture's statistics should be a typical photograph's, for `photo` uint8 H×W×3.

    It is 0 for photographs as they usually are, and from there grows with `unlikeness` up to 0.9.
    """
    far = (unlikeness(photo) - UNLIKE_FROM) / (UNLIKE_TO - UNLIKE_FROM)
    return LARGEST_SHARE * min(max(far, 0.0), 1.0)


def unlikeness(photo: PixelRows) -> float:
    """Return how far `photo`, uint8 H×W×3, is from photographs in nats: a typical one 0, one gray 2.6, white 5.3.

    It is the larger of two measures, each by Kullback and Leibler's divergence. One is the root of two squares: how far
    luma is from photographs', by mean and variance, and the differences between its neighbors. The other is how far it
    is by median and quartiles, for paper is plain whatever stands on it. More contrast than usual is not counted in
    differences and quartiles. Takes less than a millisecond at any size, for an array.
    """
    height, width = photo.shape[:2]
    stride = max(1, min(height, width) // SIDE_PX)
    columns = slice(stride // 2, width, stride)
    grid = np.concatenate([photo[row : row + 1, columns] for row in range(stride // 2, height, stride)])
    luma = (grid.astype(np.float32) @ LUMA).astype(np.float64)
    by_moments = _divergence(float(luma.var()) / LUMA_VARIANCE, float(luma.mean()))
    square = (_mean_square(luma, axis=0) + _mean_square(luma, axis=1)) / 2
    by_differences = _divergence(min(square / SQUARED_DIFFERENCE, 1))
    low, median, high = _quartiles(luma)
    by_quartiles = _divergence(min((high - low) / QUARTILES_APART, 1) ** 2, median)
    return max(math.hypot(by_moments, by_differences), QUARTILES_WEIGHT * by_quartiles)


def _quartiles(luma: npt.NDArray[np.float64]) -> list[int]:
    """Return the quartiles of `luma`, rounded, a tenth as long as numpy takes."""
    counts = np.bincount((luma + 0.5).astype(np.uint8).ravel(), minlength=256).cumsum()
    quartiles: list[int] = np.searchsorted(counts, np.array([0.25, 0.5, 0.75]) * luma.size).tolist()
    return quartiles


def _mean_square(luma: npt.NDArray[np.float64], axis: int) -> float:
    differences = np.diff(luma, axis=axis)
    return float(np.mean(differences**2)) if differences.size else 0.0


def _divergence(variance: float, middle: float = LUMA_MEAN) -> float:
    """Return how far a normal distribution is from photographs': its `variance` is a share of theirs."""
    shift = (middle - LUMA_MEAN) ** 2 / LUMA_VARIANCE
    return 0.5 * (math.log((1 + LEAST_SHARE) / (variance + LEAST_SHARE)) + variance + shift - 1)
