"""From what was painted to the picture: its full size, the photograph's share, and whose colors it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.pictures.arrays import resize
from nst_runtime.pictures.color.oklab import from_oklab, to_oklab
from nst_runtime.pictures.enlarge import enlarged_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nst_runtime.inference.look import Strokes
    from nst_runtime.pictures.arrays import Floats, Pixels

PREVIEW_PX = 1080
AUTO_FROM_PIXELS = 1_500_000
DETAIL = 0.8  # of what the photograph has finer than the strokes; more is too sharp for paint
STRIP_PIXELS = 2**19
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


def finish(painted: Pixels, photo: Pixels, out: Pixels, *, share: float, colors: float) -> None:
    """Write to `out`, uint8 H×W×3, what was `painted` of the `photo`, maybe smaller, as the picture is to be.

    A smaller one is enlarged and gets the lightness that the photograph has finer than it. `share` is how much of it is
    seen, `colors` how much of its colors. Works a strip at a time.
    """
    small = None if painted.shape == photo.shape else resize(photo, painted.shape[1], painted.shape[0])
    for top, bottom in _strips(*photo.shape[:2]):
        rows = painted[top:bottom] if small is None else _enlarged(painted, small, photo, top, bottom)
        if share != 1:
            rows = _blended(photo[top:bottom], rows, share)
        if colors != 1:
            rows = _recolored(photo[top:bottom], rows, colors)
        out[top:bottom] = rows


def _strips(height: int, width: int) -> Iterator[tuple[int, int]]:
    step = max(16, STRIP_PIXELS // width)
    for top in range(0, height, step):
        yield top, min(top + step, height)


def _enlarged(painted: Pixels, small: Pixels, photo: Pixels, top: int, bottom: int) -> Pixels:
    """Return rows of `painted` at the size of `photo`, with the lightness that `photo` has finer than `small`."""
    height, width = photo.shape[:2]
    rows = enlarged_rows(painted, width, height, top, bottom).astype(np.float32)
    coarse = enlarged_rows(small, width, height, top, bottom) @ _LUMA
    rows += (DETAIL * (photo[top:bottom] @ _LUMA - coarse))[..., None]
    return _to_pixels(rows)


def _blended(photo: Pixels, painted: Pixels, share: float) -> Pixels:
    return _to_pixels(photo + np.float32(share) * (painted.astype(np.float32) - photo))


def _recolored(photo: Pixels, painted: Pixels, colors: float) -> Pixels:
    lab, own = to_oklab(painted), to_oklab(photo)
    lab[..., 1:] = own[..., 1:] + np.float32(colors) * (lab[..., 1:] - own[..., 1:])
    return from_oklab(lab)


def _to_pixels(values: Floats) -> Pixels:
    pixels: Pixels = np.clip(values + np.float32(0.5), 0, 255).astype(np.uint8)
    return pixels
