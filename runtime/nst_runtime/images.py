"""Read, write and resize pictures: the one place where pixels enter and leave."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from nst_runtime.colours import from_srgb, is_rgb_profile, to_srgb
from nst_runtime.errors import ImageError, NstError, TooManyPixelsError
from nst_runtime.files import replacing

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

MAX_PIXELS = 64_000_000
READ_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "PPM", "WEBP", "TIFF", "AVIF")
READ_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".jfif", ".ppm", ".pgm")
_BLOCK_ROWS = 64  # few enough to stay in the cache: twice as fast as the whole picture at once
_open_lock = threading.Lock()


@dataclass(frozen=True)
class Picture:
    """An sRGB picture: `rgb` uint8 H×W×3 and `alpha` uint8 H×W, None where the picture is opaque throughout."""

    rgb: Pixels
    alpha: Pixels | None = None


@dataclass(frozen=True)
class _Format:
    name: str
    options: dict[str, Any]
    keeps_alpha: bool
    largest_side_px: int


_JPEG = _Format("JPEG", {"quality": 95, "subsampling": 0}, keeps_alpha=False, largest_side_px=65_500)
_TIFF = _Format("TIFF", {}, keeps_alpha=True, largest_side_px=2**31 - 1)
_WRITE_FORMATS = {
    ".png": _Format("PNG", {"compress_level": 3}, keeps_alpha=True, largest_side_px=2**31 - 1),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": _Format("WEBP", {"quality": 95, "method": 2}, keeps_alpha=True, largest_side_px=16_383),
    ".bmp": _Format("BMP", {}, keeps_alpha=False, largest_side_px=2**31 - 1),
    ".tif": _TIFF,
    ".tiff": _TIFF,
}
WRITE_SUFFIXES = tuple(_WRITE_FORMATS)


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
        raise TooManyPixelsError(f"{path} has {size}, over the limit of {max_pixels}; make it smaller", pixels)


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


def write_picture(path: Path, picture: Pixels | Picture, *, profile: bytes | None = None) -> None:
    """Write `picture` (uint8 H×W×3, or a Picture) to `path`, whole or not at all, in the format of its suffix.

    JPEG at quality 95 without chroma subsampling; JPEG and BMP show transparent pictures on white. With an ICC
    `profile` for RGB (see `read_profile`) the sRGB colours are written in that profile's, and it with them; BMP holds
    none and stays sRGB. Raises ImageError for a suffix of no known format or a side too large for it, NstError when the
    file cannot be written.
    """
    if not isinstance(picture, Picture):
        picture = Picture(picture)
    check_pixels(picture.rgb)
    kind = _WRITE_FORMATS[check_writable_suffix(path)]
    if max(picture.rgb.shape) > kind.largest_side_px:
        raise ImageError(f"{path}: {kind.name} holds at most {kind.largest_side_px} pixels a side; write a .png")
    image = _to_image(picture, keeps_alpha=kind.keeps_alpha)
    options = kind.options
    if profile is not None and kind.name != "BMP":
        image, options = from_srgb(image, profile), {**options, "icc_profile": profile}
    with replacing(path) as temporary:
        image.save(temporary, kind.name, **options)


def check_writable_suffix(path: Path) -> str:
    """Return the lower-case suffix of `path`; raises ImageError when no picture can be written under it."""
    suffix = path.suffix.lower()
    if suffix not in _WRITE_FORMATS:
        raise ImageError(f"cannot write a picture called {path.name!r}; end the name in {', '.join(_WRITE_FORMATS)}")
    return suffix


def _to_image(picture: Picture, *, keeps_alpha: bool) -> Image.Image:
    image = Image.fromarray(picture.rgb)
    if picture.alpha is None:
        return image
    alpha = Image.fromarray(picture.alpha)
    if keeps_alpha:
        image.putalpha(alpha)
        return image
    return Image.composite(image, Image.new("RGB", image.size, "white"), alpha)


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


def resize(rgb: Pixels, width: int, height: int) -> Pixels:
    """Return `rgb` (uint8 H×W×3) as uint8 height×width×3 by Lanczos resampling, antialiased; sizes in pixels."""
    check_pixels(rgb)
    if (height, width) == rgb.shape[:2]:
        return rgb
    return np.array(Image.fromarray(rgb).resize((width, height), Image.Resampling.LANCZOS))


def resize_short_side(rgb: Pixels, short_side_px: int) -> Pixels:
    """Return `rgb` (uint8 H×W×3), larger or smaller, with a short side of `short_side_px` and its proportions."""
    check_pixels(rgb)
    height, width = rgb.shape[:2]
    scale = short_side_px / min(height, width)
    return resize(rgb, max(1, round(width * scale)), max(1, round(height * scale)))


def to_unit(rgb: Pixels) -> Floats:
    """Return `rgb` (uint8 H×W×3) as contiguous float32 1×3×H×W in [0, 1]."""
    check_pixels(rgb)
    unit = np.empty((1, 3, *rgb.shape[:2]), np.float32)
    unit[0] = rgb.transpose(2, 0, 1)
    unit /= np.float32(255)
    return unit


def from_unit(unit: Floats) -> Pixels:
    """Return `unit` (float32 1×3×H×W) as uint8 H×W×3: clipped to [0, 1], times 255, rounded half up."""
    if unit.ndim != 4 or unit.shape[:2] != (1, 3):
        raise ValueError(f"expected an array 1×3×H×W, got {unit.shape}")
    height, width = unit.shape[2:]
    rgb = np.empty((height, width, 3), np.uint8)
    for channel, top in product(range(3), range(0, height, _BLOCK_ROWS)):
        scaled = unit[0, channel, top : top + _BLOCK_ROWS] * np.float32(255)
        scaled += np.float32(0.5)
        np.clip(scaled, 0, 255.5, out=scaled)
        rgb[top : top + _BLOCK_ROWS, :, channel] = scaled.astype(np.uint8)
    return rgb


def check_pixels(rgb: Pixels) -> None:
    """Raise TypeError or ValueError, faults of the caller's program, unless `rgb` is uint8 H×W×3 and not empty."""
    if not isinstance(rgb, np.ndarray) or rgb.dtype != np.uint8:
        kind = rgb.dtype if isinstance(rgb, np.ndarray) else type(rgb).__name__
        raise TypeError(f"expected a numpy array of uint8, got {kind}")
    if rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise ValueError(f"expected an array H×W×3, got {rgb.shape}")
