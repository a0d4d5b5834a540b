"""Parts of a large picture: tiles that cover it, squares that are spread over it, each with what lies around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from nst_runtime.pictures.arrays import to_network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nst_runtime.pictures.arrays import Floats, PixelRows

SCATTER = 0.7548776662466927, 0.5698402909980532  # 1/p and 1/p², p³ = p + 1: multiples of them spread evenly


@dataclass(frozen=True)
class Crop:
    """Rows and columns of a padded picture that count, and the wider ones that the network is given: all multiples."""

    top: int
    bottom: int
    left: int
    right: int
    first_row: int
    last_row: int
    first_column: int
    last_column: int

    @property
    def pixels(self) -> int:
        """How many pixels the network is given."""
        return (self.last_row - self.first_row) * (self.last_column - self.first_column)

    def of(self, photo: PixelRows, multiple_px: int) -> Floats:
        """Return what the network is given of `photo`, mirrored where `photo` ends as the whole would be."""
        rows = photo[self.first_row : self.last_row, self.first_column : self.last_column]
        return to_network(rows, multiple_px)

    def inside(self, values: Floats, channels: int) -> Floats:
        """Return those of `values`, channels×n, that belong to what counts of the crop.

        `values` are 1×C×h×w, where h may be several times the height that w asks for: the phases of a channel that is
        computed at a lower resolution stand one above the other.
        """
        scale = (self.last_column - self.first_column) // values.shape[3]
        height = (self.last_row - self.first_row) // scale
        planes = values.reshape(channels, -1, height, values.shape[3])
        rows, columns = (
            slice((begin - first) // scale, (end - first) // scale)
            for begin, end, first in (
                (self.top, self.bottom, self.first_row),
                (self.left, self.right, self.first_column),
            )
        )
        return planes[:, :, rows, columns].reshape(channels, -1)


def tiles(height: int, width: int, side: int, halo: int, multiple: int) -> Iterator[Crop]:
    """Yield crops that cover `height`×`width` pixels once, up to `side` wide and high, with a `halo` on all sides."""
    for top, bottom in _spans(height, side, multiple):
        for left, right in _spans(width, side, multiple):
            yield _with_halo(top, bottom, left, right, halo, height, width)


def squares(height: int, width: int, count: int, side: int, halo: int, multiple: int) -> list[Crop]:
    """Return about `count` crops of `side` pixels, one in each cell of a grid over the picture, scattered in it.

    The same size of picture has the same squares at all times, and on the page in the browser.
    """
    rows = max(1, min(round(math.sqrt(count * height / width)), height // side))
    columns = max(1, min(round(count / rows), width // side))
    return [
        _with_halo(top, top + side, left, left + side, halo, height, width)
        for number, (row, column) in enumerate(product(range(rows), range(columns)))
        for top in [_place(number * SCATTER[0], height, row, rows, side, multiple)]
        for left in [_place(number * SCATTER[1], width, column, columns, side, multiple)]
    ]


def _place(scatter: float, length: int, cell: int, cells: int, side: int, multiple: int) -> int:
    """Return where in its cell a square begins: a multiple, so that the square is in the picture."""
    begin, end = length * cell / cells, length * (cell + 1) / cells - side
    last = max(0, length - side) // multiple * multiple
    place = begin + (scatter + 0.5) % 1 * max(0.0, end - begin)
    return min(int(place) // multiple * multiple, last)


def _spans(length: int, side: int, multiple: int) -> Iterator[tuple[int, int]]:
    """Yield first and last of as few spans as there can be, all of about the same length."""
    step = -(-length // max(1, -(-length // side)))
    step = -(-step // multiple) * multiple
    for first in range(0, length, step):
        yield first, min(first + step, length)


def _with_halo(top: int, bottom: int, left: int, right: int, halo: int, height: int, width: int) -> Crop:
    wider = max(0, top - halo), min(height, bottom + halo), max(0, left - halo), min(width, right + halo)
    return Crop(top, bottom, left, right, *wider)
