"""The rows of a PNG, from the top to the bottom."""

from typing import BinaryIO

import numpy as np
from PIL import Image

from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.rows.inflate import InflatedData
from nst_runtime.pictures.rows.png_head import PngHead
from nst_runtime.pictures.rows.sources import Block, rows_at_once
from nst_runtime.pictures.rows.unfilter import unfilter


class PngSource:
    """Gives the rows of the PNG `stream` with the `head`, which is not interlaced."""

    jumps = False

    def __init__(self, stream: BinaryIO, head: PngHead) -> None:
        self._stream = stream
        self._head = head
        self.seek(0)

    def seek(self, row: int) -> None:
        """Begin at the top again, which comes before every `row`."""
        self._data = InflatedData(self._stream, self._head.start)
        self._above: Pixels = np.zeros(self._head.row_bytes, np.uint8)
        self._next = 0

    def read_block(self) -> Block:
        """Return the next block."""
        head, top = self._head, self._next
        height = min(rows_at_once(head.width), head.height - top)
        filtered = np.frombuffer(self._data.read(height * (1 + head.row_bytes)), np.uint8).reshape(height, -1)
        rows = unfilter(filtered, self._above, (head.pixel_bits + 7) // 8)
        self._above = rows[-1].copy()
        self._next += height
        return Block(top, self._to_image(rows))

    def _to_image(self, rows: Pixels) -> Image.Image:
        """Return the bytes of `rows` as the picture that Pillow would make of them."""
        head, sample = self._head, self._head.sample
        image = Image.frombytes(sample.mode, (head.width, len(rows)), rows.tobytes(), "raw", head.rawmode)
        if sample.palette is not None:
            image.putpalette(sample.palette)
        image.info = {name: value for name, value in sample.info.items() if name == "transparency"}
        return image
