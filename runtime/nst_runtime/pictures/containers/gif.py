"""GIF files: the places of their frames, told before the decoder takes memory for them.

Pillow makes the picture as large as a frame that leaves it, up to 65535 pixels a side.
"""

from collections.abc import Iterator
from typing import BinaryIO

from nst_runtime.pictures.containers.prepared import Prepared

_EXTENSION, _FRAME, _END = b"!", b",", b";"
_COMMENT = b"\xfe"
_Corner = tuple[int, int]
"""The right and the lower end of a picture or a frame, in pixels."""


def prepare(stream: BinaryIO) -> Prepared:
    """Return the GIF `stream` as it is, with the size in pixels that it has with its first frame."""
    width, height = _open(stream)
    right, bottom = next(_frames(stream), (0, 0))
    stream.seek(0)
    return Prepared(stream, size=(max(width, right), max(height, bottom)))


def frames_stay_inside(stream: BinaryIO) -> bool:
    """Tell whether each frame in the GIF `stream` lies in the picture's bounds; the stream is rewound."""
    width, height = _open(stream)
    inside = all(right <= width and bottom <= height for right, bottom in _frames(stream))
    stream.seek(0)
    return inside


def _open(stream: BinaryIO) -> _Corner:
    """Return the picture's own size; the `stream` is then at the first part."""
    stream.seek(0)
    head = stream.read(13)
    _skip_colors(stream, head[10:11])
    return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")


def _frames(stream: BinaryIO) -> Iterator[_Corner]:
    """Yield where each frame ends.

    As Pillow does, this passes over bytes between the parts, and over two lists of blocks where an extension's first
    block is empty.
    """
    while (kind := stream.read(1)) not in {b"", _END}:
        if kind == _EXTENSION:
            if stream.read(1) != _COMMENT:
                _skip_block(stream)
        elif kind == _FRAME:
            place = stream.read(9)
            left, top, width, height = (int.from_bytes(place[at : at + 2], "little") for at in (0, 2, 4, 6))
            yield left + width, top + height
            _skip_colors(stream, place[8:9])
            stream.read(1)
        else:
            continue
        _skip_blocks(stream)


def _skip_colors(stream: BinaryIO, flags: bytes) -> None:
    if flags and flags[0] & 0x80:
        stream.seek(3 << (flags[0] & 7) + 1, 1)


def _skip_blocks(stream: BinaryIO) -> None:
    while _skip_block(stream):
        pass


def _skip_block(stream: BinaryIO) -> bool:
    """Tell whether there was a block that is not empty."""
    size = stream.read(1)
    if size in {b"", b"\0"}:
        return False
    stream.seek(size[0], 1)
    return True
