"""TIFF files: what Pillow does not see in them, found before it opens them."""

import struct
from typing import BinaryIO

from nst_runtime.pictures.containers.ifd import TiffReader
from nst_runtime.pictures.containers.prepared import Prepared
from nst_runtime.pictures.containers.spliced import Piece, splice

_SUBFILE, _BITS, _PHOTOMETRIC, _LISTS_BELOW, _DNG_VERSION = 254, 258, 262, 330, 50_706
_REDUCED, _MASK = 1, 4


def prepare(stream: BinaryIO) -> Prepared:
    """Return the TIFF `stream` as Pillow reads it, and what its numbers mean where they have more than 8 bits.

    Pillow takes white-is-zero for black-is-zero there, or refuses it, by its byte order; and 12 bits for 16. Tags that
    lead out of the file, or together are larger than it, are emptied: Pillow would read no tag after them, or all of
    them into memory.
    """
    try:
        reader = TiffReader(stream)
        first = reader.read_list(reader.first)
        has_pages = _has_pages(reader, first.following)
    except (ValueError, struct.error):
        stream.seek(0)
        return Prepared(stream)
    bits = reader.integer(first.tags.get(_BITS), 1)
    photometric = first.tags.get(_PHOTOMETRIC)
    turned = photometric is not None and reader.integer(photometric, 1) == 0 and bits > 8
    changes = {place + 4: bytes(reader.count_bytes) for place in first.unfit}
    if photometric is not None and turned:
        changes[photometric.offset] = (1).to_bytes(photometric.size, "little" if reader.order == "<" else "big")
    return Prepared(
        _changed(stream, changes),
        notes=("several pages: only the first one is used",) if has_pages else (),
        deep_white=0xFFF if bits == 12 else 0xFFFF,
        white_is_zero=turned,
    )


def _changed(stream: BinaryIO, changes: dict[int, bytes]) -> BinaryIO:
    """Return `stream` rewound, with other bytes at the places of `changes`, which do not overlap."""
    end = stream.seek(0, 2)
    stream.seek(0)
    if not changes:
        return stream
    pieces: list[Piece] = []
    at = 0
    for place, content in sorted(changes.items()):
        pieces += [range(at, place), content]
        at = place + len(content)
    return splice(stream, [*pieces, range(at, end)])


def _has_pages(reader: TiffReader, offset: int) -> bool:
    """Tell whether the list at `offset` is of another page: not of a smaller version or a mask of the first."""
    if not offset:
        return False
    try:
        return not reader.integer(reader.read_list(offset).tags.get(_SUBFILE)) & (_REDUCED | _MASK)
    except (ValueError, struct.error):
        return False


def is_raw(stream: BinaryIO) -> bool:
    """Tell whether the TIFF `stream` is a camera's RAW file: a DNG, or one whose first picture is just a preview."""
    try:
        reader = TiffReader(stream)
        tags = reader.read_list(reader.first).tags
        preview = reader.integer(tags.get(_SUBFILE)) & _REDUCED
    except (ValueError, struct.error):
        return False
    finally:
        stream.seek(0)
    return _DNG_VERSION in tags or bool(preview and _LISTS_BELOW in tags)
