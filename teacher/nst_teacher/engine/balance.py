"""Set the weights from gradient magnitudes, so that one setting suits any pair of photo and style."""

from collections.abc import Callable
from dataclasses import replace

import torch

from nst_teacher.objective.objective import Losses, Objective
from nst_teacher.optimise.optimise import optimise
from nst_teacher.settings.plan import Plan

PROBE = Plan("lbfgs", 12)
WAY = 0.7  # from the photo to where style has won
SMALLEST_PULL = 1e-20


def balance(objective: Objective, photos: torch.Tensor, ratio: float) -> None:
    """Scale the content and variation terms of `objective` for each of `photos` B×3×H×W.

    A few steps for style alone lead from the photo to where style has won. Most of the way there, both gradients are
    measured, and content is weighted so that it pulls `ratio` times as hard as style, variation by its weight times as
    hard: at ratio 1 the result settles about there, whatever the contrasts of the two pictures, the network and the
    formula. At the photo itself the style's gradient would mislead: it grows with the third power of the features.
    """

    def style_alone(image: torch.Tensor) -> Losses:
        losses = objective(image)
        return replace(losses, total=losses.style)

    *_, styled = optimise(style_alone, photos, PROBE)
    between = photos.lerp(styled.image, WAY)
    style = pull(objective, between, lambda losses: losses.style)
    content = pull(objective, between, lambda losses: losses.content)
    variation = pull(objective, between, lambda losses: losses.variation)
    weight = objective.weights.content
    objective.content_scale = style / content.clamp_min(SMALLEST_PULL) * (ratio / weight if weight else 0.0)
    objective.variation_scale = style / variation.clamp_min(SMALLEST_PULL)


def pull(objective: Objective, images: torch.Tensor, term: Callable[[Losses], torch.Tensor]) -> torch.Tensor:
    """Return the root mean square of the gradient of a `term` of the objective at `images` B×3×H×W, B values."""
    leaf = images.detach().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(term(objective(leaf)).sum(), leaf)
    return gradient.flatten(1).square().mean(1).sqrt()
