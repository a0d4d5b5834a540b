"""Write pictures, whole or not at all, with what they say about themselves."""

import io
from dataclasses import replace
from pathlib import Path
from typing import IO

from PIL import Image

from nst_runtime.contracts.files import replacing
from nst_runtime.pictures.arrays import Picture, Pixels
from nst_runtime.pictures.kinds import take
from nst_runtime.pictures.saving import save, saving_for
from nst_runtime.pictures.writable import (
    WRITE_FORMATS,
    WRITE_SUFFIXES,
    check_quality,
    check_writable,
    check_writable_suffix,
    has_quality,
)

PictureInMemory = Pixels | Image.Image | Picture

__all__ = [
    "WRITE_SUFFIXES",
    "check_quality",
    "check_writable",
    "check_writable_suffix",
    "encode_picture",
    "has_quality",
    "write_picture",
]


def write_picture(
    path: Path | str,
    picture: PictureInMemory,
    *,
    profile: bytes | None = None,
    quality: int | None = None,
    strip: bool = False,
    keep_profile: bool = False,
    follow_links: bool = True,
) -> None:
    """Write `picture` to `path`, whole or not at all, in the format of its suffix.

    It is uint8 H×W×3 or, with alpha, H×W×4, a PIL image, or a Picture.

    JPEG, WebP and AVIF are written at `quality`, 1 to 100; without it, at that of the JPEG that the picture was read
    from, as `quality_options` says. JPEG and BMP show transparent pictures on white. The picture's metadata goes along
    as far as the format holds it: EXIF and XMP in all but BMP, IPTC in JPEG and TIFF, the resolution in all but WebP
    and AVIF; with `strip` nothing of it does. Without `follow_links` a link at `path` makes way for the file.

    With an ICC `profile` for RGB the sRGB colors are written in that profile's, and it with them. With `keep_profile`
    it is the one that the picture was read with, if it has one. BMP holds none and stays sRGB. Colors outside sRGB were
    clipped when the picture was read, and do not come back. Writing clips only what the profile itself lacks: nothing
    of Display P3, Adobe RGB and ProPhoto, which hold all of sRGB. Each of the two steps rounds to 8 bits.

    Raises ImageError for a suffix of no known format, and for a size or a `quality` that the format cannot have;
    NstError when the file cannot be written.
    """
    path = Path(path)
    whole = _whole(picture)
    height, width = whole.rgb.shape[:2]
    suffix = check_writable(path, width, height)
    check_quality(suffix, quality)
    with replacing(path, follow_links=follow_links) as temporary, temporary.open("wb") as stream:
        _save(stream, _only(whole, strip=strip), suffix, whole.profile if keep_profile else profile, quality)


def encode_picture(
    picture: PictureInMemory,
    suffix: str,
    *,
    profile: bytes | None = None,
    quality: int | None = None,
    strip: bool = False,
    keep_profile: bool = False,
) -> bytes:
    """Return the file that `write_picture` writes under `suffix`, such as ".png"; the dot may be missing.

    Raises ImageError as `write_picture` does.
    """
    suffix = suffix if suffix.startswith(".") else f".{suffix}"
    whole = _whole(picture)
    height, width = whole.rgb.shape[:2]
    suffix = check_writable(Path(f"picture{suffix}"), width, height)
    check_quality(suffix, quality)
    stream = io.BytesIO()
    _save(stream, _only(whole, strip=strip), suffix, whole.profile if keep_profile else profile, quality)
    return stream.getvalue()


def _whole(picture: PictureInMemory) -> Picture:
    if isinstance(picture, str | Path):
        raise TypeError("expected a picture, got a path")
    return take(picture)[0]


def _only(whole: Picture, *, strip: bool) -> Picture:
    return replace(whole, metadata=None) if strip else whole


def _save(stream: IO[bytes], whole: Picture, suffix: str, profile: bytes | None, quality: int | None) -> None:
    saving = saving_for(suffix, whole.metadata, profile=profile, quality=quality, photo=whole.compression)
    save(stream, _to_image(whole, keeps_alpha=WRITE_FORMATS[suffix].keeps_alpha), saving)


def _to_image(picture: Picture, *, keeps_alpha: bool) -> Image.Image:
    image = Image.fromarray(picture.rgb)
    if picture.alpha is None:
        return image
    alpha = Image.fromarray(picture.alpha)
    if keeps_alpha:
        image.putalpha(alpha)
        return image
    return Image.composite(image, Image.new("RGB", image.size, "white"), alpha)
