"""Different looks in different parts of a picture, and parts that stay the photograph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from nst_runtime.errors import ImageError
from nst_runtime.inference.look import Look
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.resample import resampled_rows

if TYPE_CHECKING:
    from nst_runtime.pictures.arrays import Floats, Pixels

Mask = np.ndarray | Image.Image | Path | str
"""Where something is: white where it is, black where it is not, grey in between; of the picture's proportions."""
LookLike = Look | str | Path | Mapping[str, float]


@dataclass(frozen=True)
class Region:
    """A part of a picture and what it is painted with; the mask is uint8 or bool H×W, a PIL image or a file."""

    mask: Mask
    look: LookLike


@dataclass(frozen=True)
class Regions:
    """Looks for parts of a picture: `rest` paints what no region has, the photograph stays there without it.

    What `protect` shows in white stays the photograph. Masks may be soft and may overlap: there the looks are mixed by
    their weights, so that no seam shows. A mask may have any size, with the picture's proportions, and is not black all
    over. Raises ValueError when there is neither a region nor something to protect.
    """

    regions: Sequence[Region] = ()
    rest: LookLike | None = None
    protect: Mask | None = None

    def __post_init__(self) -> None:
        if not self.regions and self.protect is None:
            raise ValueError("regions need a mask; without one give the look alone")


def looks_of(look: LookLike | Regions) -> list[Look]:
    """Return all looks that are painted, that of the rest last; raises what Look does."""
    if isinstance(look, Regions):
        every = [region.look for region in look.regions] + ([] if look.rest is None else [look.rest])
        return [look_of(each) for each in every]
    return [look_of(look)]


def look_of(look: LookLike) -> Look:
    """Return `look` as a Look; raises what that does."""
    return look if isinstance(look, Look) else Look(look)


class RegionWeights:
    """How much of each look is where in a picture of `height`×`width` pixels.

    Raises ImageError as `read_mask` does, and for a mask of other proportions; TypeError or ValueError for what is not
    a mask.
    """

    def __init__(self, regions: Regions, height: int, width: int) -> None:
        self._size = height, width
        self._masks = [self._fitting(region.mask) for region in regions.regions]
        self._protect = None if regions.protect is None else self._fitting(regions.protect)
        self._paints_rest = regions.rest is not None

    def rows(self, top: int, bottom: int) -> list[Floats]:
        """Return for the rows from `top` to `bottom` the weight of each look, that of the rest last, in [0, 1].

        They are float32 h×W. What is missing to 1 is the photograph's.
        """
        weights = [self._rows(mask, top, bottom) for mask in self._masks]
        total: Floats = np.zeros((bottom - top, self._size[1]), np.float32)
        for weight in weights:
            total += weight
        weights = [(weight / np.maximum(total, 1)).astype(np.float32) for weight in weights]
        if self._paints_rest:
            weights.append(np.maximum(np.float32(1) - total, np.float32(0)))
        if self._protect is not None:
            kept = np.float32(1) - self._rows(self._protect, top, bottom)
            weights = [weight * kept for weight in weights]
        return weights

    def _rows(self, mask: Pixels, top: int, bottom: int) -> Floats:
        height, width = self._size
        if mask.shape != self._size:
            rows = resampled_rows(mask, width, height, top, bottom, Image.Resampling.BILINEAR)
        else:
            rows = mask[top:bottom]
        return rows.astype(np.float32) / np.float32(255)

    def _fitting(self, mask: Mask) -> Pixels:
        pixels = read_mask(mask)
        (height, width), (own_height, own_width) = self._size, pixels.shape
        off_by = abs(height * own_width - width * own_height)
        if off_by > max(height, width, own_height, own_width):  # a side that is rounded to a whole pixel
            raise ImageError(
                f"a mask of {own_width}×{own_height} pixels does not fit a picture of {width}×{height}",
                "its size may be another, but not its proportions",
            )
        return pixels


def read_mask(mask: Mask) -> Pixels:
    """Return `mask` as uint8 H×W, white being 255.

    Raises ImageError as `read_picture` does for a file, and for a mask that is black all over; TypeError or ValueError
    for what is not a mask.
    """
    name = str(mask) if isinstance(mask, str | Path) else "a mask"
    if isinstance(mask, str | Path):
        mask = Image.fromarray(read_picture(Path(mask)).rgb)
    if isinstance(mask, Image.Image):
        mask = np.asarray(mask.convert("L"))
    if not isinstance(mask, np.ndarray):
        raise TypeError(f"a mask is an array, a PIL image or a path, not {type(mask).__name__}")
    if mask.dtype == np.bool_:
        mask = mask * np.uint8(255)
    if mask.dtype != np.uint8 or mask.ndim != 2 or 0 in mask.shape:
        raise ValueError(f"a mask is uint8 or bool H×W, not {mask.dtype} {'×'.join(map(str, mask.shape))}")
    if not mask.any():
        raise ImageError(f"{name} is black all over, and so changes nothing", "a mask is white where it counts")
    return mask
