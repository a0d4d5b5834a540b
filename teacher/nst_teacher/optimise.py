"""Minimise an objective over the pixels of a batch of pictures, step by step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import torch

from nst_teacher.lbfgs import BatchedLbfgs
from nst_teacher.objective import Losses

OptimizerName = Literal["lbfgs", "adam"]
OPTIMIZER_NAMES: tuple[OptimizerName, ...] = get_args(OptimizerName)
Evaluate = Callable[[torch.Tensor], Losses]


@dataclass(frozen=True)
class Plan:
    """How to minimise: the optimizer, how many evaluations, and Adam's step (in units of the pixels' range 0…1)."""

    optimizer: OptimizerName = "lbfgs"
    iterations: int = 60
    learning_rate: float = 0.03


@dataclass(frozen=True)
class Iterate:
    """The state after an iteration: the pictures B×3×H×W in [0, 1] and their losses, B values each."""

    iteration: int
    image: torch.Tensor
    losses: Losses


def optimise(evaluate: Evaluate, start: torch.Tensor, plan: Plan) -> Iterator[Iterate]:
    """Yield iterate 0 (`start`, B×3×H×W in [0, 1]) and the one after each of `plan.iterations` evaluations.

    Each picture is minimised by its own loss alone: its result does not depend on which others share the batch, and
    one whose loss is not finite stays as it is without touching the others. Nothing is read back from the device.
    """
    steps = {"lbfgs": _lbfgs, "adam": _adam}
    return steps[plan.optimizer](evaluate, start.detach().clone(), plan)


def _lbfgs(evaluate: Evaluate, start: torch.Tensor, plan: Plan) -> Iterator[Iterate]:
    shape = start.shape
    kept, gradient = differentiate(evaluate, start)
    yield Iterate(0, start, kept)
    state = BatchedLbfgs(start.flatten(1), kept.total, gradient.flatten(1))
    for iteration in range(1, plan.iterations + 1):
        trial = state.propose()
        losses, gradient = differentiate(evaluate, trial.view(shape))
        taken = state.update(trial, losses.total, gradient.flatten(1))
        kept = losses.where(taken, kept)
        yield Iterate(iteration, state.x.view(shape), kept)


def _adam(evaluate: Evaluate, start: torch.Tensor, plan: Plan) -> Iterator[Iterate]:
    """Kingma and Ba (2015), alg. 1; pixels are clipped to [0, 1], the step falls to zero over the last half."""
    image, first, second = start, torch.zeros_like(start), torch.zeros_like(start)
    losses, gradient = differentiate(evaluate, image)
    yield Iterate(0, image, losses)
    for iteration in range(1, plan.iterations + 1):
        first = first.lerp(gradient, 0.1)
        second = second.lerp(gradient.square(), 0.01)
        rate = plan.learning_rate * min(1.0, 2 * (1 - (iteration - 1) / plan.iterations))
        root = (second / (1 - 0.99**iteration)).sqrt() + 1e-12
        image = (image - rate / (1 - 0.9**iteration) * first / root).clamp(0, 1)
        losses, gradient = differentiate(evaluate, image)
        yield Iterate(iteration, image, losses)


def differentiate(evaluate: Evaluate, image: torch.Tensor) -> tuple[Losses, torch.Tensor]:
    """Return the losses of `image` and the gradient of each picture's own total, of the image's shape."""
    leaf = image.detach().requires_grad_()
    with torch.enable_grad():
        losses = evaluate(leaf)
        (gradient,) = torch.autograd.grad(losses.total.sum(), leaf)
    return losses.detach(), gradient
