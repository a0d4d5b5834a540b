"""Make pictures larger or smaller a strip at a time, to the same pixels as at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from nst_runtime.pictures.arrays import check_pixels

if TYPE_CHECKING:
    from nst_runtime.pictures.arrays import PixelRows, Pixels

_SUPPORT = {Image.Resampling.BILINEAR: 1, Image.Resampling.BICUBIC: 2, Image.Resampling.LANCZOS: 3}
STRIP_PIXELS = 2**18  # of the larger picture


def resampled_rows(
    picture: PixelRows, width: int, height: int, top: int, bottom: int, method: Image.Resampling
) -> Pixels:
    """Return the rows from `top` to `bottom` that `picture` (uint8 h×w×3 or h×w) has at the size `width`×`height`.

    `method` is bilinear, bicubic or Lanczos, antialiased where the picture gets smaller.
    """
    scale = picture.shape[0] / height
    margin = math.ceil(_SUPPORT[method] * max(scale, 1)) + 2
    first = max(0, math.floor(top * scale) - margin)
    last = min(picture.shape[0], math.ceil(bottom * scale) + margin)
    part = Image.fromarray(np.ascontiguousarray(picture[first:last]))
    narrowed = part.resize((width, part.height), method)  # both sides at once are off by a part of a pixel with a box
    box = (0.0, top * scale - first, float(width), bottom * scale - first)
    return np.asarray(narrowed.resize((width, bottom - top), method, box=box))


def shrink(picture: PixelRows, width: int, height: int) -> Pixels:
    """Return `picture` (uint8 H×W×3) at the smaller size, as `resize` does, reading no more than a strip at once."""
    small = np.empty((height, width, 3), np.uint8)
    step = max(1, round(STRIP_PIXELS / picture.shape[1] * height / picture.shape[0]))
    for top in range(0, height, step):
        bottom = min(top + step, height)
        small[top:bottom] = resampled_rows(picture, width, height, top, bottom, Image.Resampling.LANCZOS)
    check_pixels(small)
    return small
