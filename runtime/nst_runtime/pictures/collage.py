"""Pictures side by side, and what a labelled sheet of them is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nst_runtime.pictures.arrays import Picture, Pixels

GAP_PX = 8


def beside(photo: Picture, painted: Picture) -> Picture:
    """Return `painted` with `photo`, of the same size, on its left and a white gap between them."""
    gap = np.full((photo.rgb.shape[0], GAP_PX, 3), 255, np.uint8)
    rgb = np.hstack([photo.rgb, gap, painted.rgb])
    if photo.alpha is None or painted.alpha is None:
        return replace(painted, rgb=rgb)
    return replace(painted, rgb=rgb, alpha=np.hstack([photo.alpha, gap[..., 0], painted.alpha]))


def tile(rows: Sequence[Sequence[Pixels]], gap_px: int = 4) -> Pixels:
    """Return one picture of `rows` of equally large H×W×3 uint8 pictures, with white gaps between them.

    Raises ValueError when the pictures or the rows differ in size.
    """
    if {len(row) for row in rows} != {len(rows[0])} or {p.shape for row in rows for p in row} != {rows[0][0].shape}:
        raise ValueError("tiles need rows of equally many and equally large pictures")
    height, width = rows[0][0].shape[:2]
    down, across = height + gap_px, width + gap_px
    sheet = np.full((len(rows) * down - gap_px, len(rows[0]) * across - gap_px, 3), 255, np.uint8)
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            sheet[row * down : row * down + height, column * across : column * across + width] = picture
    return sheet


@dataclass(frozen=True)
class Cell:
    """A picture (uint8 H×W×3) and what it is."""

    picture: Pixels
    caption: str


@dataclass(frozen=True)
class SheetRow:
    """Cells from left to right, and what they have in common; lines are parted by a line feed."""

    name: str
    cells: Sequence[Cell]

    def wrapped(self, across: int) -> list["SheetRow"]:
        """Return rows of at most `across` cells, the first with the name."""
        parts = [self.cells[first : first + across] for first in range(0, len(self.cells), across)]
        return [SheetRow("" if place else self.name, part) for place, part in enumerate(parts)]
