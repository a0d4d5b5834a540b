"""Turn what a bank has painted into pixels, a strip of a large picture at a time.

A decoder without instance norms makes every pixel of the few rows around it, so that strips that overlap by those give
the picture that it makes as a whole, and the memory it takes is a strip's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.errors import PackError
from nst_runtime.pictures.arrays import from_network

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nst_runtime.contracts.packs import Painted
    from nst_runtime.inference.templates import PartSession
    from nst_runtime.pictures.arrays import Floats, Pixels

STRIP_PX = 2**19  # large enough that the overlap takes little time
FEWEST_ROWS = 32


def decode_whole(decoder: PartSession, painted: Sequence[Floats], rgb: Pixels) -> None:
    """Write the picture that `decoder` makes of `painted`, what a bank gave for it, into `rgb`, uint8 H×W×3.

    Raises PackError when it makes none, or a smaller one; what `Session.run` does.
    """
    (image,) = decoder(*painted)
    _put(image, rgb)


def decode_in_strips(decoder: PartSession, painted: Sequence[Floats], rgb: Pixels, facts: Painted) -> None:
    """Do the same a strip at a time, to the same bits, with a `decoder` that has no instance norms."""
    whole, *others = painted
    for first, last in _strips(whole.shape[2], whole.shape[3], facts):
        top, bottom = max(0, first - facts.overlap), last + facts.overlap
        (image,) = decoder(np.ascontiguousarray(whole[:, :, top:bottom]), *others)
        rows = rgb[first * facts.scale_px : last * facts.scale_px]
        if len(rows):
            _put(image, rows, skipped=(first - top) * facts.scale_px)


def _put(image: Floats, rows: Pixels, skipped: int = 0) -> None:
    """Write as much of `image` as there are `rows`, without its first `skipped` rows, into them."""
    height, width = rows.shape[:2]
    if image.ndim != 4 or image.shape[:2] != (1, 3) or image.shape[2] - skipped < height or image.shape[3] < width:
        shapes = ["×".join(map(str, shape)) for shape in (image.shape, (1, 3, skipped + height, width))]
        raise PackError(f"the decoder gives {shapes[0]} numbers, not {shapes[1]}", "get the pack again")
    rows[...] = from_network(image[:, :, skipped:], height, width)


def _strips(rows: int, columns: int, facts: Painted) -> Iterator[tuple[int, int]]:
    """Yield the first row of each strip and the one after its last, in rows of what is painted."""
    step = max(FEWEST_ROWS, STRIP_PX // (columns * facts.scale_px**2))
    step = -(-step // facts.step) * facts.step
    for first in range(0, rows, step):
        yield first, min(first + step, rows)
