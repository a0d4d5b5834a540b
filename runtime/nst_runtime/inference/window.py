"""A window that goes down a picture whose file is read in strips."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nst_runtime.pictures.arrays import PixelRows, Pixels

BLOCK_ROWS = 32


class Window:
    """The rows of `picture` that were asked for last, and so many rows `behind` them; each is read once on the way.

    Whoever goes back further than that makes the file be read from the top again.
    """

    def __init__(self, picture: PixelRows, behind: int) -> None:
        self._picture = picture
        self._behind = behind
        self._blocks: deque[Pixels] = deque()  # of BLOCK_ROWS rows each
        self._first = 0  # of the blocks that are held

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and channels of the picture."""
        return self._picture.shape

    def __getitem__(self, place: slice | tuple[slice, slice], /) -> Pixels:
        """Return the rows of a slice, or of two slices the rows and columns."""
        rows, columns = place if isinstance(place, tuple) else (place, slice(None))
        first, last, _ = rows.indices(self.shape[0])
        self._move_to(first, last)
        found = np.empty((last - first, len(range(self.shape[1])[columns]), 3), np.uint8)
        for number in range(first // BLOCK_ROWS, -(-last // BLOCK_ROWS)):
            top = number * BLOCK_ROWS
            begin, end = max(first, top), min(last, top + BLOCK_ROWS)
            found[begin - first : end - first] = self._blocks[number - self._first][begin - top : end - top, columns]
        return found

    def _move_to(self, first: int, last: int) -> None:
        """Read on until the row `last`, and let go of what lies far above `first`."""
        if first // BLOCK_ROWS < self._first:
            self._blocks.clear()
            self._first = 0
        while self._blocks and self._first < (first - self._behind) // BLOCK_ROWS:
            self._blocks.popleft()
            self._first += 1
        while (begin := (self._first + len(self._blocks)) * BLOCK_ROWS) < last:
            block = self._picture[begin : begin + BLOCK_ROWS]
            if begin + BLOCK_ROWS + self._behind <= first:
                self._first += 1
            else:
                self._blocks.append(block)
