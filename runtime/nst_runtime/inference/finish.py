"""From what was painted to the picture: its full size, the photograph's share, and whose colors it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL.Image import Resampling

from nst_runtime.pictures.color.oklab import from_oklab, to_oklab
from nst_runtime.pictures.resample import resampled_rows

if TYPE_CHECKING:
    from nst_runtime.inference.look import Strokes
    from nst_runtime.pictures.arrays import Floats, Pixels

PREVIEW_PX = 1080
AUTO_FROM_PIXELS = 1_500_000
DETAIL = 0.8  # of what the photograph has finer than the strokes; more is too sharp for paint
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def size_to_paint(height: int, width: int, strokes: Strokes) -> tuple[int, int]:
    """Return the height and width at which a picture is painted so that it has such `strokes`; never a larger one."""
    if strokes == "full" or (strokes == "auto" and height * width <= AUTO_FROM_PIXELS):
        return height, width
    wanted = PREVIEW_PX if strokes == "auto" else strokes
    short = min(height, width)
    if wanted >= short:
        return height, width
    return max(1, round(height * wanted / short)), max(1, round(width * wanted / short))


def enlarged(painted: Pixels, small: Pixels, photo: Pixels, height: int, top: int) -> Pixels:
    """Return rows of `painted` enlarged, with the lightness that the photograph has finer than `small`.

    `painted` and `small` (uint8 h×w×3) are the picture and the photograph at the size that was painted; `photo` are the
    rows of the photograph, of `height` rows in all, that begin at `top`.
    """
    width, bottom = photo.shape[1], top + len(photo)
    rows, coarse = (resampled_rows(each, width, height, top, bottom, Resampling.BICUBIC) for each in (painted, small))
    result = rows.astype(np.float32)
    result += (DETAIL * (photo @ _LUMA - coarse @ _LUMA))[..., None]
    return _to_pixels(result)


def finished(painted: Pixels, photo: Pixels, *, share: float, colors: float) -> Pixels:
    """Return what was `painted` of the rows `photo`, both uint8 h×w×3, as the picture is to be.

    `share` is how much of it is seen, `colors` how much of its colors.
    """
    if share != 1:
        painted = _to_pixels(photo + np.float32(share) * (painted.astype(np.float32) - photo))
    if colors != 1:
        painted = _recolored(photo, painted, colors)
    return painted


def _recolored(photo: Pixels, painted: Pixels, colors: float) -> Pixels:
    lab, own = to_oklab(painted), to_oklab(photo)
    lab[..., 1:] = own[..., 1:] + np.float32(colors) * (lab[..., 1:] - own[..., 1:])
    return from_oklab(lab)


def _to_pixels(values: Floats) -> Pixels:
    pixels: Pixels = np.clip(values + np.float32(0.5), 0, 255).astype(np.uint8)
    return pixels
