"""AVIF, HEIC and JPEG 2000 files: the colors that their boxes name, which Pillow passes over."""

from collections.abc import Iterator
from typing import BinaryIO

from nst_runtime.pictures.color import icc
from nst_runtime.pictures.color.code_points import NamedColors, named_colors
from nst_runtime.pictures.containers.prepared import Prepared

# Boxes that hold boxes, on the way to `colr`, with the bytes before the first one of them.
_HOLDERS = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"jp2h": 0}
_MOST_BOXES = 1000
_LARGEST_BOX = icc.LIMIT_BYTES + 3


def prepare(stream: BinaryIO) -> Prepared:
    """Return the `stream`, an AVIF, HEIC or JPEG 2000 file, with the colors that its boxes name.

    AVIF's and HEIC's profiles reach Pillow, JPEG 2000's do not; colors named by numbers count where no profile is.
    """
    found = list(_color_boxes(stream, 0, stream.seek(0, 2), [_MOST_BOXES]))
    stream.seek(0)
    if any(box.startswith((b"prof", b"rICC")) for box in found):
        return Prepared(stream)
    colors = next((c for c in map(_colors, found) if c), None)
    return Prepared(stream, profile=colors.profile, notes=colors.notes) if colors else Prepared(stream)


def _color_boxes(stream: BinaryIO, start: int, end: int, left: list[int]) -> Iterator[bytes]:
    while start + 8 <= end and left[0] > 0:
        left[0] -= 1
        stream.seek(start)
        head = stream.read(16)
        size, kind, header = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, header = int.from_bytes(head[8:16], "big"), 16
        stop = end if size == 0 else start + size
        if stop < start + header or stop > end:
            return
        if kind in _HOLDERS:
            yield from _color_boxes(stream, start + header + _HOLDERS[kind], stop, left)
        elif kind == b"colr" and stop - start - header <= _LARGEST_BOX:
            stream.seek(start + header)
            yield stream.read(stop - start - header)
        start = stop


def _colors(box: bytes) -> NamedColors | None:
    """Return what a `colr` box says: JPEG 2000's ICC profile, or AVIF's and HEIC's numbers; None for anything else."""
    if box[:1] in {b"\2", b"\3"}:
        return NamedColors(box[3:])
    if box[:4] != b"nclx" or len(box) < 10:
        return None
    return named_colors(int.from_bytes(box[4:6], "big"), int.from_bytes(box[6:8], "big"))
