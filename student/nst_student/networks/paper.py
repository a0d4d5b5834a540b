"""The generator of Srinath, Yin and Verma: a codec shared by all styles and a bank per style (sec. III.B, fig. 4)."""

import torch
from torch import nn
from torch.nn import functional as F

from nst_student.networks.layers import FractionalConv, NormalisedConv, living_norm, normalise, start_near_identity

WIDTHS = (8, 16, 32)  # channels at a half and a quarter of the picture's size
OUTER_KERNEL_PX = 9
BANK_LAYERS = 2
# Two valid convolutions of stride 2 need 9 pixels more than they return cells for. Six before and three after
# put cell i on pixel 4i, where the decoder's fractional strides put it back.
ENCODER_MARGIN = (6, 3, 6, 3)


class PaperEncoder(nn.Module):
    """Pictures N×3×H×W in [0, 1], sides multiples of 4, to features N×32×H/4×W/4."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third = WIDTHS
        self.down1 = NormalisedConv(3, first, OUTER_KERNEL_PX, stride=2)
        self.down2 = NormalisedConv(first, second, 3, stride=2)
        self.conv3 = NormalisedConv(second, third, 3, margin=1)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor]:
        """Return the features of `image`; the margin that the valid convolutions eat is reflected here."""
        return (self.conv3(self.down2(self.down1(F.pad(image, ENCODER_MARGIN, mode="reflect")))),)


class PaperBank(nn.Module):
    """What makes one style: features N×32×h×w to features of the same shape, and maybe the decoder's norms.

    `norms` holds the scales and biases of the decoder's two instance norms, one norm after the other, or None where
    the architecture has the decoder's own.
    """

    def __init__(self, *, conditional: bool = False) -> None:
        super().__init__()
        width = WIDTHS[-1]
        self.layers = nn.Sequential(*(NormalisedConv(width, width, 3, margin=1) for _ in range(BANK_LAYERS)))
        for layer in self.layers:
            start_near_identity(layer)
        first, second, _ = WIDTHS
        self.norms = nn.Parameter(torch.ones(2 * (second + first))) if conditional else None

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the stylised features, and the norms if this bank has any."""
        stylised: torch.Tensor = self.layers(features)
        return (stylised,) if self.norms is None else (stylised, self.norms)


class PaperDecoder(nn.Module):
    """Features N×32×h×w to pictures N×3×4h×4w, around [0, 1] but not clipped to it."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third = WIDTHS
        self.norms_sizes = (2 * second, 2 * first)
        self.conv1 = NormalisedConv(third, second, 3, margin=1)
        self.up2 = FractionalConv(second, first, 3)
        self.norm2 = living_norm(first)
        self.up3 = FractionalConv(first, 3, OUTER_KERNEL_PX, bias=True)
        with torch.no_grad():
            self.up3.taps.mul_(0.2)
            if self.up3.bias is not None:
                self.up3.bias.fill_(0.5)

    def forward(self, features: torch.Tensor, norms: torch.Tensor | None = None) -> torch.Tensor:
        """Return the picture that `features` stand for, by the instance norms `norms` of a bank (or N of them)."""
        size = self.norms_sizes[0]
        first, second = (None, None) if norms is None else (norms[..., :size], norms[..., size:])
        image: torch.Tensor = self.up3(normalise(self.up2(self.conv1(features, first)), self.norm2, second))
        return image

    def reconstruct(self, features: torch.Tensor) -> torch.Tensor:
        """Return the photograph that `features` stand for."""
        return self(features)  # type: ignore[no-any-return]

    def first_weights(self) -> dict[str, torch.Tensor]:
        """Return what a new bank starts from: the decoder's own scales and biases."""
        norms = (self.conv1.norm, self.norm2)
        return {"norms": torch.cat([part.detach() for norm in norms for part in (norm.weight, norm.bias)])}
