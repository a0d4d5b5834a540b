"""Pictures made from noise until layers answer to them as they do to another picture.

Srinath, Yin and Verma, fig. 8 and 9, say that the picture is reconstructed from the response at each layer and the
style from the correlations in a "feature space" of the bank's layers, and not how; this is how Gatys et al. (2016,
sec. 2.1-2.2, fig. 1) do it with the layers of VGG, with those of the generator in their place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from nst_features.statistics import gram
from nst_student.figures.responses import Generator

Kind = Literal["response", "gram"]
HISTORY = 20
VARIATION_WEIGHT = 0.1
EDGE = 0.02  # how near to 0 and 1 the first noise may come: beyond, a sigmoid hardly moves


@dataclass(frozen=True)
class Reconstruction:
    """The picture found, 1×3×H×W in [0, 1], and the loss of the noise and of the picture."""

    picture: torch.Tensor
    initial_loss: float
    final_loss: float


def reconstruct(
    generator: Generator, target: torch.Tensor, keys: Sequence[str], kind: Kind, *, iterations: int, seed: int
) -> Reconstruction:
    """Return a picture as large as `target` 1×3×H×W in [0, 1] to which the layers `keys` answer as to `target`.

    "response": the same values at the same places. "gram": the same Gram matrices, wherever things lie. The loss is,
    layer by layer, the squared error over the square of what is wanted, and the mean of that over the layers. L-BFGS
    brings it down from noise, together with two things that no layer answers for. Instance norms take brightness and
    contrast out of every channel: so the picture's mean color and the covariances of its colors shall be those of
    `target`, too, a layer more. And what lies between a layer's cells it does not see: so there is a weight on the
    variation from pixel to pixel.
    """
    wanted, colors = _statistics(generator, target, keys, kind), _colors(target)
    hidden = _noise(target, seed).logit().requires_grad_(True)

    def distance() -> torch.Tensor:
        found = _statistics(generator, hidden.sigmoid(), keys, kind)
        return torch.stack([_share(found[key], wanted[key].detach()) for key in keys]).mean()

    def loss() -> torch.Tensor:
        picture = hidden.sigmoid()
        return distance() + _share(_colors(picture), colors) + VARIATION_WEIGHT * _variation(picture)

    initial = float(distance().detach())
    _minimise(hidden, loss, iterations)
    return Reconstruction(hidden.sigmoid().detach(), initial, float(distance().detach()))


def _statistics(
    generator: Generator, picture: torch.Tensor, keys: Sequence[str], kind: Kind
) -> Mapping[str, torch.Tensor]:
    _, responses = generator.watch(picture)
    found = {response.key: response.value for response in responses if response.key in keys}
    return found if kind == "response" else {key: gram(value) for key, value in found.items()}


def _colors(picture: torch.Tensor) -> torch.Tensor:
    """Return the mean color of `picture` and the covariances of its colors, 1×3×4."""
    values = picture.flatten(2)
    mean = values.mean(dim=2, keepdim=True)
    return torch.cat([mean, gram(picture - mean[..., None])], dim=2)


def _share(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    return (found - wanted).square().sum() / wanted.square().sum().clamp_min(1e-12)


def _variation(picture: torch.Tensor) -> torch.Tensor:
    """Return the mean square of the steps from pixel to pixel, across and down."""
    return picture.diff(dim=2).square().mean() + picture.diff(dim=3).square().mean()


def _noise(target: torch.Tensor, seed: int) -> torch.Tensor:
    """Return noise with the mean and the deviation of `target` in each color."""
    random = torch.Generator().manual_seed(seed)
    white = torch.randn(target.shape, generator=random).to(target)
    deviation, mean = torch.std_mean(target, dim=(2, 3), keepdim=True)
    return (mean + deviation * white).clamp(EDGE, 1 - EDGE)


def _minimise(hidden: torch.Tensor, loss: Callable[[], torch.Tensor], iterations: int) -> None:
    optimizer = torch.optim.LBFGS(
        [hidden], max_iter=iterations, history_size=HISTORY, line_search_fn="strong_wolfe",
        tolerance_grad=0, tolerance_change=0,
    )  # fmt: skip

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(closure)  # type: ignore[no-untyped-call]
