"""Read pictures, and find them in folders."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from nst_runtime.errors import ImageError, NstError, TooManyPixelsError
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.colors import is_rgb_profile, to_srgb

MAX_PIXELS = 64_000_000
READ_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "PPM", "WEBP", "TIFF", "AVIF")
READ_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".jfif", ".ppm", ".pgm")
_open_lock = threading.Lock()


def read_picture(path: Path, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Return the picture in the file `path`, upright and in sRGB; of an animation, the first frame.

    Applies the EXIF orientation and the ICC profile; reads 1-bit, grey, palette, 16-bit, float, CMYK and transparent
    pictures. Raises ImageError when the file is missing, empty, damaged, no picture, or has more than `max_pixels`
    pixels, which its header tells before anything is decoded.
    """
    _check_file(path)
    try:
        with _open(path) as image:
            _check_size(image, path, max_pixels)
            image.load()
            return Picture(*to_srgb(_upright(image)))
    except NstError:
        raise
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{path} is no picture that can be read; use JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF or PPM"
        ) from error
    except MemoryError as error:
        raise ImageError(f"not enough memory to read {path}; make it smaller") from error
    except Exception as error:  # whatever Pillow's decoders raise on a damaged file: OSError, SyntaxError, struct.error
        raise ImageError(f"cannot read {path}: it is damaged or cut off ({error}); get the file anew") from error


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise ImageError(f"{path} is a folder; give the file of a picture")
    if not path.is_file():
        raise ImageError(f"no picture at {path}" if not path.exists() else f"{path} is not a regular file")
    if path.stat().st_size == 0:
        raise ImageError(f"{path} is empty (0 bytes); get the file anew")


@contextmanager
def _open(path: Path) -> Iterator[Image.Image]:
    """Open with Pillow's own pixel limit out of the way: ours is checked next, from the header, in `_check_size`."""
    with _open_lock:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            image = Image.open(path, formats=READ_FORMATS)
        except KeyError as error:  # the last of them, AVIF, is unknown to older versions of Pillow
            raise UnidentifiedImageError(str(error)) from error
        finally:
            Image.MAX_IMAGE_PIXELS = limit
    with image:
        yield image


def _check_size(image: Image.Image, path: Path, max_pixels: int) -> None:
    pixels = image.width * image.height
    if pixels > max_pixels:
        size = f"{image.width}×{image.height} = {pixels} pixels"
        raise TooManyPixelsError(f"{path} has {size}, over the limit of {max_pixels}", "make it smaller", pixels=pixels)


def _upright(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; damaged EXIF data is no reason to refuse the picture."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # Pillow raises nearly anything on damaged EXIF data
        return image


def read_profile(path: Path) -> bytes | None:
    """Return the ICC profile of the picture at `path`, None where it has none for RGB; raises ImageError."""
    _check_file(path)
    try:
        with _open(path) as image:
            profile = image.info.get("icc_profile")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ImageError(f"cannot read {path}: it is damaged or no picture ({error}); get the file anew") from error
    return profile if profile and is_rgb_profile(profile) else None


def list_pictures(folder: Path) -> list[Path]:
    """Return the files of `folder` (not of its subfolders) with a picture's suffix, by name; hidden ones stay out.

    Raises ImageError when `folder` is no folder or cannot be read.
    """
    if not folder.is_dir():
        raise ImageError(f"no folder {folder}" if not folder.exists() else f"{folder} is a file, not a folder")
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise ImageError(f"cannot read the folder {folder}: {error.strerror}") from error
    return [e for e in entries if e.suffix.lower() in READ_SUFFIXES and not e.name.startswith(".") and e.is_file()]
