"""What gives the rows of a picture's file, and what says that a file has to be read as a whole."""

from dataclasses import dataclass
from typing import Protocol

from PIL import Image

BLOCK_PIXELS = 500_000
"""About so many pixels are decoded at once where the file leaves the choice."""
LARGEST_BLOCK_PIXELS = 4_000_000
"""A file whose rows come only in larger blocks than that is read as a whole."""


@dataclass(frozen=True)
class Block:
    """Some rows as Pillow decodes them: whole rows from the row `top` of the picture on."""

    top: int
    image: Image.Image


class RowSource(Protocol):
    """Decodes a file from one block of rows to the next, from the top to the bottom."""

    def seek(self, row: int) -> None:
        """Let the next block be one that ends after `row`; the first of all where the file is read forward only."""

    def read_block(self) -> Block:
        """Return the next block; not to be called after the last one. Raises what Pillow raises on damage."""

    @property
    def jumps(self) -> bool:
        """Tell whether `seek` goes to any row at no cost."""


@dataclass(frozen=True)
class NotByRows:
    """A picture's file that has to be read as a whole: `reason` says why, in a few words."""

    reason: str


def rows_at_once(width: int) -> int:
    """Return how many rows of `width` pixels are decoded at once."""
    return max(1, BLOCK_PIXELS // width)
