"""Where the rows of a TIFF lie in it, and which TIFFs do not come by rows."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from nst_runtime.pictures.containers.ifd import TagList, TiffReader, Value
from nst_runtime.pictures.rows import small_tiff as tag
from nst_runtime.pictures.rows.sources import LARGEST_BLOCK_PIXELS, NotByRows

_RAW, _OLD_JPEG, _JPEG, _YCBCR = 1, 6, 7, 6
_MOST_PARTS = 1_000_000


@dataclass(frozen=True)
class TiffLayout:
    """The parts, strips or tiles, of a TIFF's first picture, from the top left on.

    `part_width` and `part_height` are the pixels of one, `copied` the tags that say how they are stored.
    """

    width: int
    height: int
    order: str
    copied: list[Value]
    is_tiled: bool
    is_raw: bool
    part_width: int
    part_height: int
    pixel_bits: int
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]

    def part_bytes(self, rows: int) -> int:
        """Return how many bytes `rows` of a part have where they are not compressed."""
        return (self.part_width * self.pixel_bits + 7) // 8 * rows


def read_layout(stream: BinaryIO, size: tuple[int, int]) -> TiffLayout | NotByRows:
    """Return where the rows of the TIFF `stream` lie, which Pillow opens as a picture of `size`.

    Raises ValueError or struct.error where its tags are damaged.
    """
    reader = TiffReader(stream)
    if reader.count_bytes > struct.calcsize("=L"):
        return NotByRows("BigTIFF is decoded as a whole")
    tags = reader.read_list(reader.first)
    if (reason := _why_not(reader, tags, size)) or (reason := _why_not_its_parts(reader, tags, size)):
        return NotByRows(reason)
    width, height = size
    is_tiled = tag.TILE_OFFSETS in tags.tags
    part_width, part_height = _part_size(reader, tags, size)
    count = -(-width // part_width) * -(-height // part_height)
    offsets, sizes = _places(reader, tags, count)
    return TiffLayout(
        width=width,
        height=height,
        order=reader.order,
        copied=tag.copied_tags(reader),
        is_tiled=is_tiled,
        is_raw=_number(reader, tags, tag.COMPRESSION, 1) == _RAW,
        part_width=part_width,
        part_height=part_height,
        pixel_bits=_number(reader, tags, tag.BITS, 1) * _number(reader, tags, tag.CHANNELS, 1),
        offsets=offsets,
        sizes=sizes,
    )


def _number(reader: TiffReader, tags: TagList, number: int, missing: int = 0) -> int:
    return reader.integer(tags.tags.get(number), missing)


def _part_size(reader: TiffReader, tags: TagList, size: tuple[int, int]) -> tuple[int, int]:
    if tag.TILE_OFFSETS in tags.tags:
        return _number(reader, tags, tag.TILE_WIDTH), _number(reader, tags, tag.TILE_LENGTH)
    return size[0], min(_number(reader, tags, tag.ROWS_PER_STRIP, size[1]), size[1])


def _places(reader: TiffReader, tags: TagList, count: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the offsets and sizes of the parts: up to one more than the `count` that there should be."""
    offset_tag, size_tag = (
        (tag.TILE_OFFSETS, tag.TILE_SIZES) if tag.TILE_OFFSETS in tags.tags else (tag.STRIP_OFFSETS, tag.STRIP_SIZES)
    )
    offsets, sizes = (reader.integers(tags.tags.get(number), count + 1) for number in (offset_tag, size_tag))
    return offsets, sizes


def _why_not(reader: TiffReader, tags: TagList, size: tuple[int, int]) -> str:
    """Return why the kind of pixels does not come by rows, empty where it does."""
    compression = _number(reader, tags, tag.COMPRESSION, 1)
    if (_number(reader, tags, tag.WIDTH), _number(reader, tags, tag.LENGTH)) != size:
        return "its tags contradict each other"
    if _number(reader, tags, tag.PLANES, 1) != 1:
        return "its colors lie apart"
    if compression == _OLD_JPEG or (_number(reader, tags, tag.PHOTOMETRIC) == _YCBCR and compression != _JPEG):
        return "its colors are stored in a way that is decoded as a whole"
    if len(set(reader.integers(tags.tags.get(tag.BITS)))) > 1:
        return "its channels have different numbers of bits"
    return ""


def _why_not_its_parts(reader: TiffReader, tags: TagList, size: tuple[int, int]) -> str:
    """Return why the strips or tiles are not read one by one, empty where they are."""
    is_raw = _number(reader, tags, tag.COMPRESSION, 1) == _RAW
    is_tiled = tag.TILE_OFFSETS in tags.tags
    part_width, part_height = _part_size(reader, tags, size)
    if is_tiled == (tag.STRIP_OFFSETS in tags.tags) or min(part_width, part_height) < 1:
        return "its strips or tiles are damaged"
    across, down = -(-size[0] // part_width), -(-size[1] // part_height)
    if across * down > _MOST_PARTS:
        return f"it has more than {_MOST_PARTS} strips or tiles"
    if (is_tiled or not is_raw) and max(size[0], across * part_width) * part_height > LARGEST_BLOCK_PIXELS:
        return "its strips or tiles are too large"
    offsets, sizes = _places(reader, tags, across * down)
    if len(offsets) != across * down or ((is_tiled or not is_raw) and len(sizes) != across * down):
        return "its strips or tiles are damaged"
    return ""
