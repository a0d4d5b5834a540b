"""The terms of the Gatys objective: one function per formula, one value per picture of a batch."""

from dataclasses import dataclass
from typing import Literal

import torch

from nst_runtime.errors import NstError
from nst_teacher.objective.wasserstein import gaussian_distance

SMALLEST_ENERGY = 1e-12

Distance = Literal["l1", "l2"]
StyleDistance = Literal["l1", "l2", "wasserstein"]
Normalisation = Literal["relative", "mean", "sum", "gatys"]
GramScale = Literal["pixels", "values", "none"]
VariationName = Literal["squared", "absolute"]


@dataclass(frozen=True)
class Formula:
    """How features become a number.

    Distances are |d| (``l1``), d² (``l2``) or, for style, the squared Wasserstein-2 distance of Gaussians of the
    features' means and covariances. `normalisation` is what becomes of the distances of a layer's N filters:
    ``relative`` their mean over the target's own, ``mean``, ``sum``, or ``gatys``: ½ Σ for content and 1/(4N²) Σ for
    Gram matrices over M pixels, which is the paper's E_l = 1/(4N²M²) Σ. `gram_scale` divides Gram matrices by the
    number of ``pixels`` n, of ``values`` C·n, or by nothing.
    """

    style_distance: StyleDistance = "l2"
    content_distance: Distance = "l2"
    normalisation: Normalisation = "relative"
    gram_scale: GramScale = "pixels"
    variation: VariationName = "squared"

    def __post_init__(self) -> None:
        if self.normalisation == "gatys" and self.gram_scale != "pixels":
            raise NstError(
                f"`normalisation` gatys is for Gram matrices over pixels, and `gram_scale` is {self.gram_scale}",
                "set `gram_scale` to pixels, or `normalisation` to mean",
            )


USUAL = Formula()


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
