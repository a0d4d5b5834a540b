"""Pictures whose channels have more than 8 bits, or are numbers: Pillow itself would clip them instead of scaling."""

import numpy as np
import numpy.typing as npt
from PIL import Image

_Numbers = npt.NDArray[np.generic]
_WHITES = (1, 255, 65_535)


def to_eight_bits(image: Image.Image, *, deep_white: int = 0xFFFF, white_is_zero: bool = False) -> Image.Image:
    """Return `image` with 8 bits a channel: 16-bit grey, 32-bit whole numbers and floats are scaled to it.

    `deep_white` is the number for white in 16-bit grey. With `white_is_zero` they are all turned round as well.
    Pictures of 8 bits come back as they are.
    """
    if image.mode.startswith("I;16"):
        grey: _Numbers = ((np.asarray(image).astype(np.uint32) * 255 + deep_white // 2) // deep_white).clip(0, 255)
    elif image.mode == "I":
        values = np.asarray(image).clip(0)
        grey = values if values.max() <= 0xFF else values // 257 if values.max() <= 0xFFFF else values >> 23
    elif image.mode == "F":
        grey = _scale_floats(np.asarray(image))
    else:
        return image
    eight = grey.astype(np.uint8)
    return Image.fromarray(255 - eight if white_is_zero else eight)


def _scale_floats(values: npt.NDArray[np.float32]) -> _Numbers:
    """Return `values` in 0 to 255: what is not a number and below 0 is black, infinity is white."""
    white = find_white(values)
    finite = np.nan_to_num(values, nan=0, posinf=white, neginf=0)
    scaled: _Numbers = np.clip(finite * np.float32(255 / white), 0, 255).round()
    return scaled


def find_white(values: npt.NDArray[np.float32]) -> int:
    """Return which of 1, 255 and 65535 is white in a picture of the floats `values`, of any shape.

    A few values above white do not matter, as sharpening and highlights make them: white is the least that half of the
    positive values keep to. Whole numbers up to more than 2 are never in 0 to 1.
    """
    positive = values[np.isfinite(values) & (values > 0)]
    if not positive.size or positive.max() <= 2:
        return 1
    sample = positive[:: max(1, positive.size // 1_000_000)]
    middle = float(np.median(sample))
    counted = bool(np.all(sample == np.round(sample)))
    return next((white for white in _WHITES[counted:] if middle <= white), _WHITES[-1])
