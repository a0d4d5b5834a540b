"""Write a PNG from rows: Pillow filters them, a few at a time, and they are packed into one stream."""

import io
import zlib
from typing import IO

from PIL import Image

from nst_runtime.pictures.containers.png import SIGNATURE, Chunk, chunk_data, walk, write_chunk

_IDAT_BYTES = 65_536
_MEMORY_LEVEL = 9  # as Pillow packs


class PngWriter:
    """Writes a PNG to `stream` as Pillow writes it; `head` is a PNG of the first row alone, with all but the height.

    `compress_level` is zlib's, 0 to 9.
    """

    def __init__(self, stream: IO[bytes], head: bytes, height: int, compress_level: int) -> None:
        self._stream = stream
        self._packer = zlib.compressobj(compress_level, zlib.DEFLATED, zlib.MAX_WBITS, _MEMORY_LEVEL)
        self._waiting = bytearray()
        self._above: Image.Image | None = None
        chunks = list(walk(io.BytesIO(head)))
        first = next(number for number, chunk in enumerate(chunks) if chunk.kind == b"IDAT")
        last = max(number for number, chunk in enumerate(chunks) if chunk.kind == b"IDAT")
        stream.write(SIGNATURE)
        for chunk in chunks[:first]:
            stream.write(_with_height(head, chunk, height))
        self._rest = [_whole(head, chunk) for chunk in chunks[last + 1 :]]

    def write(self, image: Image.Image) -> None:
        """Write the next rows."""
        self._put(self._packer.compress(self._filtered(image)))
        self._above = image.crop((0, image.height - 1, image.width, image.height))

    def finish(self) -> None:
        """Write what comes after the rows."""
        self._put(self._packer.flush())
        if self._waiting:
            self._stream.write(write_chunk(b"IDAT", bytes(self._waiting)))
        for chunk in self._rest:
            self._stream.write(chunk)

    def _put(self, packed: bytes) -> None:
        self._waiting += packed
        while len(self._waiting) >= _IDAT_BYTES:
            self._stream.write(write_chunk(b"IDAT", bytes(self._waiting[:_IDAT_BYTES])))
            del self._waiting[:_IDAT_BYTES]

    def _filtered(self, image: Image.Image) -> bytes:
        """Return the rows of `image` as Pillow filters them: it needs the row above, which is taken off again."""
        if self._above is not None:
            rows = Image.new(image.mode, (image.width, image.height + 1))
            rows.paste(self._above, (0, 0))
            rows.paste(image, (0, 1))
            image, skipped = rows, 1 + image.width * len(image.getbands())
        else:
            skipped = 0
        stream = io.BytesIO()
        image.save(stream, "PNG", compress_level=0)
        stored = b"".join(chunk_data(stream, chunk) for chunk in walk(stream) if chunk.kind == b"IDAT")
        return zlib.decompress(stored)[skipped:]


def _with_height(head: bytes, chunk: Chunk, height: int) -> bytes:
    if chunk.kind != b"IHDR":
        return _whole(head, chunk)
    data = head[chunk.start + 8 : chunk.start + 8 + chunk.length]
    return write_chunk(b"IHDR", data[:4] + height.to_bytes(4, "big") + data[8:])


def _whole(head: bytes, chunk: Chunk) -> bytes:
    return head[chunk.start : chunk.start + 12 + chunk.length]
