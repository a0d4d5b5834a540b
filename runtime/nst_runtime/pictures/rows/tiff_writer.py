"""Write a TIFF from rows, without compression: they are one strip at the end of the file."""

import io
import struct
from typing import IO

from PIL import Image

from nst_runtime.pictures.containers.ifd import Tag, TiffReader
from nst_runtime.pictures.rows.small_tiff import LENGTH, ROWS_PER_STRIP, STRIP_OFFSETS, STRIP_SIZES

_SHORT, _LONG = 3, 4


class TiffWriter:
    """Writes a TIFF to `stream` as Pillow writes it; `head` is a TIFF of the first row alone."""

    def __init__(self, stream: IO[bytes], head: bytes, height: int) -> None:
        self._stream = stream
        reader = TiffReader(io.BytesIO(head))
        tags = reader.read_list(reader.first).tags
        start, row_bytes = reader.integer(tags[STRIP_OFFSETS]), reader.integer(tags[STRIP_SIZES])
        changed = bytearray(head[:start])
        for number, value in {LENGTH: height, ROWS_PER_STRIP: height, STRIP_SIZES: height * row_bytes}.items():
            _set(changed, tags[number], value, reader.order)
        stream.write(changed)

    def write(self, image: Image.Image) -> None:
        """Write the next rows."""
        self._stream.write(image.tobytes())

    def finish(self) -> None:
        """Write what comes after the rows: nothing."""


def _set(changed: bytearray, tag: Tag, value: int, order: str) -> None:
    """Let the one number of `tag` in `changed` be `value`, as a longer number where it is too large for its type."""
    kind, code = (_SHORT, "H") if tag.type == _SHORT and value <= 0xFFFF else (_LONG, "L")
    changed[tag.offset - 6 : tag.offset + 4] = struct.pack(order + "HL", kind, 1) + struct.pack(
        order + code, value
    ).ljust(4, b"\0")
