"""Pictures as figures take them in and give them out."""

from pathlib import Path

import torch

from nst_runtime.pictures.arrays import Pixels, from_unit, resize_short_side, to_unit
from nst_runtime.pictures.read import read_picture

SIDE_MULTIPLE_PX = 16  # which every architecture takes


def read_photo(path: Path, size_px: int) -> torch.Tensor:
    """Return a picture as float32 1×3×H×W in [0, 1], its short side `size_px`, sides cut to multiples of 16.

    Raises NstError when it cannot be read.
    """
    rgb = resize_short_side(read_picture(path).rgb, size_px)
    height, width = (side // SIDE_MULTIPLE_PX * SIDE_MULTIPLE_PX for side in rgb.shape[:2])
    return torch.from_numpy(to_unit(rgb[:height, :width]))


def pixels(image: torch.Tensor) -> Pixels:
    """Return `image` 1×3×H×W, clipped to [0, 1], as uint8 H×W×3."""
    return from_unit(image.detach().float().cpu().numpy())
