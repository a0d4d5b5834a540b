"""Enlarge a picture a strip at a time, to the same pixels as at once."""

import numpy as np
from PIL import Image

from nst_runtime.pictures.arrays import Pixels

MARGIN_ROWS = 4  # of the small picture, which bicubic resampling looks at beyond a strip


def enlarged_rows(small: Pixels, width: int, height: int, top: int, bottom: int) -> Pixels:
    """Return the rows from `top` to `bottom` of `small` (uint8 h×w×3) at the size `width`×`height`, by bicubic."""
    scale = small.shape[0] / height
    first = max(0, int(top * scale) - MARGIN_ROWS)
    last = min(small.shape[0], int(np.ceil(bottom * scale)) + MARGIN_ROWS)
    box = (0.0, top * scale - first, float(small.shape[1]), bottom * scale - first)
    part = Image.fromarray(np.ascontiguousarray(small[first:last]))
    return np.asarray(part.resize((width, bottom - top), Image.Resampling.BICUBIC, box=box))
