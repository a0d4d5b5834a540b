"""Colour control: whose colours the result has."""

import numpy as np
import numpy.typing as npt
import torch

from nst_runtime.pictures.arrays import Pixels

SLICES = 24
SMALLEST_VARIANCE = 1e-5
_LUMA = (0.299, 0.587, 0.114)

Colours = npt.NDArray[np.float64]


def luminance(image: torch.Tensor) -> torch.Tensor:
    """Return the luminance B×1×H×W of `image` B×3×H×W (Y of YIQ)."""
    return (image * image.new_tensor(_LUMA).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)


def grey(image: torch.Tensor) -> torch.Tensor:
    """Return `image` B×3×H×W without its colours: its luminance in each channel."""
    return luminance(image).expand_as(image)


def with_colours_of(image: torch.Tensor, photo: torch.Tensor) -> torch.Tensor:
    """Return the luminance of `image` with the hue and saturation of `photo`, both B×3×H×W, in [0, 1].

    Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer" (2017), sec. 5.1: Y of one, I and Q of the
    other. Adding the difference of luminance to each channel is that sum.
    """
    return (photo + luminance(image) - luminance(photo)).clamp(0, 1)


def match_luminance(style: torch.Tensor, photo: torch.Tensor) -> torch.Tensor:
    """Return `style` 1×3×h×w in grey, with mean and contrast of the luminance of each `photo` B×3×H×W: B×3×h×w.

    Same paper, eq. 10: L' = σ_C / σ_S (L − μ_S) + μ_C.
    """
    own, other = luminance(style), luminance(photo)
    scale = other.std(dim=(2, 3), keepdim=True) / own.std(dim=(2, 3), keepdim=True).clamp_min(1e-3)
    matched = scale * (own - own.mean()) + other.mean(dim=(2, 3), keepdim=True)
    return matched.clamp(0, 1).expand(-1, 3, -1, -1)


def match_covariance(style: Pixels, photo: Pixels) -> Pixels:
    """Return `style` with mean and covariance of the colours of `photo`; uint8 H×W×3, the shape of `style`.

    Same paper, sec. 5.2, with Pitié and Kokaram's (2007) map between Gaussians, which moves colours the least.
    """
    source, target = _colours(style), _colours(photo)
    own, other = (np.cov(pixels.T) + SMALLEST_VARIANCE * np.eye(3) for pixels in (source, target))
    root = _root(own)
    inverse = np.linalg.inv(root)
    linear = inverse @ _root(root @ other @ root) @ inverse
    return _pixels((source - source.mean(0)) @ linear + target.mean(0), style)


def match_wasserstein(style: Pixels, photo: Pixels, seed: int = 0) -> Pixels:
    """Return `style` with all of the colour distribution of `photo`; uint8 H×W×3, the shape of `style`.

    Sliced optimal transport (Pitié et al. 2005; Rabin et al. 2011): along the axes of random rotations, one after
    another, the k-th darkest pixel takes the value of the photo's.
    """
    draw = np.random.default_rng(seed)
    moved, target = _colours(style), _colours(photo)
    places = (np.arange(len(moved)) + 0.5) / len(moved)
    known = (np.arange(len(target)) + 0.5) / len(target)
    for _ in range(SLICES):
        axes, _unused = np.linalg.qr(draw.normal(size=(3, 3)))
        own, other = moved @ axes, target @ axes
        for axis in range(3):
            ranks = np.argsort(own[:, axis], kind="stable")
            own[ranks, axis] = np.interp(places, known, np.sort(other[:, axis]))
        moved = own @ axes.T
    return _pixels(moved, style)


def _colours(picture: Pixels) -> Colours:
    return np.asarray(picture.reshape(-1, 3) / 255)


def _pixels(colours: Colours, like: Pixels) -> Pixels:
    return np.asarray((colours.clip(0, 1) * 255).round(), np.uint8).reshape(like.shape)


def _root(matrix: Colours) -> Colours:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(values.clip(0))) @ vectors.T)
