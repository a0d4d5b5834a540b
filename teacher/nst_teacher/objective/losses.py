"""The terms of the Gatys objective: one function per formula, one value per picture of a batch."""

import torch

from nst_teacher.objective.wasserstein import gaussian_distance
from nst_teacher.settings.formula import USUAL, Distance, Formula, Normalisation, VariationName

SMALLEST_ENERGY = 1e-12


def exact(tensor: torch.Tensor) -> torch.Tensor:
    """Return `tensor` as float32, or unchanged where it is float64 already."""
    return tensor if tensor.dtype == torch.float64 else tensor.float()


def content_loss(features: torch.Tensor, target: torch.Tensor, formula: Formula = USUAL) -> torch.Tensor:
    """Return the distance of `features` B×C×h×w to `target` (same shape), B values.

    Srinath et al., sec. III.D (L_c); Gatys et al. (2016), eq. 1. Departure, unless `formula` says otherwise: over the
    target's mean square, so that 0 is the photo itself, 1 is as wrong as no picture at all, and one weight serves
    every layer of every network.
    """
    return _compare(exact(features), exact(target), formula.content_distance, formula.normalisation, gatys=0.5)


def style_loss(statistics: torch.Tensor, target: torch.Tensor, formula: Formula = USUAL) -> torch.Tensor:
    """Return the distance of Gram matrices B×C×C to the style's `target` (1 or B)×C×C, B values.

    Srinath et al., sec. III.D (L_s); Gatys et al. (2016), eq. 4. Departure: as in `content_loss`. For ``wasserstein``
    both are B×C×(C+1), see `gaussian_distance`.
    """
    statistics, target = exact(statistics), exact(target)
    filters = statistics.shape[1]
    if formula.style_distance != "wasserstein":
        factor = 0.25 / filters**2
        return _compare(statistics, target, formula.style_distance, formula.normalisation, gatys=factor)
    distance = gaussian_distance(statistics, target)
    if formula.normalisation == "relative":
        return distance / target.square().flatten(1).sum(dim=1).clamp_min(SMALLEST_ENERGY)
    return distance / filters if formula.normalisation == "mean" else distance


def _compare(
    value: torch.Tensor, target: torch.Tensor, distance: Distance, normalisation: Normalisation, *, gatys: float
) -> torch.Tensor:
    error = _power(value - target, distance).flatten(1)
    if normalisation == "sum":
        return error.sum(dim=1)
    if normalisation == "gatys":
        return error.sum(dim=1) * gatys
    if normalisation == "mean":
        return error.mean(dim=1)
    return error.mean(dim=1) / _power(target, distance).flatten(1).mean(dim=1).clamp_min(SMALLEST_ENERGY)


def _power(difference: torch.Tensor, distance: Distance) -> torch.Tensor:
    return difference.abs() if distance == "l1" else difference.square()


def total_variation(image: torch.Tensor, kind: VariationName = "squared") -> torch.Tensor:
    """Return the mean square of the differences between neighbouring pixels of `image` B×3×H×W, B values.

    ``absolute`` takes their absolute values: Ding, Liu and Wang, "Neural Style Transfer" (CS 229), L_v, over the number
    of pairs so that pictures of any size compare.
    """
    distance: Distance = "l2" if kind == "squared" else "l1"
    vertical = _power(image[:, :, 1:] - image[:, :, :-1], distance).flatten(1).mean(dim=1)
    return vertical + _power(image[:, :, :, 1:] - image[:, :, :, :-1], distance).flatten(1).mean(dim=1)
