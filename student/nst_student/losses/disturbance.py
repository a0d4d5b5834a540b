"""Small changes of a photograph that must not change its picture: noise, a move, JPEG.

A network that turns a sensor's noise into strokes draws other strokes in each frame of a clip. So the picture of a
photograph and that of the same one disturbed are held together in training; no optical flow is needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch.nn import functional as F

from nst_features.device import send

NOISE_LEVELS = 4.0
MOVE_PX = 3
JPEG_QUALITIES = (40, 90)
JPEG_SHARE = 0.125
# A move brings other pixels in at the border. What lies beside them has to be steady, too, or all that is not steady
# gathers there.
BORDER_PX = 4
BLOCK_PX = 8
# ITU-T T.81, tables K.1 and K.2, for quality 50.
_LUMINANCE = (
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62 "
    "18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99"
)
_CHROMINANCE = (
    "17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99 "
    "99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99"
)
_TO_YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
_FROM_YCC = ((1.0, 0.0, 1.402), (1.0, -0.344136, -0.714136), (1.0, 1.772, 0.0))


@dataclass(frozen=True)
class Disturbed:
    """Disturbed photographs, N×3×H×W, and where their inner rows and columns lie: one vector of indices each."""

    photos: torch.Tensor
    rows: torch.Tensor
    columns: torch.Tensor

    def __iter__(self) -> Iterator[torch.Tensor]:
        return iter((self.photos, self.rows, self.columns))


def disturb(photos: torch.Tensor, seed: tuple[int, ...]) -> Disturbed:
    """Return `photos`, N×3×H×W in [0, 1], moved by 0 to 3 px each way, with noise of 0 to 4 levels, some as JPEG.

    One in eight is; sides are at least 16 px. What happens follows from `seed`; all are moved alike.
    """
    random = np.random.default_rng(seed)
    down, across = (int(number) for number in random.integers(-MOVE_PX, MOVE_PX + 1, 2))
    height, width = photos.shape[-2:]
    rows, columns = (send(_mirrored(*move), photos.device) for move in ((height, down), (width, across)))
    moved = photos.index_select(2, rows).index_select(3, columns)
    jpeg = send(torch.from_numpy(random.random((len(photos), 1, 1, 1)) < JPEG_SHARE), photos.device)
    moved = torch.where(jpeg, as_jpeg(moved, float(random.uniform(*JPEG_QUALITIES))), moved)
    levels = torch.from_numpy(random.uniform(0, NOISE_LEVELS, (len(photos), 1, 1, 1)).astype(np.float32))
    generator = torch.Generator(photos.device).manual_seed(int(random.integers(2**62)))
    noise = torch.randn(photos.shape, generator=generator, device=photos.device)
    inner = [torch.arange(BORDER_PX, side - BORDER_PX, device=photos.device) for side in (height, width)]
    noisy = moved + noise * send(levels, photos.device) / 255
    return Disturbed(noisy.clamp(0, 1), inner[0] + down, inner[1] + across)


def steadiness_loss(outputs: torch.Tensor, disturbed: torch.Tensor, change: Disturbed) -> torch.Tensor:
    """Return the squared difference of `outputs` and the outputs for `change`, moved back; one value a picture."""
    inner = outputs[..., BORDER_PX:-BORDER_PX, BORDER_PX:-BORDER_PX]
    back = disturbed.index_select(2, change.rows).index_select(3, change.columns)
    return (inner - back).square().flatten(1).mean(dim=1)


def _mirrored(side: int, move: int) -> torch.Tensor:
    """Return which pixel of a row comes to each place when the row moves by `move`; the border is mirrored."""
    places = (torch.arange(side) - move).abs()
    return torch.where(places < side, places, 2 * (side - 1) - places)


def as_jpeg(photos: torch.Tensor, quality: float) -> torch.Tensor:
    """Return `photos`, N×3×H×W in [0, 1], as JPEG of `quality` (1 to 100) leaves them, colors at full size.

    ITU-T T.81, annex A.3.
    """
    height, width = photos.shape[-2:]
    padded = F.pad(photos * 255, (0, -width % BLOCK_PX, 0, -height % BLOCK_PX), mode="replicate")
    to_ycc, from_ycc, center, basis, numbers = _constants(photos.device)
    tables = _tables(numbers, quality)
    ycc = torch.einsum("ck,nkhw->nchw", to_ycc, padded) - center
    blocks = ycc.reshape(len(photos), 3, -1, BLOCK_PX, ycc.shape[3] // BLOCK_PX, BLOCK_PX)
    spectrum = torch.einsum("ui,vj,ncaibj->ncaubv", basis, basis, blocks)
    kept = torch.einsum("ui,vj,ncaubv->ncaibj", basis, basis, (spectrum / tables).round() * tables)
    back = torch.einsum("ck,nkhw->nchw", from_ycc, kept.reshape(ycc.shape) + center)
    return (back[:, :, :height, :width] / 255).clamp(0, 1)


@cache
def _constants(device: torch.device) -> tuple[torch.Tensor, ...]:
    """Return both color matrices, their offset, the cosines and the tables of quality 50, on `device` for good."""
    tables = [[float(number) for number in table.split()] for table in (_LUMINANCE, _CHROMINANCE, _CHROMINANCE)]
    center, numbers = torch.tensor([128.0, 0, 0]).view(1, 3, 1, 1), torch.tensor(tables).view(1, 3, 1, 8, 1, 8)
    constants = (torch.tensor(_TO_YCC), torch.tensor(_FROM_YCC), center, _cosines(), numbers)
    return tuple(each.to(device) for each in constants)


def _tables(numbers: torch.Tensor, quality: float) -> torch.Tensor:
    """Return the steps that spectra are rounded to, of `numbers` for quality 50, scaled as the IJG library does."""
    scale = (5000 / quality if quality < 50 else 200 - 2 * quality) / 100
    return (numbers * scale + 0.5).floor().clamp(1, 255)


def _cosines() -> torch.Tensor:
    """Return the orthonormal 8×8 matrix of the discrete cosine transform, a row for each frequency."""
    frequency, place = torch.meshgrid(torch.arange(8.0), torch.arange(8.0), indexing="ij")
    rows = ((2 * place + 1) * frequency * torch.pi / 16).cos() / 2
    rows[0] = 8**-0.5
    return rows
