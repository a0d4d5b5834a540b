"""Parts of a TIFF file as small TIFF files in memory, which Pillow decodes as it would decode the whole."""

import io
import struct
from collections.abc import Sequence
from itertools import accumulate

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from nst_runtime.pictures.containers.ifd import TiffReader, Value, list_size, write_list

WIDTH, LENGTH, COMPRESSION, PHOTOMETRIC, ORIENTATION, PLANES = 256, 257, 259, 262, 274, 284
STRIP_OFFSETS, ROWS_PER_STRIP, STRIP_SIZES = 273, 278, 279
TILE_WIDTH, TILE_LENGTH, TILE_OFFSETS, TILE_SIZES = 322, 323, 324, 325
BITS, CHANNELS = 258, 277
# How pixels are stored: besides the above fill order, fax options, predictor, color map, further channels, sample
# format, JPEG's tables, YCbCr.
_COPIED = {BITS, COMPRESSION, PHOTOMETRIC, 266, CHANNELS, PLANES, 292, 293, 317, 320, 338, 339, 347, 529, 530, 531, 532}
_LARGEST_TAG = 1_000_000
_LIST_AT, _LONG = 8, 4


def copied_tags(reader: TiffReader) -> list[Value]:
    """Return the tags of the first picture that say how pixels are stored; raises ValueError where one is huge."""
    tags = [tag for number, tag in reader.read_list(reader.first).tags.items() if number in _COPIED]
    if any(tag.size > _LARGEST_TAG for tag in tags):
        raise ValueError("a tag is too large")
    return [(tag.number, tag.type, reader.value(tag)) for tag in tags]


def decode_strips(
    order: str, copied: list[Value], width: int, height: int, rows_per_strip: int, strips: Sequence[bytes]
) -> Image.Image:
    """Return the `strips` as a loaded picture of `width`×`height` pixels; `copied` are tags in the byte `order`."""
    tags = {WIDTH: width, LENGTH: height, ROWS_PER_STRIP: rows_per_strip}
    return _decode(order, copied, tags, (STRIP_OFFSETS, STRIP_SIZES), strips)


def decode_tile(order: str, copied: list[Value], width: int, height: int, tile: bytes) -> Image.Image:
    """Return the `tile` as a loaded picture of `width`×`height` pixels, the size of all tiles."""
    tags = {WIDTH: width, LENGTH: height, TILE_WIDTH: width, TILE_LENGTH: height}
    return _decode(order, copied, tags, (TILE_OFFSETS, TILE_SIZES), [tile])


def _decode(
    order: str, copied: list[Value], tags: dict[int, int], places: tuple[int, int], parts: Sequence[bytes]
) -> Image.Image:
    """Return the picture of the `parts`, whose offsets and sizes stand in the two tags `places`."""
    sizes = tuple(len(part) for part in parts)

    def values(start: int) -> list[Value]:
        offsets = tuple(accumulate(sizes[:-1], initial=start))
        made = {number: (value,) for number, value in tags.items()} | {places[0]: offsets, places[1]: sizes}
        return copied + [(number, _LONG, struct.pack(f"{order}{len(v)}L", *v)) for number, v in made.items()]

    start = _LIST_AT + list_size(values(0))
    start += start % 2
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "L", _LIST_AT)
    head = (head + write_list(values(start), order, _LIST_AT)).ljust(start, b"\0")
    image = TiffImageFile(io.BytesIO(b"".join((head, *parts))))
    image.load()
    return image
