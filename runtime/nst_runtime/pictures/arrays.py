"""Pictures in memory: pixels as people have them, arrays as the network takes them."""

from dataclasses import dataclass
from itertools import product
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from nst_runtime.pictures.metadata.record import Metadata
from nst_runtime.pictures.quality import Compression

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


class PixelRows(Protocol):
    """A picture, uint8 H×W×3, whose parts are read as an array's are: an array, or a file that is read in strips."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and channels."""

    def __getitem__(self, place: slice | tuple[slice, slice], /) -> Pixels:
        """Return the rows of a slice, or of two slices the rows and columns."""


_BLOCK_ROWS = 64  # few enough to stay in the cache: twice as fast as the whole picture at once


@dataclass(frozen=True)
class Picture:
    """An sRGB picture: `rgb` uint8 H×W×3 and `alpha` uint8 H×W, None where the picture is opaque throughout.

    `notes` are plain sentences on what of its file is not used, such as further frames, to be said once. `metadata` is
    what its file says about it and another picture made from it may say too; None where that is nothing. `compression`
    is how much its file has lost, None where it is not a JPEG. `profile` is the ICC profile for RGB that its file has
    and that colors can be brought back to, None where there is none.
    """

    rgb: Pixels
    alpha: Pixels | None = None
    notes: tuple[str, ...] = ()
    metadata: Metadata | None = None
    compression: Compression | None = None
    profile: bytes | None = None


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


def to_network(rgb: Pixels, multiple_px: int) -> Floats:
    """Return `rgb` (uint8 H×W×3) as float32 1×3×H'×W' in [0, 1], mirrored at the bottom and right up to the multiple.

    Mirrored without repeating the last row or column; both sides must be longer than what is added.
    """
    height, width = rgb.shape[:2]
    below, right = -height % multiple_px, -width % multiple_px
    if below or right:
        rgb = np.pad(rgb, ((0, below), (0, right), (0, 0)), mode="reflect")
    return to_unit(rgb)


def from_network(image: Floats, height: int, width: int) -> Pixels:
    """Return the upper left `height`×`width` pixels of `image` (float32 1×3×H'×W' in [0, 1]) as uint8 H×W×3."""
    return from_unit(image[:, :, :height, :width])
