"""What EXIF blocks say: which way is up, and what is worth keeping in another picture."""

import io
import struct
from typing import BinaryIO

from nst_runtime.pictures.containers.ifd import Tag, TiffReader, Value, list_size, write_list

LIMIT_BYTES = 1_000_000  # a larger block is passed over
_LARGEST_WRITTEN = 65_000  # a JPEG holds no more in one segment
_MOST_TAGS = 256  # EXIF has some hundred
_ORIENTATION, _EXIF_LIST = 0x0112, 0x8769
# Of the picture itself: what it shows, camera, resolution, software, date, author, rating, rights, Windows' titles.
_KEPT = {0x010E, 0x010F, 0x0110, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x013C, 0x4746, 0x4749, 0x8298}
_KEPT |= set(range(0x9C9B, 0x9CA0))
# Of the exposure all but these: maker note (it may hold the place), colors and size of the file that was read,
# pointers to other lists, padding.
_LOST = {0x927C, 0xA001, 0xA002, 0xA003, 0xA005, 0xA500, 0xEA1C, 0x014A, 0x8769, 0x8825}


def read_orientation(block: bytes) -> int | None:
    """Return how the EXIF `block` says that the picture is stored, 1 to 8; None where it does not say."""
    try:
        reader = TiffReader(io.BytesIO(block.removeprefix(b"Exif\0\0")[:LIMIT_BYTES]))
        tag = reader.read_list(reader.first).tags.get(_ORIENTATION)
    except (ValueError, struct.error):
        return None
    if tag is None:
        return None
    said = reader.integer(tag)
    return said if 1 <= said <= 8 else 1


def keep_exif(block: bytes) -> bytes:
    """Return what is worth keeping of the EXIF `block`, as a new block that begins with its byte order; or nothing.

    That is dates, author, rights, camera, lens, exposure, resolution and words. Left out are the place, the thumbnail,
    the orientation, the maker's note, and the size and colors of the file. Damaged parts are passed over.
    """
    bare = block.removeprefix(b"Exif\0\0")
    return b"" if len(bare) > LIMIT_BYTES else keep_tags(io.BytesIO(bare))


def keep_tags(stream: BinaryIO) -> bytes:
    """Return what `keep_exif` keeps of the tags in `stream`, an EXIF block or a whole TIFF file."""
    try:
        reader = TiffReader(stream)
        first = reader.read_list(reader.first).tags
    except (ValueError, struct.error):
        return b""
    about = _values(reader, [tag for number, tag in first.items() if number in _KEPT])
    exposure: list[Value] = []
    try:
        inner = reader.read_list(reader.integer(first.get(_EXIF_LIST))).tags if _EXIF_LIST in first else {}
        exposure = _values(reader, [tag for number, tag in inner.items() if number not in _LOST])
    except (ValueError, struct.error):
        pass
    return _write(about, exposure, reader.order)


def _values(reader: TiffReader, tags: list[Tag]) -> list[Value]:
    sound = [tag for tag in tags if tag.type <= 12 and tag.size <= _LARGEST_WRITTEN]
    return [(tag.number, tag.type, reader.value(tag)) for tag in sound[:_MOST_TAGS]]


def _write(about: list[Value], exposure: list[Value], order: str) -> bytes:
    while about or exposure:
        pointer = [(_EXIF_LIST, 4, bytes(4))] if exposure else []
        start = 8 + list_size(about + pointer)
        if exposure:
            pointer = [(_EXIF_LIST, 4, struct.pack(order + "L", start))]
        head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "L", 8)
        block = head + write_list(about + pointer, order, 8) + (write_list(exposure, order, start) if exposure else b"")
        if len(block) <= _LARGEST_WRITTEN:
            return block
        largest = max(about + exposure, key=lambda value: len(value[2]))
        (about if largest in about else exposure).remove(largest)
    return b""
