"""Open pictures to read them a few rows at a time."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from nst_runtime.pictures.color.srgb import to_srgb
from nst_runtime.pictures.containers.opening import known_kind, opened
from nst_runtime.pictures.containers.prepared import Prepared
from nst_runtime.pictures.metadata.record import keep_metadata, xmp_of
from nst_runtime.pictures.metadata.xmp import read_orientation
from nst_runtime.pictures.notes import note_on_profile, notes_on
from nst_runtime.pictures.read import MAX_PIXELS, explained, open_file, orientation_of, profile_to_keep
from nst_runtime.pictures.rows.png_head import read_png_head
from nst_runtime.pictures.rows.png_source import PngSource
from nst_runtime.pictures.rows.row_picture import Described, RowPicture
from nst_runtime.pictures.rows.small_tiff import ORIENTATION
from nst_runtime.pictures.rows.sources import LARGEST_BLOCK_PIXELS, NotByRows, RowSource
from nst_runtime.pictures.rows.tiff_layout import read_layout
from nst_runtime.pictures.rows.tiff_source import TiffSource

_TURNED = NotByRows("it is turned by its orientation")
_WITH_ALPHA = {"LA", "La", "PA", "RGBA", "RGBa"}
_WHITE_BY_ALL_PIXELS = {"I", "F"}
_Opened = tuple[Image.Image, RowSource]


@contextmanager
def open_rows(path: Path | str, *, max_pixels: int = MAX_PIXELS) -> Iterator[RowPicture | NotByRows]:
    """Give the picture in the file `path` to be read a few rows at a time, or the reason why it cannot be.

    That can be done with PNG that is not interlaced and with most TIFF. The pixels are those that `read_picture` gives,
    but alpha is there wherever the file has any, also where all of it is opaque. The window and what is being decoded
    are all that is held in memory.

    Raises ImageError and TooManyPixelsError as `read_picture` does; damage is found as the rows are read.
    """
    name = str(path)
    with open_file(path) as stream:
        with explained(name):
            picture = _open(stream, name, max_pixels)
        yield picture


def _open(stream: BinaryIO, name: str, max_pixels: int) -> RowPicture | NotByRows:
    kind = known_kind(stream, name)
    with opened(stream, kind, name, max_pixels) as (image, prepared):
        if kind.name not in _OPENERS:
            return NotByRows(f"{kind.name} is decoded as a whole")
        if image.width > LARGEST_BLOCK_PIXELS:
            return NotByRows("its rows are too long")
        found = _OPENERS[kind.name](image, prepared)
        if isinstance(found, NotByRows):
            return found
        said, source = found
        if said.mode in _WHITE_BY_ALL_PIXELS:
            return NotByRows("what is white is told by all of its pixels")
        return RowPicture(_describe(name, image, said, prepared), source)


def _describe(name: str, image: Image.Image, said: Image.Image, prepared: Prepared) -> Described:
    """Return what is known of the opened `image`; `said` has what its file says of it."""
    own = said.info.get("icc_profile") or b""
    profile = own if prepared.profile is None else prepared.profile
    return Described(
        name=name,
        width=image.width,
        height=image.height,
        has_alpha=said.mode in _WITH_ALPHA or "transparency" in said.info,
        notes=prepared.notes + notes_on(image) + note_on_profile(image, prepared.profile),
        metadata=keep_metadata(said, prepared.stream),
        profile=profile_to_keep(said, prepared.profile),
        to_srgb=partial(to_srgb, profile=profile, deep_white=prepared.deep_white, white_is_zero=prepared.white_is_zero),
    )


def _open_png(_: Image.Image, prepared: Prepared) -> _Opened | NotByRows:
    head = read_png_head(prepared.stream)
    if isinstance(head, NotByRows):
        return head
    return _TURNED if orientation_of(head.sample) != 1 else (head.sample, PngSource(prepared.stream, head))


def _open_tiff(image: Image.Image, prepared: Prepared) -> _Opened | NotByRows:
    stored = getattr(image, "tag_v2", {}).get(ORIENTATION, 1)
    if stored != 1 or (read_orientation(xmp_of(image)) or 1) != 1:
        return _TURNED
    try:
        layout = read_layout(prepared.stream, image.size)
    except (ValueError, struct.error):
        return NotByRows("its tags are damaged")
    return layout if isinstance(layout, NotByRows) else (image, TiffSource(prepared.stream, layout))


_OPENERS = {"PNG": _open_png, "TIFF": _open_tiff}
