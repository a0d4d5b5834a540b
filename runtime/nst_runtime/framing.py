"""Between pictures of any size and the network's arrays, whose sides are multiples of a few pixels."""

import numpy as np

from nst_runtime.images import Floats, Pixels, from_unit, to_unit


def to_network(rgb: Pixels, multiple_px: int) -> Floats:
    """Return `rgb` (uint8 H×W×3) as float32 1×3×H'×W' in [0, 1], mirrored at the bottom and right up to the multiple.

    Mirrored without repeating the last row or column; both sides must be longer than what is added.
    """
    height, width = rgb.shape[:2]
    below, right = -height % multiple_px, -width % multiple_px
    if below or right:
        rgb = np.pad(rgb, ((0, below), (0, right), (0, 0)), mode="reflect")
    return to_unit(rgb)


def from_network(image: Floats, height: int, width: int) -> Pixels:
    """Return the upper left `height`×`width` pixels of `image` (float32 1×3×H'×W' in [0, 1]) as uint8 H×W×3."""
    return from_unit(image[:, :, :height, :width])
