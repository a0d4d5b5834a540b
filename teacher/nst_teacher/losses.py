"""The terms of the Gatys objective: one function per formula, one value per picture of a batch."""

import torch

SMALLEST_ENERGY = 1e-12


def exact(tensor: torch.Tensor) -> torch.Tensor:
    """Return `tensor` as float32, or unchanged where it is float64 already."""
    return tensor if tensor.dtype == torch.float64 else tensor.float()


def content_loss(features: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error of `features` B×C×h×w to `target` (same shape), B values.

    Srinath et al., sec. III.D (L_c); Gatys et al. (2016), eq. 1. Departure: over the target's mean square, so that
    0 is the photo itself, 1 is as wrong as no picture at all, and one weight serves every layer of every network.
    """
    target = exact(target)
    error = (exact(features) - target).square().flatten(1).mean(dim=1)
    return error / target.square().flatten(1).mean(dim=1).clamp_min(SMALLEST_ENERGY)


def style_loss(grams: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error of Gram matrices B×C×C to the style's `target` 1×C×C, B values.

    Srinath et al., sec. III.D (L_s); Gatys et al. (2016), eq. 4. Departure: over the target's mean square, as in
    `content_loss`, in place of the layer's size.
    """
    target = exact(target)
    error = (exact(grams) - target).square().flatten(1).mean(dim=1)
    return error / target.square().flatten(1).mean(dim=1).clamp_min(SMALLEST_ENERGY)


def total_variation(image: torch.Tensor) -> torch.Tensor:
    """Return the mean squared difference between neighbouring pixels of `image` B×3×H×W, B values."""
    vertical = (image[:, :, 1:] - image[:, :, :-1]).square().flatten(1).mean(dim=1)
    return vertical + (image[:, :, :, 1:] - image[:, :, :, :-1]).square().flatten(1).mean(dim=1)
