"""TIFF files: what Pillow does not see in them, found before it opens them."""

import io
import struct
from dataclasses import replace
from typing import BinaryIO

from nst_runtime.pictures.ifd import Tag, TiffReader
from nst_runtime.pictures.prepared import Prepared

_SUBFILE, _BITS, _PHOTOMETRIC, _LISTS_BELOW, _DNG_VERSION = 254, 258, 262, 330, 50_706
_REDUCED, _MASK = 1, 4


def prepare(stream: BinaryIO) -> Prepared:
    """Return the TIFF `stream` as Pillow reads it, and what its numbers mean where they have more than 8 bits.

    Pillow takes white-is-zero for black-is-zero there, or refuses it, by its byte order; and 12 bits for 16. Raises ValueError where the tags
    say to be many times as large as the file, to use up memory.
    """
    try:
        reader = TiffReader(stream)
        first = reader.read_list(reader.first)
    except (ValueError, struct.error):
        return Prepared(stream)
    finally:
        size = stream.seek(0, 2)
        stream.seek(0)
    if first.claimed_bytes > 4 * size + 16_000_000:
        raise ValueError("its tags say to be larger than the file")
    notes = ("several pages: only the first one is used",) if _has_pages(reader, first.following) else ()
    bits = reader.integer(first.tags.get(_BITS), 1)
    prepared = Prepared(stream, notes=notes, deep_white=0xFFF if bits == 12 else 0xFFFF)
    photometric = first.tags.get(_PHOTOMETRIC)
    if photometric is not None and reader.integer(photometric, 1) == 0 and bits > 8:
        prepared = replace(prepared, stream=_black_is_zero(stream, photometric, reader.order), white_is_zero=True)
    prepared.stream.seek(0)
    return prepared


def _has_pages(reader: TiffReader, offset: int) -> bool:
    """Tell whether the list at `offset` is of another page: not of a smaller version or a mask of the first."""
    try:
        kind = reader.integer(reader.read_list(offset).tags.get(_SUBFILE)) if offset else _REDUCED
    except (ValueError, struct.error):
        return False
    return not kind & (_REDUCED | _MASK)


def _black_is_zero(stream: BinaryIO, photometric: Tag, order: str) -> BinaryIO:
    """Return a copy of `stream` in memory that says that black is 0."""
    stream.seek(0)
    copy = io.BytesIO(stream.read())
    copy.seek(photometric.offset)
    copy.write((1).to_bytes(photometric.size, "little" if order == "<" else "big"))
    return copy


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
