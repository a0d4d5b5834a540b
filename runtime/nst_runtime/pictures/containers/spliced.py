"""A file with some of its bytes replaced or left out, without a copy of the rest."""

import io
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Piece = bytes | range
"""Bytes as they are, or those that a range of places in the file holds."""


def splice(stream: BinaryIO, pieces: Iterable[Piece]) -> BinaryIO:
    """Return the `pieces` of `stream` as one stream, which reads from it and does not close it."""
    return io.BufferedReader(_Spliced(stream, pieces))


class _Spliced(io.RawIOBase):
    def __init__(self, stream: BinaryIO, pieces: Iterable[Piece]) -> None:
        self._stream = stream
        self._pieces = [piece for piece in pieces if len(piece)]
        self._starts = [0, *accumulate(map(len, self._pieces))]
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._starts[-1]}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer).cast("B")
        number = bisect_right(self._starts, self._at) - 1
        if number >= len(self._pieces):
            return 0
        part = self._read(self._pieces[number], self._at - self._starts[number], len(view))
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _read(self, piece: Piece, skipped: int, size: int) -> bytes:
        if isinstance(piece, bytes):
            return piece[skipped : skipped + size]
        self._stream.seek(piece.start + skipped)
        return self._stream.read(min(size, len(piece) - skipped))
