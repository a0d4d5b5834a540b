"""How large photo and style picture are, and which part of them is seen."""

import numpy as np

from nst_runtime.pictures.arrays import Floats, Pixels, resize, resize_short_side
from nst_teacher.pictures.masks import resize_shares
from nst_teacher.settings.method import FramingName

Size = tuple[int, int]
"""Height and width in px."""


def frame_photo(photo: Pixels, size_px: int, framing: FramingName) -> Pixels:
    """Return `photo` (uint8 H×W×3) with a short side of `size_px`, or stretched to a ``square`` of it."""
    return resize(photo, size_px, size_px) if framing == "square" else resize_short_side(photo, size_px)


def fit_style(style: Pixels, short_side_px: int) -> Pixels:
    """Return `style` with a short side of `short_side_px`; a smaller picture stays as it is, its strokes sharp."""
    return resize_short_side(style, min(short_side_px, *style.shape[:2]))


def fitted_size(style: Pixels, short_side_px: int) -> Size:
    """Return the height and width of ``fit_style(style, short_side_px)``."""
    height, width = style.shape[:2]
    scale = min(short_side_px, height, width) / min(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def match_frame(style: Pixels, size: Size, framing: FramingName) -> Pixels:
    """Return `style` at exactly `size`: the middle part of that shape (``crop``), or all of it, stretched."""
    height, width = size
    rows, columns = visible(style.shape[:2], size, framing)
    return resize(np.ascontiguousarray(style[rows, columns]), width, height)


def frame_shares(shares: Floats, size: Size, framing: FramingName) -> Floats:
    """Return `shares` K×H×W of a picture that was brought to `size` by `framing`, as `match_frame` does."""
    height, width = size
    rows, columns = visible(shares.shape[1:], size, framing)
    return resize_shares(np.ascontiguousarray(shares[:, rows, columns]), width, height)


def visible(shape: tuple[int, ...], size: Size, framing: FramingName) -> tuple[slice, slice]:
    """Return the rows and columns of a picture of `shape` that are seen at `size`: all unless it is cropped."""
    height, width = shape[:2]
    if framing != "crop":
        return slice(0, height), slice(0, width)
    part = min(height / size[0], width / size[1])
    rows, columns = max(1, round(part * size[0])), max(1, round(part * size[1]))
    top, left = (height - rows) // 2, (width - columns) // 2
    return slice(top, top + rows), slice(left, left + columns)


def coarse_to_fine(size: Size, smallest_px: int | None) -> list[Size]:
    """Return the sizes of a coarse-to-fine schedule, short sides growing by √2 from `smallest_px`, ending at `size`.

    Crowson, style-transfer-pytorch (``gen_scales``). One size, when `smallest_px` is None or not smaller.
    """
    short = min(size)
    sizes = [size]
    while smallest_px is not None and (side := round(short / 2 ** (len(sizes) / 2))) >= smallest_px:
        sizes.append((max(1, round(size[0] * side / short)), max(1, round(size[1] * side / short))))
    return sizes[::-1]


def split_evenly(iterations: int, parts: int) -> list[int]:
    """Return `iterations` in `parts` shares that differ by at most one, the last ones the larger."""
    return [(iterations * (part + 1)) // parts - (iterations * part) // parts for part in range(parts)]
