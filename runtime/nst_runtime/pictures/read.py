"""Read pictures of every kind, from files and from memory."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from nst_runtime.errors import ImageError, NstError
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.color.icc import LIMIT_BYTES, leads_both_ways, profile_fits, profile_of, profile_space
from nst_runtime.pictures.color.srgb import to_srgb
from nst_runtime.pictures.containers.opening import known_kind, load, opened
from nst_runtime.pictures.containers.whole_file import WholeFile
from nst_runtime.pictures.find import list_pictures
from nst_runtime.pictures.formats import READ_SUFFIXES
from nst_runtime.pictures.metadata.exif import read_orientation as exif_orientation
from nst_runtime.pictures.metadata.record import exif_of, keep_metadata, xmp_of
from nst_runtime.pictures.metadata.xmp import read_orientation as xmp_orientation
from nst_runtime.pictures.notes import ANIMATION_NOTE, count_frames, note_on_profile, notes_on
from nst_runtime.pictures.quality import compression_of

__all__ = [
    "MAX_PIXELS",
    "READ_SUFFIXES",
    "list_pictures",
    "read_header",
    "read_picture",
    "read_picture_bytes",
    "read_profile",
]

MAX_PIXELS = 64_000_000
# Pillow's step from stored to upright, by EXIF's number.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_picture(path: Path | str, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Return the picture in the file `path`, upright and in sRGB, with what its file says about it.

    The kind is told by the file's bytes, not its name: JPEG, PNG, WebP, AVIF, TIFF, JPEG 2000, BMP, GIF, PPM, and HEIC
    with the extra ``heic``; in 1-bit, grey, palette, 16-bit, float, CMYK, Lab and transparent modes. EXIF's or XMP's
    orientation is applied, and the colors that an ICC profile, PNG's gAMA, cHRM and cICP, or AVIF's nclx name. Of an
    animation the first frame is read, of several pages the first; the picture's `notes` say so, and what else is not
    used. Damage beside the picture, and a JPEG that lacks its last bytes, is passed over.

    Raises ImageError when the file is missing, empty, not a picture, or lacks a part of it, with what to install or do
    for kinds that are not read; TooManyPixelsError when it has more than `max_pixels` pixels, which its header tells
    before anything is decoded.
    """
    with open_file(path) as stream:
        return _read(stream, str(path), max_pixels)


def read_picture_bytes(data: bytes, name: str, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Return the picture that the file `data` holds, as `read_picture` does; errors speak of it as `name`."""
    if not data:
        raise ImageError(f"{name} is empty (0 bytes)", "get the file again")
    return _read(io.BytesIO(data), name, max_pixels)


def _read(stream: BinaryIO, name: str, max_pixels: int) -> Picture:
    with explained(name):
        kind = known_kind(stream, name)
        with opened(stream, kind, name, max_pixels) as (image, prepared):
            notes = prepared.notes + notes_on(image) + note_on_profile(image, prepared.profile)
            loaded, note = load(image, prepared.stream)
            rgb, alpha = to_srgb(
                _upright(loaded),
                profile=prepared.profile,
                deep_white=prepared.deep_white,
                white_is_zero=prepared.white_is_zero,
            )
            return Picture(
                rgb,
                alpha,
                notes + note,
                keep_metadata(image, prepared.stream),
                compression_of(image),
                profile_to_keep(image, prepared.profile),
            )


def profile_to_keep(image: Image.Image, instead: bytes | None) -> bytes | None:
    """Return the ICC profile of `image`, or the one `instead` of it, if RGB pictures can be brought back to it."""
    profile = profile_of(image, instead)
    if not profile or image.mode in {"L", "LA", "CMYK", "LAB"} or not profile_fits(profile, "RGB"):
        return None
    return profile if leads_both_ways(profile) else None


@dataclass(frozen=True)
class Header:
    """What the head of a picture's file tells: `width` and `height` in pixels, upright, and `notes` as a Picture's.

    `frames` are how many pictures a GIF, WebP or PNG holds; 1 for all other kinds.
    """

    width: int
    height: int
    notes: tuple[str, ...] = ()
    frames: int = 1


def read_header(path: Path | str, *, max_pixels: int = MAX_PIXELS) -> Header:
    """Return what the head of the picture's file at `path` tells; nothing is decoded.

    Raises ImageError and TooManyPixelsError as `read_picture` does, but not for damage after the head, unless the
    frames of an animation cannot be counted. A PNG's orientation is not seen where it stands after the pixels.
    """
    with open_file(path) as stream:
        return header_of(stream, str(path), max_pixels=max_pixels)


def header_of(stream: BinaryIO, name: str, *, max_pixels: int = MAX_PIXELS) -> Header:
    """Return what the head of the file `stream` tells, as `read_header` does; errors speak of it as `name`."""
    with explained(name):
        kind = known_kind(stream, name)
        with opened(stream, kind, name, max_pixels) as (image, prepared):
            width, height = image.size
            if orientation_of(image) >= 5:
                width, height = height, width
            notes = prepared.notes + notes_on(image) + note_on_profile(image, prepared.profile)
            return Header(width, height, notes, count_frames(image) if ANIMATION_NOTE in notes else 1)


@contextmanager
def open_file(path: Path | str) -> Iterator[BinaryIO]:
    """Give the open file `path`; raises ImageError where it is missing, empty, or not a file that can be read."""
    path = Path(path)
    if path.is_dir():
        raise ImageError(f"{path} is a folder", "give the file of a picture")
    if not path.is_file():
        raise ImageError(f"no picture at {path}" if not path.exists() else f"{path} is not a regular file")
    try:
        stream = WholeFile(path.open("rb", buffering=0))
    except OSError as error:
        raise ImageError(f"cannot open {path}: {error.strerror}", "check who may read it") from error
    with stream:
        if stream.size_bytes == 0:
            raise ImageError(f"{path} is empty (0 bytes)", "get the file again")
        yield stream


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn what goes wrong while a picture is read into an ImageError that names it."""
    try:
        yield
    except NstError:
        raise
    except MemoryError as error:
        raise ImageError(f"not enough memory to read {name}", "make it smaller") from error
    except Exception as error:  # whatever Pillow's decoders raise on a damaged file: OSError, SyntaxError, struct.error
        why = " ".join(str(error).split()) or type(error).__name__
        raise ImageError(
            f"cannot read {name}: it is damaged or cut off ({why})",
            "get the file again, or save it as a PNG with a program that shows it",
        ) from error


def _upright(image: Image.Image) -> Image.Image:
    """Return `image` as it is meant to be seen: by EXIF, or by XMP where EXIF says nothing of it."""
    step = _UPRIGHT.get(orientation_of(image))
    return image if step is None else image.transpose(step)


def orientation_of(image: Image.Image) -> int:
    """Return how the opened `image` is stored, 1 to 8: by EXIF, or by XMP where EXIF says nothing of it."""
    return exif_orientation(exif_of(image)) or xmp_orientation(xmp_of(image)) or 1


def read_profile(path: Path | str) -> bytes | None:
    """Return the ICC profile of the picture at `path`, None where it has none for RGB; raises ImageError."""
    with open_file(path) as stream, explained(str(path)):
        kind = known_kind(stream, str(path))
        with opened(stream, kind, str(path), sys.maxsize) as (image, _):
            profile = profile_of(image)
    return profile if profile and len(profile) <= LIMIT_BYTES and profile_space(profile) == "RGB" else None
