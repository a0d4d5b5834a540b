"""The generator of Srinath, Yin and Verma: a codec shared by all styles and a bank per style (sec. III.B, fig. 4)."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn
from torch.nn import functional as F

MULTIPLE_PX = 4
MINIMUM_PX = 16
# Two valid convolutions of stride 2 need 9 pixels more than they return cells for. Six before and three after
# put cell i on pixel 4i, where the decoder's fractional strides put it back.
ENCODER_MARGIN = (6, 3, 6, 3)


ArchitectureName = Literal["srinath", "conditional"]


@dataclass(frozen=True)
class Architecture:
    """The widths (channels) and kernels (px) of a codec and its banks; sizes along the network as in the paper."""

    name: ArchitectureName = "srinath"
    widths: tuple[int, int, int] = (8, 16, 32)
    outer_kernel_px: int = 9
    bank_layers: int = 2
    conditional: bool = False

    @property
    def norms_size(self) -> int:
        """How many numbers a bank has for the decoder's instance norms: a scale and a bias for every channel."""
        first, second, _ = self.widths
        return 2 * (second + first) if self.conditional else 0


# `srinath` is the paper's. In `conditional` each bank also has the scales and biases of the decoder's instance norms
# (Dumoulin et al., "A learned representation for artistic style", 2017): in the paper's they are shared, and with them
# the contrast and the mean of every channel that a picture is painted with.
ARCHITECTURES: dict[str, Architecture] = {
    plan.name: plan for plan in (Architecture(), Architecture("conditional", conditional=True))
}


class NormalisedConv(nn.Module):
    """Convolution, instance norm, ReLU; the norm takes any bias out again, so the convolution has none."""

    def __init__(self, width_in: int, width_out: int, kernel_px: int, *, stride: int = 1, margin: int = 0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            width_in,
            width_out,
            kernel_px,
            stride,
            margin,
            padding_mode="reflect" if margin else "zeros",
            bias=False,
        )
        self.norm = living_norm(width_out)

    def forward(self, x: torch.Tensor, affine: torch.Tensor | None = None) -> torch.Tensor:
        """Return N×C_out×h×w activations of `x` N×C_in×H×W; `affine` as in `normalise`."""
        return normalise(self.conv(x), self.norm, affine)


def living_norm(width: int) -> nn.InstanceNorm2d:
    """Return a new instance norm whose biases are 1.

    With biases of 0 every ReLU drops half of its channel, and seven in a row leave edges alone: untrained, the network
    is blind to plain areas, and it stays so.
    """
    norm = nn.InstanceNorm2d(width, affine=True)
    nn.init.ones_(norm.bias)
    return norm


def normalise(x: torch.Tensor, norm: nn.InstanceNorm2d, affine: torch.Tensor | None = None) -> torch.Tensor:
    """Return ReLU of the instance norm of `x` N×C×h×w.

    `affine`, 2·C numbers or N×2·C, are scales and biases in place of the norm's own.
    """
    if affine is None:
        return torch.relu(norm(x))
    scale, bias = affine.expand(len(x), -1)[:, :, None, None].chunk(2, dim=1)
    return torch.relu(F.instance_norm(x, eps=norm.eps) * scale + bias)


