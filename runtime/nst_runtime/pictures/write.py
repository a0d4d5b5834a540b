"""Write pictures, whole or not at all, with what they say about themselves."""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from PIL import Image, features

from nst_runtime.contracts.files import replacing
from nst_runtime.errors import ImageError
from nst_runtime.pictures.arrays import Picture, Pixels, check_pixels
from nst_runtime.pictures.colors import from_srgb
from nst_runtime.pictures.metadata import Metadata
from nst_runtime.pictures.metadata_options import jpeg_options, plain_options, png_options, tiff_options

Options = dict[str, Any]
"""What Pillow takes by name as it saves a picture."""


@dataclass(frozen=True)
class _Format:
    name: str
    options: Options = field(default_factory=dict)
    keeps_alpha: bool = True
    largest_side_px: int = 2**31 - 1
    largest_pixels: int = 2**62
    has_quality: bool = False
    has_profile: bool = True
    keep: Callable[[Metadata], Options] = plain_options


_JPEG = _Format(
    "JPEG",
    {"quality": 95, "subsampling": 0},
    keeps_alpha=False,
    largest_side_px=65_500,
    has_quality=True,
    keep=jpeg_options,
)
_TIFF = _Format("TIFF", largest_pixels=2**30 - 2**20, keep=tiff_options)  # four bytes each in a file of 4 GiB
_WRITE_FORMATS = {
    ".png": _Format("PNG", {"compress_level": 3}, keep=png_options),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": _Format("WEBP", {"quality": 95, "method": 2}, largest_side_px=16_383, has_quality=True),
    ".bmp": _Format("BMP", keeps_alpha=False, largest_pixels=2**30 - 2**20, has_profile=False),
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".avif": _Format("AVIF", {"quality": 90, "speed": 8}, largest_side_px=65_536, has_quality=True),
}
WRITE_SUFFIXES = tuple(_WRITE_FORMATS)


def write_picture(
    path: Path,
    picture: Pixels | Picture,
    *,
    profile: bytes | None = None,
    quality: int | None = None,
    follow_links: bool = True,
) -> None:
    """Write `picture` (uint8 H×W×3, or a Picture) to `path`, whole or not at all, in the format of its suffix.

    JPEG and WebP at quality 95, AVIF at 90, or at `quality`, 1 to 100; JPEG without chroma subsampling. JPEG and BMP
    show transparent pictures on white. With an ICC `profile` for RGB (see `read_profile`) the sRGB colors are written in
    that profile's, and it with them; BMP holds none and stays sRGB. The picture's metadata goes along as far as the
    format holds it: EXIF and XMP in all but BMP, IPTC in JPEG and TIFF, the resolution in all but WebP and AVIF. Without
    `follow_links` a link at `path` makes way for the file.

    Raises ImageError for a suffix of no known format, a size or a `quality` that the format has not, NstError when the
    file cannot be written.
    """
    height, width = _pixels(picture).shape[:2]
    suffix = check_writable(path, width, height)
    check_quality(suffix, quality)
    with replacing(path, follow_links=follow_links) as temporary, temporary.open("wb") as stream:
        _save(stream, picture, suffix, profile, quality)


def encode_picture(
    picture: Pixels | Picture, suffix: str, *, profile: bytes | None = None, quality: int | None = None
) -> bytes:
    """Return the file that `write_picture` writes under `suffix`, such as ".png"; the dot may be missing.

    Raises ImageError as `write_picture` does.
    """
    suffix = suffix if suffix.startswith(".") else f".{suffix}"
    height, width = _pixels(picture).shape[:2]
    suffix = check_writable(Path(f"picture{suffix}"), width, height)
    check_quality(suffix, quality)
    stream = io.BytesIO()
    _save(stream, picture, suffix, profile, quality)
    return stream.getvalue()


def check_writable_suffix(path: Path) -> str:
    """Return the lower-case suffix of `path`; raises ImageError when no picture can be written under it."""
    suffix = path.suffix.lower()
    if suffix not in _WRITE_FORMATS:
        raise ImageError(f"cannot write a picture called {path.name!r}", f"end the name in {', '.join(_WRITE_FORMATS)}")
    if suffix == ".avif" and not features.check("avif"):
        raise ImageError(f"{path}: this build of Pillow does not write AVIF", "pip install 'pillow>=11.3'")
    return suffix


def check_writable(path: Path, width: int, height: int) -> str:
    """Return the lower-case suffix of `path` if a picture of `width`×`height` pixels can be written under it.

    Raises ImageError, which proposes another format, so that nothing is computed in vain.
    """
    suffix = check_writable_suffix(path)
    kind = _WRITE_FORMATS[suffix]
    if max(width, height) > kind.largest_side_px:
        raise ImageError(
            f"{path}: {kind.name} holds at most {kind.largest_side_px} pixels a side, not {width}×{height}", "write a .png"
        )
    if width * height > kind.largest_pixels:
        raise ImageError(f"{path}: {kind.name} holds no more than 4 GiB, not {width}×{height} pixels", "write a .png")
    return suffix


def has_quality(suffix: str) -> bool:
    """Tell whether pictures under `suffix`, lower case with its dot, are written at a quality that can be chosen."""
    return suffix in _WRITE_FORMATS and _WRITE_FORMATS[suffix].has_quality


def check_quality(suffix: str, quality: int | None) -> None:
    """Raise ImageError when `quality` is not 1 to 100, or pictures under `suffix` have none; None always passes."""
    if quality is None:
        return
    if not 1 <= quality <= 100:
        raise ImageError(f"a `quality` of {quality} is not between 1 and 100", "95 is what it is if you do not ask")
    if not has_quality(suffix):
        raise ImageError(f"{suffix} keeps every pixel and has no `quality`", "leave it out, or write a .jpg or a .webp")


def _pixels(picture: Pixels | Picture) -> Pixels:
    rgb = picture.rgb if isinstance(picture, Picture) else picture
    check_pixels(rgb)
    return rgb


def _save(
    stream: IO[bytes], picture: Pixels | Picture, suffix: str, profile: bytes | None, quality: int | None
) -> None:
    kind = _WRITE_FORMATS[suffix]
    whole = picture if isinstance(picture, Picture) else Picture(picture)
    image = _to_image(whole, keeps_alpha=kind.keeps_alpha)
    options = kind.options if quality is None else {**kind.options, "quality": quality}
    if profile is not None and kind.has_profile:
        image, options = from_srgb(image, profile), {**options, "icc_profile": profile}
    said = kind.keep(whole.metadata) if whole.metadata else {}
    try:
        image.save(stream, kind.name, **options, **said)
    except (ValueError, TypeError, KeyError, struct.error):
        if not said:
            raise
        stream.seek(0)  # whatever Pillow cannot write of the metadata, the picture goes without it
        stream.truncate()
        image.save(stream, kind.name, **options)


def _to_image(picture: Picture, *, keeps_alpha: bool) -> Image.Image:
    image = Image.fromarray(picture.rgb)
    if picture.alpha is None:
        return image
    alpha = Image.fromarray(picture.alpha)
    if keeps_alpha:
        image.putalpha(alpha)
        return image
    return Image.composite(image, Image.new("RGB", image.size, "white"), alpha)
