"""How much fine texture a picture has, measured by filters that no training has bent.

A student trained on one network's features finds patterns of one or two pixels that this network overlooks and every
other one, and the eye, sees as hatching. Plain Haar filters overlook nothing at that size.
"""

import torch

from nst_features.statistics import pyramid

LEVELS = 2
FLOOR = 1e-5


def haar_energies(image: torch.Tensor) -> torch.Tensor:
    """Return the mean squared Haar coefficients of `image` N×3×H×W, as N×(2 levels · 3 orientations · 3 colours).

    Undecimated; matching such energies is how Heeger and Bergen, "Pyramid-based texture analysis/synthesis" (1995),
    describe texture.
    """
    energies = []
    for level in pyramid(image, LEVELS):
        a, b = level[..., :-1, :-1], level[..., :-1, 1:]
        c, d = level[..., 1:, :-1], level[..., 1:, 1:]
        for detail in (a + b - c - d, a - b + c - d, a - b - c + d):
            energies.append((detail / 2).square().mean(dim=(2, 3)))
    return torch.cat(energies, dim=1)


def texture_distances(image: torch.Tensor, style_energies: torch.Tensor) -> torch.Tensor:
    """Return the mean squared logarithm of how many times pictures' energies exceed their styles'; less is free.

    `style_energies` are S×18, `image` N×3×H×W holds equally many pictures for each of the S styles; S values.
    """
    energies = haar_energies(image)
    means = energies.view(len(style_energies), -1, energies.shape[1]).mean(dim=1)
    excess = (means + FLOOR).log() - (style_energies + FLOOR).log()
    return excess.clamp_min(0).square().mean(dim=1)
