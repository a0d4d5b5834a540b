"""Minimise an objective over the pixels of a batch of pictures, step by step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch

from nst_teacher.objective.objective import Losses
from nst_teacher.optimise.first_order import STEPPERS
from nst_teacher.optimise.lbfgs import BatchedLbfgs
from nst_teacher.settings.plan import Plan

Evaluate = Callable[[torch.Tensor], Losses]


@dataclass(frozen=True)
class Iterate:
    """The state after an iteration: the pictures B×3×H×W in [0, 1] and their losses, B values each.

    Pictures of an unbounded plan may leave [0, 1]; those of a coarse-to-fine plan are small at first.
    """

    iteration: int
    image: torch.Tensor
    losses: Losses


def optimise(evaluate: Evaluate, start: torch.Tensor, plan: Plan) -> Iterator[Iterate]:
    """Yield iterate 0 (`start`, B×3×H×W in [0, 1]) and the one after each of `plan.iterations` evaluations.

    Each picture is minimised by its own loss alone: its result does not depend on which others share the batch, and
    one whose loss is not finite stays as it is without touching the others. Nothing is read back from the device.
    With `plan.average` the pictures are the averaged ones, and the last one's losses its own.
    """
    descend = _lbfgs if plan.optimizer == "lbfgs" else _first_order
    iterates = descend(evaluate, start.detach().clone(), plan)
    return _averaged(iterates, evaluate, plan) if plan.average else iterates


def _lbfgs(evaluate: Evaluate, start: torch.Tensor, plan: Plan) -> Iterator[Iterate]:
    shape = start.shape
    kept, gradient = differentiate(evaluate, start)
    yield Iterate(0, start, kept)
    state = BatchedLbfgs(start.flatten(1), kept.total, gradient.flatten(1), bounded=plan.bounded)
    for iteration in range(1, plan.iterations + 1):
        trial = state.propose()
        losses, gradient = differentiate(evaluate, trial.view(shape))
        taken = state.update(trial, losses.total, gradient.flatten(1))
        kept = losses.where(taken, kept)
        yield Iterate(iteration, state.x.view(shape), kept)


def _first_order(evaluate: Evaluate, start: torch.Tensor, plan: Plan) -> Iterator[Iterate]:
    image = start
    losses, gradient = differentiate(evaluate, image)
    yield Iterate(0, image, losses)
    stepper = STEPPERS[plan.optimizer](gradient, plan)
    for iteration in range(1, plan.iterations + 1):
        share = 1 - (iteration - 1) / plan.iterations
        rate = plan.rate * min(1.0, 2 * share) if plan.decay else plan.rate
        image = image - stepper.step(gradient, losses.total, rate)
        image = image.clamp(0, 1) if plan.bounded else image
        losses, gradient = differentiate(evaluate, image)
        yield Iterate(iteration, image, losses)


def _averaged(iterates: Iterator[Iterate], evaluate: Evaluate, plan: Plan) -> Iterator[Iterate]:
    """Replace each picture by the moving average of it and those before, unbiased as Adam's moments are.

    Crowson, style-transfer-pytorch: averaging takes out the noise of the last steps.
    """
    total, mass = None, 0.0
    for iterate in iterates:
        total = iterate.image * (1 - plan.average) if total is None else total.lerp(iterate.image, 1 - plan.average)
        mass += (1 - plan.average) * (1 - mass)
        mean = total / mass
        losses = iterate.losses
        if iterate.iteration == plan.iterations:
            with torch.no_grad():
                losses = evaluate(mean).detach()
        yield replace(iterate, image=mean, losses=losses)


def differentiate(evaluate: Evaluate, image: torch.Tensor) -> tuple[Losses, torch.Tensor]:
    """Return the losses of `image` and the gradient of each picture's own total, of the image's shape."""
    leaf = image.detach().requires_grad_()
    with torch.enable_grad():
        losses = evaluate(leaf)
        (gradient,) = torch.autograd.grad(losses.total.sum(), leaf)
    return losses.detach(), gradient
