"""A window that goes down a picture whose file is read in strips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nst_runtime.pictures.arrays import PixelRows, Pixels


class Window:
    """The rows of `picture` that were asked for last, and so many rows `behind` them; each is read once on the way.

    Whoever goes back further than that makes the file be read from the top again.
    """

    def __init__(self, picture: PixelRows, behind: int) -> None:
        self._picture = picture
        self._behind = behind
        self._first = 0
        self._rows = picture[0:0]

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and channels of the picture."""
        return self._picture.shape

    def __getitem__(self, place: slice | tuple[slice, slice], /) -> Pixels:
        """Return the rows of a slice, or of two slices the rows and columns."""
        rows, columns = place if isinstance(place, tuple) else (place, slice(None))
        first, last, _ = rows.indices(self.shape[0])
        if first < self._first:
            self._first, self._rows = first, self._picture[first:first]
        self._read_to(last)
        self._drop_to(first - self._behind)
        return self._rows[first - self._first : last - self._first, columns]

    def _read_to(self, last: int) -> None:
        end = self._first + len(self._rows)
        if last > end:
            self._rows = np.concatenate([self._rows, self._picture[end:last]])

    def _drop_to(self, first: int) -> None:
        if first > self._first:
            self._rows = self._rows[first - self._first :].copy()
            self._first = first
