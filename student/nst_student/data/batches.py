"""What trainings draw their steps' pictures from."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

Pixels = npt.NDArray[np.uint8]


class Batches(Protocol):
    """A source of training pictures; what a step sees follows from its number alone."""

    def batch(self, step: int, count: int) -> tuple[torch.Tensor, ...]:
        """Return `count` photographs for `step`, count×3×H×W in [0, 1], and maybe their targets."""
        ...

    def are_hard(self, step: int, count: int) -> torch.Tensor:
        """Return which of those photographs are drawn pictures of what photographs lack: `count` booleans."""
        ...

    def recipe(self) -> dict[str, Any]:
        """Return what a training's recipe says of them."""
        ...


def drawn(seed: int, available: int, step: int, count: int) -> list[int]:
    """Return which of the `available` pictures `step` sees: in random order, none twice before each has come once."""
    places = [divmod(position, available) for position in range(step * count, (step + 1) * count)]
    return [int(_order(seed, available, epoch)[place]) for epoch, place in places]


@lru_cache(maxsize=4)
def _order(seed: int, available: int, epoch: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng((seed, 0, epoch)).permutation(available)


def stacked(pictures: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return equally large H×W×3 uint8 pictures as float32 N×3×H×W in [0, 1]."""
    return torch.stack(list(pictures)).permute(0, 3, 1, 2).float().div_(255).contiguous()
