"""Sample grids: what the networks make of a few photos while they train."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from nst_runtime.pictures.arrays import from_unit
from nst_runtime.pictures.collage import tile
from nst_runtime.pictures.write import write_picture

Stylise = Callable[[torch.Tensor], torch.Tensor]


def write_grid(path: Path, photos: torch.Tensor, columns: Sequence[Stylise]) -> None:
    """Write a picture with a row for each of `photos` (N×3×H×W in [0, 1]): the photo, then each column's version."""
    with torch.no_grad():
        versions = [photos, *(column(photos).clamp(0, 1) for column in columns)]
    write_picture(
        path,
        tile([[from_unit(v[row : row + 1].cpu().numpy()) for v in versions] for row in range(len(photos))]),
    )
