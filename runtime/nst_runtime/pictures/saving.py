"""How Pillow is told to write a picture: its format, its colors, and what it says about itself."""

import struct
from dataclasses import dataclass
from typing import IO

from PIL import Image

from nst_runtime.pictures.color.srgb import from_srgb
from nst_runtime.pictures.metadata.record import Metadata
from nst_runtime.pictures.quality import Compression, quality_options
from nst_runtime.pictures.writable import WRITE_FORMATS, Format, Options


@dataclass(frozen=True)
class Saving:
    """The format and the `options` that Pillow saves with, and the `metadata` to go along.

    `profile` is the ICC profile in whose colors the picture is written, None for sRGB.
    """

    format: Format
    options: Options
    metadata: Metadata | None
    profile: bytes | None

    def colored(self, image: Image.Image) -> Image.Image:
        """Return `image` (RGB or RGBA, sRGB) in the colors that are written."""
        return image if self.profile is None else from_srgb(image, self.profile)


def saving_for(
    suffix: str,
    metadata: Metadata | None,
    *,
    profile: bytes | None = None,
    quality: int | None = None,
    photo: Compression | None = None,
) -> Saving:
    """Return how a picture is saved under `suffix` with its `metadata`; the rest is as `write_picture` has it."""
    kind = WRITE_FORMATS[suffix]
    options = kind.options
    if kind.has_quality:
        options = {**options, **quality_options(kind.name, quality, photo)}
    if profile is None or not kind.has_profile:
        return Saving(kind, options, metadata, None)
    return Saving(kind, {**options, "icc_profile": profile}, metadata, profile)


def save(stream: IO[bytes], image: Image.Image, saving: Saving) -> None:
    """Write `image` (RGB or RGBA, sRGB) to `stream`; metadata that Pillow cannot write is left out."""
    image, kind, metadata = saving.colored(image), saving.format, saving.metadata
    try:
        image.save(stream, kind.name, **saving.options, **(kind.keep(metadata) if metadata else {}))
    except (ValueError, TypeError, LookupError, SyntaxError, ArithmeticError, struct.error):
        if metadata is None:
            raise
        stream.seek(0)
        stream.truncate()
        image.save(stream, kind.name, **saving.options)
