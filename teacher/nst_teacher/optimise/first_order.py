"""First-order optimizers over a batch: every number of a picture's state is its own.

A new one is a class here, a row of STEPPERS, and its name and usual rate in nst_teacher.settings.plan.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

import torch

from nst_teacher.settings.plan import OptimizerName, Plan


class Stepper(Protocol):
    """What turns a gradient into a step."""

    def step(self, gradient: torch.Tensor, loss: torch.Tensor, rate: float) -> torch.Tensor:
        """Return what to subtract from the pictures, given their `gradient` B×3×H×W and `loss` (B) where they are."""
        ...


class Adam:
    """Kingma and Ba (2015), alg. 1, with a negligible ε: the losses' scale says nothing."""

    def __init__(self, gradient: torch.Tensor, beta2: float) -> None:
        self.first, self.second = torch.zeros_like(gradient), torch.zeros_like(gradient)
        self.beta2, self.steps = beta2, 0

    def step(self, gradient: torch.Tensor, loss: torch.Tensor, rate: float) -> torch.Tensor:
        """Return the step; `loss` is not looked at."""
        self.steps += 1
        self.first = self.first.lerp(gradient, 0.1)
        self.second = self.second.lerp(gradient.square(), 1 - self.beta2)
        root = (self.second / (1 - self.beta2**self.steps)).sqrt() + 1e-12
        return rate / (1 - 0.9**self.steps) * self.first / root


class Adadelta:
    """Zeiler (2012), alg. 1, ρ = 0.9, ε = 1e-6.

    Departure: gradients are counted in units of the picture's first (its root mean square), so that ε means the same
    for every loss.
    """

    def __init__(self, gradient: torch.Tensor) -> None:
        self.unit = _root_mean_square(gradient)
        self.squares, self.steps = torch.zeros_like(gradient), torch.zeros_like(gradient)

    def step(self, gradient: torch.Tensor, loss: torch.Tensor, rate: float) -> torch.Tensor:
        """Return the step; `loss` is not looked at."""
        scaled = gradient / self.unit
        self.squares = self.squares.lerp(scaled.square(), 0.1)
        move = ((self.steps + 1e-6) / (self.squares + 1e-6)).sqrt() * scaled
        self.steps = self.steps.lerp(move.square(), 0.1)
        return rate * move


class GradientDescent:
    """Steepest descent: the rate is the first step's root mean square, and a constant multiple of the gradient after.

    Departure from a rate that is constant throughout: where a picture's loss has risen, its own rate is halved; no one
    rate suits every picture.
    """

    def __init__(self, gradient: torch.Tensor) -> None:
        self.factor = 1 / _root_mean_square(gradient)
        self.before: torch.Tensor | None = None

    def step(self, gradient: torch.Tensor, loss: torch.Tensor, rate: float) -> torch.Tensor:
        """Return the step from where the pictures' losses are `loss`."""
        if self.before is not None:
            risen = (loss > self.before).view(-1, 1, 1, 1)
            self.factor = torch.where(risen, 0.5 * self.factor, self.factor)
        self.before = loss
        return rate * self.factor * gradient


def _root_mean_square(gradient: torch.Tensor) -> torch.Tensor:
    return gradient.square().mean(dim=(1, 2, 3), keepdim=True).sqrt().clamp_min(1e-30)


# What begins at the first gradient B×3×H×W, as the plan says.
STEPPERS: Mapping[OptimizerName, Callable[[torch.Tensor, Plan], Stepper]] = {
    "adam": lambda gradient, plan: Adam(gradient, plan.beta2),
    "adadelta": lambda gradient, _: Adadelta(gradient),
    "gradient-descent": lambda gradient, _: GradientDescent(gradient),
}
