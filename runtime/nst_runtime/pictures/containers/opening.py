"""Open what a file holds: its kind is told by its bytes, and damage that does not matter is passed over."""

import io
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import PurePath
from typing import BinaryIO

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from nst_runtime.errors import ImageError, TooManyPixelsError
from nst_runtime.pictures.containers import boxes, gif, jpeg, png, pnm, tiff, webp
from nst_runtime.pictures.containers.pillow_limit import no_limit
from nst_runtime.pictures.containers.prepared import Prepared
from nst_runtime.pictures.formats import RAW_KIND, RAW_SUFFIXES, READABLE, Kind, tell_kind

_PREPARE: dict[str, Callable[[BinaryIO], Prepared]] = {
    "PNG": png.prepare,
    "GIF": gif.prepare,
    "PPM": pnm.prepare,
    "TIFF": tiff.prepare,
    "WebP": webp.prepare,
    "AVIF": boxes.prepare,
    "HEIC": boxes.prepare,
    "JPEG 2000": boxes.prepare,
}
_JPEGS = {"JPEG", "MPO"}
_PILLOW_LIMITS = {"TIFF", "WebP", "GIF"}  # as they are read, not just by Image.open


def known_kind(stream: BinaryIO, name: str) -> Kind:
    """Return the kind of picture in `stream`; raises ImageError, with what to do, where nothing reads it."""
    kind = tell_kind(stream)
    if kind is None:
        raise ImageError(f"{name} is not a picture that can be read", READABLE)
    if kind.name == "TIFF" and (PurePath(name).suffix.lower() in RAW_SUFFIXES or tiff.is_raw(stream)):
        kind = RAW_KIND
    if not kind.opener:
        raise ImageError(f"{name} is {kind.name}, which is not read", kind.advice)
    return kind


@contextmanager
def opened(stream: BinaryIO, kind: Kind, name: str, max_pixels: int) -> Iterator[tuple[Image.Image, Prepared]]:
    """Give the picture of the `kind` in `stream`, not loaded yet, and what was found before it was opened.

    Raises ImageError where the module for its kind is missing, TooManyPixelsError above `max_pixels`; whatever Pillow
    raises on a damaged file goes on.
    """
    prepared = _PREPARE.get(kind.name, Prepared)(stream)
    if prepared.size is not None:
        _check_size(prepared.size, name, max_pixels)
    with no_limit() if kind.name in _PILLOW_LIMITS else nullcontext(), _open(prepared.stream, kind, name) as image:
        _check_size(image.size, name, max_pixels)
        yield image, prepared


def _check_size(size: tuple[int, int], name: str, max_pixels: int) -> None:
    pixels = size[0] * size[1]
    if pixels > max_pixels:
        message = f"{name} has {size[0]}×{size[1]} = {pixels} pixels, over the limit of {max_pixels}"
        what_to_do = f"make it smaller, or, if you trust it, raise `max_pixels` to {pixels}"
        raise TooManyPixelsError(message, what_to_do, pixels=pixels)


def _open(stream: BinaryIO, kind: Kind, name: str) -> Image.Image:
    open_stream = _opener(kind, name)
    try:
        return open_stream(stream)
    except Exception:
        if kind.name != "JPEG":
            raise
        stream.seek(0)
        return open_stream(io.BytesIO(jpeg.without_metadata(stream.read())))


def _opener(kind: Kind, name: str) -> Callable[[BinaryIO], Image.Image]:
    """Return what opens pictures of the `kind` without asking Pillow's registry, which a program may have changed."""
    try:
        module = import_module(kind.module)
    except ModuleNotFoundError as error:
        raise ImageError(f"{name} is {kind.name}, and the module that reads it is missing", kind.advice) from error
    if getattr(module, "SUPPORTED", True) is False:
        raise ImageError(f"{name} is {kind.name}, which this build of Pillow does not read", kind.advice)
    opener: Callable[[BinaryIO], Image.Image] = getattr(module, kind.opener)
    return opener


def load(image: Image.Image, stream: BinaryIO) -> tuple[Image.Image, tuple[str, ...]]:
    """Return the opened `image`, whose file is `stream`, with all its pixels, and a note where some may be wrong.

    A JPEG that lacks its last bytes is read as every viewer shows it. Raises OSError where a real part is missing, or
    what Pillow raises.
    """
    try:
        image.load()
        if image.format not in _JPEGS or not _ends_in_zeros(stream):
            return image, ()
        why = OSError("the end of the file is empty")
    except OSError as error:
        why = error
    completed = _complete(stream) if image.format in _JPEGS else None
    if completed is None:
        raise why
    whole, lost_pixels = completed
    return whole, (jpeg.CUT_NOTE,) if lost_pixels else ()


def _ends_in_zeros(stream: BinaryIO) -> bool:
    stream.seek(-min(jpeg.TAIL_BYTES, stream.seek(0, 2)), 2)
    return not any(stream.read())


def _complete(stream: BinaryIO) -> tuple[Image.Image, int] | None:
    stream.seek(0)
    try:
        return jpeg.complete(stream.read(), _decode_jpeg)
    except (OSError, SyntaxError, ValueError, IndexError, struct.error):
        return None


def _decode_jpeg(data: bytes) -> Image.Image:
    image = JpegImageFile(io.BytesIO(data))
    image.load()
    return image
