"""A picture whose rows are decoded as they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.metadata.record import Metadata
from nst_runtime.pictures.read import explained
from nst_runtime.pictures.rows.sources import RowSource


@dataclass(frozen=True)
class Described:
    """What a Picture has beside its pixels; `notes`, `metadata` and `profile` are as there.

    `has_alpha`: some pixels may be transparent. `to_srgb` turns what is decoded into uint8 h×w×3 and alpha.
    """

    name: str
    width: int
    height: int
    has_alpha: bool
    notes: tuple[str, ...]
    metadata: Metadata | None
    profile: bytes | None
    to_srgb: Callable[[Image.Image], tuple[Pixels, Pixels | None]]


@dataclass(frozen=True)
class _Rows:
    """Decoded rows of the picture, from its row `top` on."""

    top: int
    rgb: Pixels
    alpha: Pixels | None

    @property
    def bottom(self) -> int:
        return self.top + len(self.rgb)


class RowPicture:
    """An sRGB picture in a file, of which a window of rows is held; made by `open_rows`.

    ``picture[rows, columns]`` are the pixels of two slices, uint8 h×w×3, as of an array. The window begins at the first
    row of the latest request. A request for rows before it is right as well, but the file may be decoded from the top
    again. Raises ImageError where the file is damaged in the rows that are asked for or in those before them.
    """

    def __init__(self, described: Described, source: RowSource) -> None:
        self._described = described
        self._source = source
        self._window: list[_Rows] = []
        self._bottom = 0

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and 3."""
        return (self._described.height, self._described.width, 3)

    @property
    def has_alpha(self) -> bool:
        """Whether some pixels may be transparent."""
        return self._described.has_alpha

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences on what of the file is not used."""
        return self._described.notes

    @property
    def metadata(self) -> Metadata | None:
        """What the file says about the picture, and another one made from it may say too."""
        return self._described.metadata

    @property
    def profile(self) -> bytes | None:
        """The file's ICC profile for RGB that colors can be brought back to."""
        return self._described.profile

    def __getitem__(self, part: slice | tuple[slice, slice], /) -> Pixels:
        """Return the pixels of `part`, one slice of rows or two of rows and columns, as uint8 h×w×3."""
        rows, columns = part if isinstance(part, tuple) else (part, slice(None))
        step, found = self._find(rows)
        parts = [block.rgb[:, columns] for block in found]
        return np.concatenate(parts)[::step] if parts else np.empty((0, *self.shape[1:]), np.uint8)[:, columns]

    def alpha(self, rows: slice) -> Pixels | None:
        """Return the alpha of `rows` as uint8 h×width; None where the file has none."""
        if not self.has_alpha:
            return None
        step, found = self._find(rows)
        parts = [np.full(b.rgb.shape[:2], 255, np.uint8) if b.alpha is None else b.alpha for b in found]
        return np.concatenate(parts)[::step] if parts else np.empty((0, self.shape[1]), np.uint8)

    def _find(self, rows: slice) -> tuple[int, list[_Rows]]:
        """Return the step of `rows`, and the decoded rows from the first of them to the last."""
        first, stop, step = rows.indices(self.shape[0])
        if step < 1:
            raise ValueError(f"rows come from the top to the bottom, not in steps of {step}")
        if first >= stop:
            return step, []
        with explained(self._described.name):
            try:
                self._move(first, stop)
            except BaseException:
                self._window, self._bottom = [], self.shape[0]  # so that the next request begins again
                raise
        return step, [_cut(block, first, stop) for block in self._window if block.top < stop]

    def _move(self, first: int, stop: int) -> None:
        """Let the window hold the rows from `first` up to `stop`, and none that end before."""
        self._window = [block for block in self._window if block.bottom > first]
        held_from = self._window[0].top if self._window else self._bottom
        if first < held_from or (self._source.jumps and not self._window):
            self._window, self._bottom = [], 0
            self._source.seek(first)
        while self._bottom < stop:
            block = self._source.read_block()
            self._bottom = block.top + block.image.height
            if self._bottom > first:
                self._window.append(_Rows(block.top, *self._described.to_srgb(block.image)))


def _cut(block: _Rows, first: int, stop: int) -> _Rows:
    part = slice(max(0, first - block.top), stop - block.top)
    alpha = None if block.alpha is None else block.alpha[part]
    return _Rows(max(first, block.top), block.rgb[part], alpha)
