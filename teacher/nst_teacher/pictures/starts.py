"""What the optimisation starts from."""

from collections.abc import Sequence
from pathlib import Path

import torch

from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import from_unit, resize, to_unit
from nst_runtime.pictures.read import read_picture


def draw_noise(like: torch.Tensor, seeds: Sequence[int]) -> torch.Tensor:
    """Return uniform noise in [0, 1] of the shape of `like` B×3×H×W; each picture's comes from its own seed."""
    noise = [torch.rand(like.shape[1:], generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    return torch.stack(noise).to(like)


def draw_statistics(like: torch.Tensor, style: torch.Tensor, seeds: Sequence[int]) -> torch.Tensor:
    """Return normal noise with the mean and deviation of each channel of `style` (1 or B)×3×h×w, within [0, 1].

    Crowson, style-transfer-pytorch (``style_stats``).
    """
    noise = [torch.randn(like.shape[1:], generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    mean, deviation = (value(dim=(2, 3), keepdim=True) for value in (style.mean, style.std))
    return (torch.stack(noise).to(like) * deviation + mean).clamp(0, 1)


def read_start(path: Path, like: torch.Tensor) -> torch.Tensor:
    """Return the picture at `path`, stretched to the shape of `like` B×3×H×W, in [0, 1]; raises ImageError."""
    height, width = like.shape[2:]
    unit = torch.from_numpy(to_unit(resize(read_picture(path).rgb, width, height))).to(like)
    return unit.expand_as(like).clone()


class BankStart:
    """Starts that a trained bank has painted.

    Of the many pictures with a style's statistics, the optimisation ends at one near to its start: so at one that a
    student can come near to, and within fewer iterations than from the photo.
    """

    def __init__(self, style: str, pack: Path | None, threads: int | None = None) -> None:
        """Load the bank `style` of the style pack in the folder `pack`, None for the shipped one; raises PackError."""
        self._stylizer, self._style = Stylizer.load(pack, threads), style
        self._stylizer.network.bank(style)

    def paint(self, photos: torch.Tensor) -> torch.Tensor:
        """Return `photos` B×3×H×W in [0, 1] as the runtime shows them in the bank's style, in 256 steps."""
        pictures = [from_unit(photo.unsqueeze(0).cpu().numpy()) for photo in photos.float()]
        painted = [to_unit(self._stylizer.stylize(picture, self._style)) for picture in pictures]
        return torch.cat([torch.from_numpy(unit) for unit in painted]).to(photos)
