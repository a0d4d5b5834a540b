"""How unlike photographs a picture is: a page, a drawing, night, fog, one color, an object before black."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.pictures.arrays import check_pixels

if TYPE_CHECKING:
    import numpy.typing as npt

    from nst_runtime.pictures.arrays import Pixels

# What 1132 photographs typically have: mean and variance of their luma, from 0 to 255, and the mean square of its
# differences between neighbors in a grid of some 128 pixels on the short side.
LUMA_MEAN, LUMA_VARIANCE, SQUARED_DIFFERENCE = 114.0, 3140.0, 645.0
SIDE_PX = 128
LEAST_SHARE = 0.01  # of those variances: less is noise
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
UNLIKE_FROM, UNLIKE_TO = 1.4, 2.1  # six of the 1132 are above the first, and none above the second
LARGEST_SHARE = 0.9  # of the typical in the statistics; with 1, a page has next to no strokes


def typical_share(photo: Pixels) -> float:
    """Return how much of a picture's statistics should be a typical photograph's, for `photo` uint8 H×W×3.

    It is 0 for photographs as they usually are, and from there grows with `unlikeness` up to 0.9.
    Raises TypeError or ValueError for what is not a picture.
    """
    far = (unlikeness(photo) - UNLIKE_FROM) / (UNLIKE_TO - UNLIKE_FROM)
    return LARGEST_SHARE * min(max(far, 0.0), 1.0)


def unlikeness(photo: Pixels) -> float:
    """Return how far `photo`, uint8 H×W×3, is from photographs in nats: a typical one 0, one gray 2.6, white 5.3.

    It is the root of the sum of two squares: the divergence of its luma from that of photographs, and that of the
    differences between neighbors, of which more than usual are not counted. Takes up to 0.6 ms at any size.
    Raises TypeError or ValueError for what is not a picture.
    """
    check_pixels(photo)
    stride = max(1, min(photo.shape[:2]) // SIDE_PX)
    luma = photo[stride // 2 :: stride, stride // 2 :: stride].astype(np.float32) @ LUMA
    difference = min((_mean_square(luma, axis=0) + _mean_square(luma, axis=1)) / 2, SQUARED_DIFFERENCE)
    variance = float(luma.var(dtype=np.float64))
    shift = float(luma.mean(dtype=np.float64)) - LUMA_MEAN
    return math.hypot(
        _divergence(variance, shift, LUMA_VARIANCE),
        _divergence(difference, 0, SQUARED_DIFFERENCE),
    )


def _mean_square(luma: npt.NDArray[np.float32], axis: int) -> float:
    differences = np.diff(luma, axis=axis)
    return float(np.mean(differences**2, dtype=np.float64)) if differences.size else 0.0


def _divergence(variance: float, shift: float, typical: float) -> float:
    """Return Kullback and Leibler's divergence between normal distributions whose means differ by `shift`."""
    least = typical * LEAST_SHARE
    return 0.5 * (math.log((typical + least) / (variance + least)) + (variance + shift**2) / typical - 1)
