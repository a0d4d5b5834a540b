"""Image pyramids: shallow features over several scales see strokes as large as deep features do."""

import torch
from torch.nn import functional as F


def pyramid(image: torch.Tensor, scales: int) -> list[torch.Tensor]:
    """Return `image` (N×3×H×W) and its successive halvings, `scales` pictures in all.

    Snelgrove, "High-resolution multi-scale neural texture synthesis" (2017), sec. 3. Each level is the 2×2 mean of
    the one before; an odd last row or column is left out. Raises ValueError when the smallest level would be empty.
    """
    if scales < 1 or min(image.shape[-2:]) < 2 ** (scales - 1):
        raise ValueError(f"a picture of {image.shape[-2]}×{image.shape[-1]} px has no {scales} scales")
    levels = [image]
    while len(levels) < scales:
        levels.append(F.avg_pool2d(levels[-1], 2))
    return levels
