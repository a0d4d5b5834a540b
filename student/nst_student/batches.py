"""What trainings draw their steps' pictures from."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

Pixels = npt.NDArray[np.uint8]


class Batches(Protocol):
    """A source of training pictures; what a step sees follows from its number alone."""

    def batch(self, step: int, count: int) -> tuple[torch.Tensor, ...]:
        """Return `count` photographs for `step`, count×3×H×W in [0, 1], and maybe what shall become of them."""
        ...

    def recipe(self) -> dict[str, Any]:
        """Return what a training's recipe says of them."""
        ...


def drawn(seed: int, available: int, step: int, count: int) -> list[int]:
    """Return which of the `available` pictures `step` sees: in random order, none twice before each has come once."""
    return [_drawn(seed, available, position) for position in range(step * count, (step + 1) * count)]


def _drawn(seed: int, available: int, position: int) -> int:
    epoch, place = divmod(position, available)
    return int(np.random.default_rng((seed, 0, epoch)).permutation(available)[place])


def stacked(pictures: Sequence[Pixels]) -> torch.Tensor:
    """Return equally large H×W×3 uint8 pictures as float32 N×3×H×W in [0, 1]."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float().div_(255).contiguous()
