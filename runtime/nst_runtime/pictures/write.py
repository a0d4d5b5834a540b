"""Write pictures, whole or not at all."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from nst_runtime.contracts.files import replacing
from nst_runtime.errors import ImageError
from nst_runtime.pictures.arrays import Picture, Pixels, check_pixels
from nst_runtime.pictures.colors import from_srgb


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
