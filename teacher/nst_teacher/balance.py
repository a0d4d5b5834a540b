"""Set the weights from gradient magnitudes, so that one setting suits any pair of photo and style."""

from collections.abc import Callable

import torch

from nst_teacher.objective import Losses, Objective

SMALLEST_PULL = 1e-20


def balance(objective: Objective, photos: torch.Tensor, styles: torch.Tensor, ratio: float) -> None:
    """Scale the content and variation terms of `objective` for each of `photos` B×3×H×W.

    Each term is measured where the others have won: style's gradient at the photos, content's and variation's at
    `styles` (B×3×H×W, the style picture at the photos' size). Content then pulls with `ratio` times the force of style,
    whatever the contrasts of the two pictures, the network and the formula; variation with its weight times that force.
    """
    style = pull(objective, photos, lambda losses: losses.style)
    content = pull(objective, styles, lambda losses: losses.content)
    variation = pull(objective, styles, lambda losses: losses.variation)
    weight = objective.weights.content
    objective.content_scale = style / content.clamp_min(SMALLEST_PULL) * (ratio / weight if weight else 0.0)
    objective.variation_scale = style / variation.clamp_min(SMALLEST_PULL)


def pull(objective: Objective, images: torch.Tensor, term: Callable[[Losses], torch.Tensor]) -> torch.Tensor:
    """Return the root mean square of the gradient of a `term` of the objective at `images` B×3×H×W, B values."""
    leaf = images.detach().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(term(objective(leaf)).sum(), leaf)
    return gradient.flatten(1).square().mean(1).sqrt()
