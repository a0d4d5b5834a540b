"""Different looks in different parts of a picture, and parts that stay the photograph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from nst_runtime.inference.look import Look
from nst_runtime.pictures.read import read_picture

if TYPE_CHECKING:
    from nst_runtime.pictures.arrays import Floats

Mask = np.ndarray | Image.Image | Path | str
"""Where something is: white where it is, black where it is not, grey in between; of any size, it is fitted."""
LookLike = Look | str | Path | Mapping[str, float]


@dataclass(frozen=True)
class Region:
    """A part of a picture and what it is painted with; the mask is uint8 H×W, a PIL image or a file."""

    mask: Mask
    look: LookLike


@dataclass(frozen=True)
class Regions:
    """Looks for parts of a picture: `rest` paints what no region has, the photograph stays there without it.

    What `protect` shows in white stays the photograph. Masks may be soft and may overlap: there the looks are mixed by
    their weights, so that no seam shows. Raises ValueError when there is neither a region nor something to protect.
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
        return [single for each in every for single in looks_of(each)]
    return [look if isinstance(look, Look) else Look(look)]


def weights_of(regions: Regions, height: int, width: int) -> list[Floats]:
    """Return how much of each look is where, float32 H×W in [0, 1]; what is missing to 1 is the photograph's.

    Raises ImageError as `read_picture` does for a mask that is a file, TypeError or ValueError for what is not a mask.
    """
    weights = [read_mask(region.mask, height, width) for region in regions.regions]
    total = np.sum(weights, axis=0, dtype=np.float32) if weights else np.zeros((height, width), np.float32)
    weights = [(weight / np.maximum(total, 1)).astype(np.float32) for weight in weights]
    if regions.rest is not None:
        weights.append(np.maximum(np.float32(1) - total, np.float32(0)))
    if regions.protect is not None:
        kept = np.float32(1) - read_mask(regions.protect, height, width)
        weights = [weight * kept for weight in weights]
    return weights


def read_mask(mask: Mask, height: int, width: int) -> Floats:
    """Return `mask` as float32 H×W in [0, 1], resampled to the size; raises as `weights_of` does."""
    if isinstance(mask, str | Path):
        mask = Image.fromarray(read_picture(Path(mask)).rgb)
    if isinstance(mask, np.ndarray):
        if mask.dtype != np.uint8 or mask.ndim != 2 or 0 in mask.shape:
            raise ValueError(f"a mask is uint8 H×W, not {mask.dtype} {'×'.join(map(str, mask.shape))}")
        mask = Image.fromarray(mask)
    if not isinstance(mask, Image.Image):
        raise TypeError(f"a mask is an array, a PIL image or a path, not {type(mask).__name__}")
    grey = mask.convert("L")
    if grey.size != (width, height):
        grey = grey.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(grey, np.float32) / np.float32(255)
