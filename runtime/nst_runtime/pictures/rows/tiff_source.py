"""The rows of a TIFF: read where they lie where they are not compressed, else decoded by strips or rows of tiles."""

from typing import BinaryIO

from PIL import Image

from nst_runtime.pictures.rows.small_tiff import decode_strips, decode_tile
from nst_runtime.pictures.rows.sources import Block, rows_at_once
from nst_runtime.pictures.rows.tiff_layout import TiffLayout

_SPARE_BYTES = 65_536  # of a compressed part: headers and tables


class TiffSource:
    """Gives the rows of the TIFF `stream` of the `layout`."""

    jumps = True

    def __init__(self, stream: BinaryIO, layout: TiffLayout) -> None:
        self._stream = stream
        self._layout = layout
        self._block_rows = self._choose_block_rows()
        self._next = 0

    def _choose_block_rows(self) -> int:
        layout, rows = self._layout, rows_at_once(self._layout.width)
        if layout.is_tiled:
            return layout.part_height
        return rows if layout.is_raw else max(1, rows // layout.part_height) * layout.part_height

    def seek(self, row: int) -> None:
        """Let the next block be the one that holds `row`."""
        self._next = row // self._block_rows * self._block_rows

    def read_block(self) -> Block:
        """Return the next block."""
        top, height = self._next, min(self._block_rows, self._layout.height - self._next)
        read = (
            self._read_tiles if self._layout.is_tiled else self._read_raw if self._layout.is_raw else self._read_strips
        )
        block = Block(top, read(top, height))
        self._next += height
        return block

    def _read_raw(self, top: int, height: int) -> Image.Image:
        layout, parts = self._layout, []
        row, bottom = top, top + height
        while row < bottom:
            strip, inside = divmod(row, layout.part_height)
            rows = min(layout.part_height - inside, bottom - row)
            parts.append(self._read(layout.offsets[strip] + layout.part_bytes(inside), layout.part_bytes(rows)))
            row += rows
        return decode_strips(layout.order, layout.copied, layout.width, height, height, [b"".join(parts)])

    def _read_strips(self, top: int, height: int) -> Image.Image:
        layout = self._layout
        first, last = top // layout.part_height, (top + height - 1) // layout.part_height
        strips = [self._read_part(number) for number in range(first, last + 1)]
        return decode_strips(layout.order, layout.copied, layout.width, height, layout.part_height, strips)

    def _read_tiles(self, top: int, height: int) -> Image.Image:
        layout = self._layout
        across = -(-layout.width // layout.part_width)
        first = top // layout.part_height * across
        band: Image.Image | None = None
        for column in range(across):
            tile = decode_tile(
                layout.order, layout.copied, layout.part_width, layout.part_height, self._read_part(first + column)
            )
            if band is None:
                band = Image.new(tile.mode, (layout.width, height))
                if tile.palette is not None:
                    band.putpalette(tile.palette)
            band.paste(tile, (column * layout.part_width, 0))
        if band is None:
            raise OSError("a row of tiles is empty")
        return band

    def _read_part(self, number: int) -> bytes:
        layout, size = self._layout, self._layout.sizes[number]
        if size > 2 * layout.part_bytes(layout.part_height) + _SPARE_BYTES:
            raise OSError("a strip or tile is larger than its pixels")
        return self._read(layout.offsets[number], size)

    def _read(self, offset: int, size: int) -> bytes:
        self._stream.seek(offset)
        data = self._stream.read(size)
        if len(data) < size:
            raise OSError("a strip or tile leads out of the file")
        return data
