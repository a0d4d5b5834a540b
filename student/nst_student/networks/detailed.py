"""A codec through which a photograph's fine detail passes, and banks that paint at half the picture's size.

In the paper's generator all that the decoder knows of 4×4 pixels are 16 numbers. What it reconstructs has lost as much
of a photograph's fine features as a style may cost, and no bank can bring it back. Here a bank sees both of the
encoder's sizes, a quarter and a half of the picture's, and what it gives the decoder is of half the picture's. With
smaller kernels and two convolutions fewer it takes no longer than the paper's.
"""

import torch
from torch import nn

from nst_student.networks.layers import NormalisedConv, PhaseFreeConv, living_norm, normalise, start_near_identity

DETAILS, FEATURES = 8, 32  # channels at a half and a quarter of the picture's size
OUTER_KERNEL_PX = 5
BANK_LAYERS = 2
# The phases of a fractional stride are flat alike but for rounding, and two norms in a row with the usual 1e-5 make a
# lattice of some levels of it on a picture of one colour throughout.
FINE_EPS = 1e-3


class DetailedEncoder(nn.Module):
    """Pictures N×3×H×W in [0, 1], sides multiples of 4, to features N×32×H/4×W/4 and details N×8×H/2×W/2."""

    def __init__(self) -> None:
        super().__init__()
        self.down1 = NormalisedConv(3, DETAILS, OUTER_KERNEL_PX, stride=2, margin=OUTER_KERNEL_PX // 2)
        self.down2 = NormalisedConv(DETAILS, FEATURES, 3, stride=2, margin=1)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the features and the details of `image`."""
        details = self.down1(image)
        return self.down2(details), details


class DetailedBank(nn.Module):
    """What makes one style: features N×32×h×w and details N×8×2h×2w to what is painted, N×8×2h×2w."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(NormalisedConv(FEATURES, FEATURES, 3, margin=1) for _ in range(BANK_LAYERS)))
        self.up = PhaseFreeConv(FEATURES, DETAILS, 3)
        self.fine = nn.Conv2d(DETAILS, DETAILS, 3, padding=1, padding_mode="reflect", bias=False)
        self.norm = living_norm(DETAILS)
        self.last = NormalisedConv(DETAILS, DETAILS, 3, margin=1)
        for norm in (self.norm, self.last.norm):
            norm.eps = FINE_EPS
        for layer in (*self.layers, self.fine, self.last):
            start_near_identity(layer)

    def forward(self, features: torch.Tensor, details: torch.Tensor) -> tuple[torch.Tensor]:
        """Return what the decoder shall turn into pixels."""
        merged = normalise(self.up(self.layers(features)) + self.fine(details), self.norm)
        return (self.last(merged),)


class DetailedDecoder(nn.Module):
    """What is painted, N×8×2h×2w, to pictures N×3×4h×4w, around [0, 1] but not clipped to it.

    `plain` is the bank of no style: with it, the codec gives the photograph back. New banks start from it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.up = PhaseFreeConv(DETAILS, 3, OUTER_KERNEL_PX, bias=True)
        with torch.no_grad():
            self.up.taps.mul_(0.2)
            if self.up.bias is not None:
                self.up.bias.fill_(0.5)
        self.plain = DetailedBank()

    def forward(self, painted: torch.Tensor) -> torch.Tensor:
        """Return the picture that `painted` stands for."""
        image: torch.Tensor = self.up(painted)
        return image

    def first_weights(self) -> dict[str, torch.Tensor]:
        """Return what a new bank starts from: the plain one."""
        return self.plain.state_dict()

    def reconstruct(self, features: torch.Tensor, details: torch.Tensor) -> torch.Tensor:
        """Return the photograph that `features` and `details` stand for."""
        return self(*self.plain(features, details))  # type: ignore[no-any-return]
