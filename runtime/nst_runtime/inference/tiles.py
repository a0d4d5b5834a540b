"""Turn what a bank has painted into pixels, a strip of a large picture at a time.

A decoder without instance norms makes every pixel of the few rows around it, so that strips that overlap by those give
the picture that it makes as a whole, and the memory it takes is a strip's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.pictures.arrays import from_network

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nst_runtime.inference.sessions import Graph
    from nst_runtime.pictures.arrays import Floats, Pixels

STRIP_PX = 2**19  # large enough that the overlap takes little time
FEWEST_ROWS = 32
ROW_PX = 2  # rows of the picture that one row of what is painted makes
# A pixel hangs on one row more; the graph computes 4×4 pixels at a position, so that strips begin at even rows.
OVERLAP_ROWS = 2
_WITHOUT_NORMS = ("painted",)


def paint(decoder: Graph, stylised: Sequence[Floats], height: int, width: int) -> Pixels:
    """Return the picture, uint8 `height`×`width`×3, that `decoder` makes of `stylised`, what a bank gave for it.

    In strips when it has no instance norms, which see all of a picture at once. Raises what `Graph` does.
    """
    if decoder.inputs != _WITHOUT_NORMS:
        (image,) = decoder(*stylised)
        return from_network(image, height, width)
    (painted,) = stylised
    rgb = np.empty((height, width, 3), np.uint8)
    for first, last in _strips(painted.shape[2], painted.shape[3]):
        top, bottom = max(0, first - OVERLAP_ROWS), last + OVERLAP_ROWS
        (image,) = decoder(np.ascontiguousarray(painted[:, :, top:bottom]))
        rows = rgb[first * ROW_PX : last * ROW_PX]
        rows[:] = from_network(image[:, :, (first - top) * ROW_PX :], len(rows), width)
    return rgb


def _strips(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    """Yield the first row of each strip and the one after its last, in rows of what is painted."""
    step = max(FEWEST_ROWS, STRIP_PX // (columns * ROW_PX**2) // 2 * 2)
    for first in range(0, rows, step):
        yield first, min(first + step, rows)
