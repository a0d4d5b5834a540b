"""Statistics of feature maps that describe a style, and the pyramid of pictures that they are taken over."""

import torch
from torch.autograd.function import FunctionCtx, once_differentiable
from torch.nn import functional as F

# Parts that a card sums a Gram matrix over.
SUMS = 16


class _Gram(torch.autograd.Function):
    """X^T X with the gradient X (D + D^T) in one product; autograd's own takes two and a sum."""

    @staticmethod
    def forward(ctx: FunctionCtx, pixels: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(pixels)
        if pixels.is_cuda and pixels.shape[1] % SUMS == 0:
            return _gram_by_parts(pixels)
        return torch.bmm(pixels.transpose(1, 2), pixels)

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, gradient: torch.Tensor) -> torch.Tensor:
        (pixels,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return torch.bmm(pixels, gradient + gradient.transpose(1, 2))


def _gram_by_parts(pixels: torch.Tensor) -> torch.Tensor:
    """Return X^T X of `pixels` N×n×C as a sum over parts: one product a picture leaves most of a card idle."""
    parts = pixels.reshape(len(pixels) * SUMS, -1, pixels.shape[2])
    sums = torch.bmm(parts.transpose(1, 2), parts)
    return sums.view(-1, SUMS, *sums.shape[1:]).sum(dim=1)


def gram(features: torch.Tensor) -> torch.Tensor:
    """Return the Gram matrices N×C×C of `features` N×C×h×w, divided by the number of pixels n = h·w.

    Gatys et al., "Image Style Transfer Using Convolutional Neural Networks" (2016), eq. 3, over n, so that pictures
    of any size compare. Sums run in the features' precision, the result is float32 (float64 for float64).
    """
    pixels = features.permute(0, 2, 3, 1).flatten(1, 2)
    product: torch.Tensor = _Gram.apply(pixels)
    return (product if product.dtype == torch.float64 else product.float()) / pixels.shape[1]


def guided_gram(features: torch.Tensor, guide: torch.Tensor) -> torch.Tensor:
    """Return the Gram matrices N×C×C of `features` N×C×h×w, each pixel counted by `guide` N×1×h×w, over its sum.

    Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer" (2017), eq. 5–6, with T² = guide / Σ guide;
    Ding, Liu and Wang, "Neural Style Transfer" (CS 229), spatial control: for a mask of zeros and ones the Gram matrix
    of the region over its number of pixels. A guide of ones gives `gram`. The result is float32 (float64 for float64).
    """
    share = _shares(guide)
    pixels = (features * share.sqrt().to(features.dtype)).permute(0, 2, 3, 1).flatten(1, 2)
    product: torch.Tensor = _Gram.apply(pixels)
    return product if product.dtype == torch.float64 else product.float()


def guided_mean(features: torch.Tensor, guide: torch.Tensor | None) -> torch.Tensor:
    """Return the means N×C of `features` N×C×h×w, each pixel counted by `guide` N×1×h×w (None: all alike)."""
    values = features if features.dtype == torch.float64 else features.float()
    if guide is None:
        return values.flatten(2).mean(2)
    return (values * _shares(guide)).flatten(2).sum(2)


def moments(features: torch.Tensor, guide: torch.Tensor | None) -> torch.Tensor:
    """Return second moments and means, N×C×(C+1), of `features` N×C×h×w, each pixel counted by `guide` (None: alike).

    The first C columns are the Gram matrices, the last one has the means.
    """
    matrices = gram(features) if guide is None else guided_gram(features, guide)
    return torch.cat([matrices, guided_mean(features, guide).to(matrices)[:, :, None]], dim=2)


def _shares(guide: torch.Tensor) -> torch.Tensor:
    """Return `guide` N×1×h×w over its sum; a region of no pixels has none, not infinite ones."""
    return guide / guide.flatten(1).sum(1).clamp_min(1e-8).view(-1, 1, 1, 1)


def pyramid(image: torch.Tensor, scales: int) -> list[torch.Tensor]:
    """Return `image` (N×3×H×W) and its successive halvings, `scales` pictures in all.

    Snelgrove, "High-resolution multi-scale neural texture synthesis" (2017), sec. 3. Each level is the 2×2 mean of
    the one before; an odd last row or column is left out. Raises ValueError when the smallest level would be empty.
    """
    if scales < 1 or min(image.shape[-2:]) < 2 ** (scales - 1):
        raise ValueError(f"a picture of {image.shape[-2]}×{image.shape[-1]} px has no {scales} scales")
    levels = [image]
    while len(levels) < scales:
        levels.append(F.avg_pool2d(levels[-1], 2))
    return levels
