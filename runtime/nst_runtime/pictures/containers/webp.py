"""WebP files: their size, told before the decoder takes memory for it."""

from typing import BinaryIO

from nst_runtime.pictures.containers.prepared import Prepared


def prepare(stream: BinaryIO) -> Prepared:
    """Return the WebP `stream` as it is, with its size in pixels."""
    head = stream.read(30).ljust(30, b"\0")
    stream.seek(0)
    return Prepared(stream, size=_size(head))


def _size(head: bytes) -> tuple[int, int] | None:
    """Return width and height by the first chunk, None for one that is not of a picture (RFC 9649, 2.5 to 2.7)."""
    kind = head[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    return None