class FractionalConv(nn.Module):
    """A convolution with fractional stride ½, computed as a stride-1 convolution and depth-to-space.

    `weight` is the transposed convolution's C_in×C_out×k×k, k odd; output pixel 2i lies on input pixel i. The two
    forms hold the same products; the second multiplies none of the zeros between the pixels. Pixels beyond the
    border are reflected.

    What is learned is `taps`, C_in×C_out×(k-1)×(k-1), and `weight` is `taps` convolved with a 2×2 mean. Such a kernel
    passes nothing that alternates from one pixel to the next: no checkerboard, which a free kernel draws wherever a
    loss network takes it for texture (Odena et al., "Deconvolution and checkerboard artifacts", 2016).
    """

    def __init__(self, width_in: int, width_out: int, kernel_px: int, *, bias: bool = False) -> None:
        super().__init__()
        self.kernel_px = kernel_px
        self.taps = nn.Parameter(torch.empty(width_in, width_out, kernel_px - 1, kernel_px - 1))
        self.bias = nn.Parameter(torch.zeros(width_out)) if bias else None
        # Every output pixel gathers about a quarter of the taps; the mean halves what is left.
        nn.init.normal_(self.taps, std=(8 / (width_in * kernel_px**2 / 4)) ** 0.5)

    @property
    def weight(self) -> torch.Tensor:
        """The kernel C_in×C_out×k×k."""
        return F.avg_pool2d(F.pad(self.taps, (1, 1, 1, 1)), 2, stride=1)

    @property
    def margins(self) -> tuple[int, int]:
        """Input pixels that the first and the last output pixel reach beyond the border."""
        half = self.kernel_px // 2
        return half // 2, (half + 1) // 2

    def subpixel_weight(self) -> torch.Tensor:
        """Return the stride-1 kernel 4·C_out×C_in×m×m whose pixel shuffle is this layer."""
        weight = self.weight
        width_in, width_out, k, _ = weight.shape
        before, after = self.margins
        taps = before + after + 1
        # Tap t of phase p is kernel element k//2 + p - 2 (t - before); those outside the kernel are zero.
        grid = F.pad(weight, (1, 2, 1, 2))
        reach = torch.arange(taps, device=weight.device)
        rows = [k // 2 + phase - 2 * (reach - before) + 1 for phase in (0, 1)]
        phases = [grid[:, :, row][:, :, :, column] for row in rows for column in rows]
        stacked = torch.stack(phases, dim=2)  # C_in × C_out × 4 × m × m
        return stacked.permute(1, 2, 0, 3, 4).reshape(4 * width_out, width_in, taps, taps)

    def subpixel_bias(self) -> torch.Tensor | None:
        """Return the bias of the stride-1 form, 4·C_out, or None."""
        return None if self.bias is None else self.bias.repeat_interleave(4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return N×C_out×2h×2w of `x` N×C_in×h×w."""
        before, after = self.margins
        padded = F.pad(x, (before, after, before, after), mode="reflect")
        return F.pixel_shuffle(F.conv2d(padded, self.subpixel_weight(), self.subpixel_bias()), 2)


class Encoder(nn.Module):
    """Pictures N×3×H×W in [0, 1], sides multiples of 4, to features N×32×H/4×W/4."""

    def __init__(self, architecture: Architecture = ARCHITECTURES["srinath"]) -> None:
        super().__init__()
        first, second, third = architecture.widths
        self.down1 = NormalisedConv(3, first, architecture.outer_kernel_px, stride=2)
        self.down2 = NormalisedConv(first, second, 3, stride=2)
        self.conv3 = NormalisedConv(second, third, 3, margin=1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the features of `image`; the margin that the valid convolutions eat is reflected here."""
        features: torch.Tensor = self.conv3(self.down2(self.down1(F.pad(image, ENCODER_MARGIN, mode="reflect"))))
        return features


class Bank(nn.Module):
    """What makes one style: features N×32×h×w to features of the same shape, and maybe the decoder's norms.

    `norms` holds the scales and biases of the decoder's two instance norms, one norm after the other, or None where
    the architecture has the decoder's own.
    """

    def __init__(self, architecture: Architecture = ARCHITECTURES["srinath"]) -> None:
        super().__init__()
        width = architecture.widths[-1]
        self.layers = nn.Sequential(
            *(NormalisedConv(width, width, 3, margin=1) for _ in range(architecture.bank_layers))
        )
        for layer in self.layers:
            start_near_identity(layer)
        norms = None
        if architecture.conditional:
            first, second, _ = architecture.widths
            norms = nn.Parameter(torch.cat([torch.ones(2 * second), torch.ones(2 * first)]))
        self.register_parameter("norms", norms)
        self.norms: nn.Parameter | None

    def take_norms(self, decoder: "Decoder") -> None:
        """Start from `decoder`'s own norms, if this bank has any."""
        if self.norms is not None:
            self.norms.data.copy_(decoder.own_norms())

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return the stylised features."""
        stylised: torch.Tensor = self.layers(features)
        return stylised


def start_near_identity(layer: nn.Module) -> None:
    """Let an untrained convolution pass its input on, with some noise, so that a style starts from the photo."""
    if isinstance(layer, NormalisedConv):
        with torch.no_grad():
            weight = layer.conv.weight
            weight.mul_(0.3).add_(nn.init.dirac_(torch.empty_like(weight)))


class Decoder(nn.Module):
    """Features N×32×h×w to pictures N×3×4h×4w, around [0, 1] but not clipped to it."""

    def __init__(self, architecture: Architecture = ARCHITECTURES["srinath"]) -> None:
        super().__init__()
        first, second, third = architecture.widths
        self.norms_sizes = (2 * second, 2 * first)
        self.conv1 = NormalisedConv(third, second, 3, margin=1)
        self.up2 = FractionalConv(second, first, 3)
        self.norm2 = living_norm(first)
        self.up3 = FractionalConv(first, 3, architecture.outer_kernel_px, bias=True)
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

    def own_norms(self) -> torch.Tensor:
        """Return the decoder's own scales and biases in a bank's order."""
        return torch.cat([part.detach() for norm in (self.conv1.norm, self.norm2) for part in (norm.weight, norm.bias)])
