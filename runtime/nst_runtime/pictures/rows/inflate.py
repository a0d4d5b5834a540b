"""The data of a PNG's picture, unpacked no further than it is asked for."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

_READ_BYTES = 65_536
_IDAT = b"IDAT"


class InflatedData:
    """Unpacks the IDAT chunks that follow each other in `stream` from the place `start` on."""

    def __init__(self, stream: BinaryIO, start: int) -> None:
        self._packed = _packed_parts(stream, start)
        self._inflater = zlib.decompressobj()
        self._waiting = b""

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes; raises OSError where there are fewer, zlib.error where they are damaged."""
        parts: list[bytes] = []
        missing = size
        while missing:
            part = self._inflater.decompress(self._waiting, missing)
            self._waiting = self._inflater.unconsumed_tail
            parts.append(part)
            missing -= len(part)
            if missing and not self._waiting:
                self._waiting = b"" if self._inflater.eof else next(self._packed, b"")
                if not self._waiting:
                    raise OSError("the rows of the picture end too early")
        return b"".join(parts)


def _packed_parts(stream: BinaryIO, at: int) -> Iterator[bytes]:
    while True:
        stream.seek(at)
        head = stream.read(8)
        if head[4:] != _IDAT:
            return
        at += 8
        end = at + int.from_bytes(head[:4], "big")
        while at < end:
            stream.seek(at)
            part = stream.read(min(_READ_BYTES, end - at))
            if not part:
                return
            at += len(part)
            yield part
        at = end + 4  # the checksum, which Pillow does not look at either
