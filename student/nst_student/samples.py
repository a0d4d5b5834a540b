"""Sample grids: what the networks make of a few photos while they train."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from nst_runtime.images import from_unit, write_picture

Stylise = Callable[[torch.Tensor], torch.Tensor]


def write_grid(path: Path, photos: torch.Tensor, columns: Sequence[Stylise]) -> None:
    """Write a picture with a row for each of `photos` (N×3×H×W in [0, 1]): the photo, then each column's version."""
    with torch.no_grad():
        versions = [photos, *(column(photos).clamp(0, 1) for column in columns)]
    write_picture(
        path,
        grid([[from_unit(v[row : row + 1].cpu().numpy()) for v in versions] for row in range(len(photos))]),
    )


def grid(rows: Sequence[Sequence[npt.NDArray[np.uint8]]], gap_px: int = 4) -> npt.NDArray[np.uint8]:
    """Return one uint8 picture of `rows` of equally large H×W×3 pictures, with white gaps between them."""
    height, width = rows[0][0].shape[:2]
    sheet = np.full(
        (len(rows) * (height + gap_px) - gap_px, len(rows[0]) * (width + gap_px) - gap_px, 3), 255, np.uint8
    )
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            top, left = row * (height + gap_px), column * (width + gap_px)
            sheet[top : top + height, left : left + width] = picture
    return sheet
