"""What a PNG says of its rows, and of itself, before its picture and after."""

import io
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from nst_runtime.pictures.containers.png import SIGNATURE, Chunk, chunk_data, header_data, walk, write_chunk
from nst_runtime.pictures.rows.sources import NotByRows

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by color type
_MOST_PIXEL_BYTES = 8
_ANIMATION = {b"acTL", b"fcTL"}
# What Pillow keeps of a file, for its pixels and beside them.
_SAYING = {b"PLTE", b"tRNS", b"eXIf", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"tEXt", b"zTXt", b"iTXt"}
_LARGEST_SAID = 32_000_000


@dataclass(frozen=True)
class PngHead:
    """Where the IDAT chunks of a PNG `start`, and how its pixels are stored.

    `sample` is a loaded picture of one pixel: it has the mode, the palette and the `info` of the file, which Pillow
    unpacks by its `rawmode`.
    """

    width: int
    height: int
    pixel_bits: int
    start: int
    sample: Image.Image
    rawmode: str

    @property
    def row_bytes(self) -> int:
        """How many bytes a row has, without the number of its filter."""
        return (self.width * self.pixel_bits + 7) // 8


def read_png_head(stream: BinaryIO) -> PngHead | NotByRows:
    """Return the head of the PNG `stream`, which Pillow opens, or why it has to be read as a whole.

    Raises OSError where there is not a picture in it.
    """
    chunks = list(walk(stream))
    header = chunk_data(stream, chunks[0])
    first = next((chunk for chunk in chunks if chunk.kind == b"IDAT"), None)
    if first is None:
        raise OSError("there is not a picture in it")
    if reason := _why_not(header, chunks):
        return NotByRows(reason)
    pixel_bits = header[8] * _CHANNELS[header[9]]
    sample = PngImageFile(io.BytesIO(_with_one_pixel(stream, chunks, header)))
    rawmode = str(sample.tile[0][3])
    sample.load()
    width, height = (int.from_bytes(header[at : at + 4], "big") for at in (0, 4))
    return PngHead(width, height, pixel_bits, first.start, sample, rawmode)


def _why_not(header: bytes, chunks: list[Chunk]) -> str:
    """Return why a PNG has to be read as a whole, empty where it has not."""
    if header[12]:
        return "it is interlaced"
    if any(chunk.kind in _ANIMATION for chunk in chunks):
        return "it is an animation"
    if sum(chunk.length for chunk in chunks if chunk.kind in _SAYING) > _LARGEST_SAID:
        return "it says too much about itself"
    return ""


def _with_one_pixel(stream: BinaryIO, chunks: list[Chunk], header: bytes) -> bytes:
    """Return the PNG `stream` with a picture of one pixel in place of its own, after all that is said of it."""
    saying = [write_chunk(chunk.kind, chunk_data(stream, chunk)) for chunk in chunks if chunk.kind in _SAYING]
    ihdr = write_chunk(b"IHDR", header_data(1, 1, header[8], header[9]))
    idat = write_chunk(b"IDAT", zlib.compress(bytes(_MOST_PIXEL_BYTES + 1)))
    return b"".join((SIGNATURE, ihdr, *saying, idat, write_chunk(b"IEND", b"")))
