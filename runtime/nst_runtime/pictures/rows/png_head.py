"""What a PNG says of its rows, and of itself, before its picture and after."""

import io
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from nst_runtime.pictures.containers.png import SIGNATURE, Chunk, chunk_data, header_data, walk, write_chunk

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by color type
_ANIMATION = {b"acTL", b"fcTL", b"fdAT"}


@dataclass(frozen=True)
class PngHead:
    """Where the IDAT chunks of a PNG `start`, and how its pixels are stored.

    `sample` is a loaded picture of one pixel: it has the mode, the palette and the `info` of the file, which Pillow
    unpacks by its `rawmode`.
    """

    width: int
    height: int
    pixel_bits: int
    is_interlaced: bool
    start: int
    sample: Image.Image
    rawmode: str

    @property
    def row_bytes(self) -> int:
        """How many bytes a row has, without the number of its filter."""
        return (self.width * self.pixel_bits + 7) // 8


def read_png_head(stream: BinaryIO) -> PngHead:
    """Return the head of the PNG `stream`, which Pillow opens; raises OSError where there is not a picture in it."""
    chunks = list(walk(stream))
    header = chunk_data(stream, chunks[0])
    start = next((chunk.start for chunk in chunks if chunk.kind == b"IDAT"), 0)
    if not start:
        raise OSError("there is not a picture in it")
    width, height = (int.from_bytes(header[at : at + 4], "big") for at in (0, 4))
    pixel_bits = header[8] * _CHANNELS[header[9]]
    pixel = bytes(1 + (pixel_bits + 7) // 8)
    sample = PngImageFile(io.BytesIO(_with_one_pixel(stream, chunks, header, pixel)))
    rawmode = str(sample.tile[0][3])
    sample.load()
    return PngHead(width, height, pixel_bits, bool(header[12]), start, sample, rawmode)


def _with_one_pixel(stream: BinaryIO, chunks: list[Chunk], header: bytes, pixel: bytes) -> bytes:
    """Return the PNG `stream` of the `chunks` as a picture of the one filtered `pixel`."""
    first = next(number for number, chunk in enumerate(chunks) if chunk.kind == b"IDAT")
    kept = [chunk for chunk in chunks if chunk.kind not in {b"IHDR", b"IDAT", b"IEND"} | _ANIMATION]
    before, after = (
        b"".join(_whole(stream, chunk) for chunk in kept if (chunk in chunks[:first]) == is_before)
        for is_before in (True, False)
    )
    ihdr = write_chunk(b"IHDR", header_data(1, 1, header[8], header[9]))
    return b"".join((SIGNATURE, ihdr, before, write_chunk(b"IDAT", zlib.compress(pixel)), after, _END))


_END = write_chunk(b"IEND", b"")


def _whole(stream: BinaryIO, chunk: Chunk) -> bytes:
    return write_chunk(chunk.kind, chunk_data(stream, chunk))
