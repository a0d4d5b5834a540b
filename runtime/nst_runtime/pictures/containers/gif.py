"""GIF files: the places of their frames, told before the decoder takes memory for them."""

from typing import BinaryIO

_EXTENSION, _FRAME, _END = b"!", b",", b";"
_COMMENT = b"\xfe"


def frames_stay_inside(stream: BinaryIO) -> bool:
    """Tell whether each frame in the GIF `stream` lies in the picture's bounds; the stream is rewound.

    Pillow makes the picture as large as a frame that leaves them, up to 65535 pixels a side. As Pillow does, this
    passes over bytes between the parts, and over two lists of blocks where an extension's first block is empty.
    """
    stream.seek(0)
    head = stream.read(13)
    width, height = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    _skip_colors(stream, head[10:11])
    inside = True
    while inside and (kind := stream.read(1)) not in {b"", _END}:
        if kind == _EXTENSION:
            if stream.read(1) != _COMMENT:
                _skip_block(stream)
        elif kind == _FRAME:
            place = stream.read(9)
            left, top, across, down = (int.from_bytes(place[at : at + 2], "little") for at in (0, 2, 4, 6))
            inside = left + across <= width and top + down <= height
            _skip_colors(stream, place[8:9])
            stream.read(1)
        else:
            continue
        _skip_blocks(stream)
    stream.seek(0)
    return inside


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
