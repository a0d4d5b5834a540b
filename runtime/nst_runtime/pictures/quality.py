"""How much a written picture may lose: the rule, and how much the photograph's own file has lost."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.JpegImagePlugin import get_sampling

HIGHEST = 95
"""A quality above it is written on request alone: the file grows, and nobody sees why."""
USUAL = 90
"""For photographs whose quality is not known: on stylised pictures 37 dB, at two thirds of the bytes of 95."""
_FULL_COLOR = 0
_NAMES = ("4:4:4", "4:2:2", "4:2:0")
# libjpeg's tables for quality 50, row by row (ITU-T T.81, annex K.1): of lightness, of color.
_LIGHTNESS = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_COLOR = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
)  # fmt: skip
_Table = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Compression:
    """How a JPEG was written: its `quality`, 1 to 100 as libjpeg counts, and how coarse its colors are.

    `subsampling` is 0 for 4:4:4, 1 for 4:2:2, 2 for 4:2:0, None where it is something else, such as in grey.
    """

    quality: int
    subsampling: int | None = None


def compression_of(image: Image.Image) -> Compression | None:
    """Return how the opened `image` was compressed, None unless it is a JPEG with sound tables.

    The quality is the one whose standard tables lie nearest to the file's own. It is exact for files of libjpeg and
    what builds on it; cameras and Photoshop have tables of their own.
    """
    tables = getattr(image, "quantization", None)
    layers = getattr(image, "layer", None)
    if image.format not in {"JPEG", "MPO"} or not tables or not layers:
        return None
    first, *others = (layer[3] for layer in layers)
    bases = {first: _LIGHTNESS} | {other: _COLOR for other in others[:1] if other != first}
    known = [(base, tables[number]) for number, base in bases.items() if len(tables.get(number, ())) == len(base)]
    if not known:
        return None
    distances = sum(np.abs(_scaled(base) - np.array(own)).sum(axis=1) for base, own in known)
    sampling = get_sampling(image)
    return Compression(int(np.argmin(distances)) + 1, sampling if sampling in range(len(_NAMES)) else None)


def _scaled(base: tuple[int, ...]) -> _Table:
    """Return the tables (100×64) that libjpeg makes of `base` for the qualities 1 to 100 (`jpeg_quality_scaling`)."""
    quality = np.arange(1, 101)
    percent = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    scaled: _Table = ((np.outer(percent, base) + 50) // 100).clip(1, 255)
    return scaled


def quality_options(name: str, given: int | None, photo: Compression | None) -> dict[str, Any]:
    """Return Pillow's options for a picture in the format `name`: "JPEG", "WEBP" or "AVIF".

    The rule: a `given` quality holds, on the format's own scale. Without it a picture gets the quality of the JPEG
    `photo` that it was made from, at most 95, and 90 where that is not known; WebP and AVIF get the number that loses
    as much. Colors are as coarse as the photo's, but full (4:4:4) from quality 95 on and where that is not known: at
    equal size stylised pictures keep 2 dB more of their colors with a lower quality than with coarser colors. WebP has
    4:2:0 only.
    """
    like_jpeg = min(photo.quality, HIGHEST) if photo else USUAL
    quality = like_jpeg if given is None else given
    known = photo.subsampling if photo else None
    subsampling = _FULL_COLOR if known is None or quality >= HIGHEST else known
    if name == "WEBP":
        return {"quality": quality}
    if name == "AVIF":
        return {"quality": _as_avif(like_jpeg) if given is None else given, "subsampling": _NAMES[subsampling]}
    return {"quality": quality, "subsampling": subsampling}


def _as_avif(quality: int) -> int:
    """Return the quality at which AVIF loses as much of stylised pictures as JPEG at `quality` (measured)."""
    return round(float(np.interp(quality, (1, 75, 85, 90, 95), (1, 62, 71, 80, 90))))
