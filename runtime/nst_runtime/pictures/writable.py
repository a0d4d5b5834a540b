"""Which pictures can be written under which names: asked before anything is computed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import features

from nst_runtime.errors import ImageError
from nst_runtime.pictures.metadata.options import jpeg_options, plain_options, png_options, tiff_options
from nst_runtime.pictures.metadata.record import Metadata

Options = dict[str, Any]
"""What Pillow takes by name as it saves a picture."""


@dataclass(frozen=True)
class Format:
    """A format that pictures are written in: Pillow's `name` and `options` for it, and what it holds.

    `keep` gives Pillow's options for what a picture says about itself.
    """

    name: str
    options: Options = field(default_factory=dict)
    keeps_alpha: bool = True
    largest_side_px: int = 2**31 - 1
    largest_pixels: int = 2**62
    has_quality: bool = False
    has_profile: bool = True
    keep: Callable[[Metadata], Options] = plain_options


_JPEG = Format(
    "JPEG",
    {},
    keeps_alpha=False,
    largest_side_px=65_500,
    has_quality=True,
    keep=jpeg_options,
)
_TIFF = Format("TIFF", largest_pixels=2**30 - 2**20, keep=tiff_options)  # four bytes each in a file of 4 GiB
WRITE_FORMATS = {
    ".png": Format("PNG", {"compress_level": 3}, keep=png_options),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": Format("WEBP", {"method": 2}, largest_side_px=16_383, has_quality=True),
    ".bmp": Format("BMP", keeps_alpha=False, largest_pixels=2**30 - 2**20, has_profile=False),
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".avif": Format("AVIF", {"speed": 8}, largest_side_px=65_536, has_quality=True),
}
WRITE_SUFFIXES = tuple(WRITE_FORMATS)
ANIMATION_SUFFIXES = (".gif", ".webp", ".apng")
ONLY_ANIMATIONS = (".gif", ".apng")


def check_writable_suffix(path: Path) -> str:
    """Return the lower-case suffix of `path`; raises ImageError when no picture can be written under it."""
    suffix = path.suffix.lower()
    if suffix not in WRITE_FORMATS:
        raise ImageError(f"cannot write a picture called {path.name!r}", f"end the name in {', '.join(WRITE_FORMATS)}")
    if suffix == ".avif" and not features.check("avif"):
        raise ImageError(f"{path}: this build of Pillow does not write AVIF", "pip install 'pillow>=11.3'")
    return suffix


def check_writable(path: Path, width: int, height: int) -> str:
    """Return the lower-case suffix of `path` if a picture of `width`×`height` pixels can be written under it.

    Raises ImageError, which proposes another format, so that nothing is computed in vain.
    """
    suffix = check_writable_suffix(path)
    kind = WRITE_FORMATS[suffix]
    if max(width, height) > kind.largest_side_px:
        raise ImageError(
            f"{path}: {kind.name} holds at most {kind.largest_side_px} pixels a side, not {width}×{height}",
            "write a .png",
        )
    if width * height > kind.largest_pixels:
        raise ImageError(f"{path}: {kind.name} holds no more than 4 GiB, not {width}×{height} pixels", "write a .png")
    return suffix


def has_quality(suffix: str) -> bool:
    """Tell whether pictures under `suffix`, lower case with its dot, are written at a quality that can be chosen."""
    return suffix in WRITE_FORMATS and WRITE_FORMATS[suffix].has_quality


def check_quality(suffix: str, quality: int | None) -> None:
    """Raise ImageError when `quality` is not 1 to 100, or pictures under `suffix` have none; None always passes."""
    if quality is None:
        return
    if not 1 <= quality <= 100:
        raise ImageError(
            f"a `quality` of {quality} is not between 1 and 100", "leave it out to keep the photograph's own"
        )
    if not has_quality(suffix):
        raise ImageError(f"{suffix} keeps every pixel and has no `quality`", "leave it out, or write a .jpg or a .webp")
