"""Statistics of feature maps that describe a style."""

import torch
from torch.autograd.function import FunctionCtx, once_differentiable


class _Gram(torch.autograd.Function):
    """X^T X with the gradient X (D + D^T) in one product; autograd's own takes two and a sum."""

    @staticmethod
    def forward(ctx: FunctionCtx, pixels: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(pixels)
        return torch.bmm(pixels.transpose(1, 2), pixels)

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, gradient: torch.Tensor) -> torch.Tensor:
        (pixels,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return torch.bmm(pixels, gradient + gradient.transpose(1, 2))


def gram(features: torch.Tensor) -> torch.Tensor:
    """Return the Gram matrices N×C×C of `features` N×C×h×w, divided by the number of pixels n = h·w.

    Gatys et al., "Image Style Transfer Using Convolutional Neural Networks" (2016), eq. 3, over n, so that pictures
    of any size compare. Sums run in the features' precision, the result is float32 (float64 for float64).
    """
    pixels = features.permute(0, 2, 3, 1).flatten(1, 2)
    scaled = pixels / pixels.shape[1] ** 0.5
    product: torch.Tensor = _Gram.apply(scaled)
    return product if product.dtype == torch.float64 else product.float()
