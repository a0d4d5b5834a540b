"""What a labelled sheet is made of: rows of pictures, each with a line above it, each row with its name."""

from collections.abc import Sequence
from dataclasses import dataclass

from nst_runtime.images import Pixels


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
