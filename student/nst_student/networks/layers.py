"""The layers that codecs and banks are made of."""

import torch
from torch import nn
from torch.nn import functional as F

# Zeros around a kernel of fractional stride, left, right, top and bottom, for its phases to reach out to.
FRAME = (1, 2, 1, 2)


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

    picks: torch.Tensor  # 2×m×(k+3), one for the row of the framed kernel that a phase's tap is

    def __init__(self, width_in: int, width_out: int, kernel_px: int, *, bias: bool = False) -> None:
        super().__init__()
        self.kernel_px = kernel_px
        self.taps = nn.Parameter(torch.empty(width_in, width_out, kernel_px - 1, kernel_px - 1))
        self.bias = nn.Parameter(torch.zeros(width_out)) if bias else None
        picks = F.one_hot(self.phase_rows(), kernel_px + sum(FRAME[:2])).float()
        self.register_buffer("picks", picks, persistent=False)
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

    def phase_rows(self) -> torch.Tensor:
        """Return 2×m rows of the kernel framed by FRAME: those that the output's even and odd rows are made by.

        Tap t of phase p is kernel element k//2 + p - 2 (t - before); those outside the kernel are zero.
        """
        before, after = self.margins
        reach = torch.arange(before + after + 1)
        return torch.stack([self.kernel_px // 2 + phase - 2 * (reach - before) + 1 for phase in (0, 1)])

    def subpixel_weight(self) -> torch.Tensor:
        """Return the stride-1 kernel 4·C_out×C_in×m×m whose pixel shuffle is this layer."""
        grid = F.pad(self.weight, FRAME)
        picks = self.picks.to(grid.dtype)
        phases = torch.einsum("iokl,ptk,qul->opqitu", grid, picks, picks)
        return phases.flatten(0, 2)

    def subpixel_bias(self) -> torch.Tensor | None:
        """Return the bias of the stride-1 form, 4·C_out, or None."""
        return None if self.bias is None else self.bias.repeat_interleave(4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return N×C_out×2h×2w of `x` N×C_in×h×w."""
        before, after = self.margins
        padded = F.pad(x, (before, after, before, after), mode="reflect")
        return F.pixel_shuffle(F.conv2d(padded, self.subpixel_weight(), self.subpixel_bias()), 2)


class PhaseFreeConv(FractionalConv):
    """A fractional-stride convolution whose kernel is free but for one thing: a flat input gives a flat output.

    The output's pixels take turns in four phases, each by its own share of the kernel. What is learned is `taps`,
    C_in×C_out×k×k, and `weight` is `taps` with the four shares brought to the same sum. That rules out the lattice on
    plain areas, and lets the kernel be as sharp as a pen's line; the 2×2 mean halves what has a period of 4 px.
    """

    def __init__(self, width_in: int, width_out: int, kernel_px: int, *, bias: bool = False) -> None:
        super().__init__(width_in, width_out, kernel_px, bias=bias)
        self.taps = nn.Parameter(torch.empty(width_in, width_out, kernel_px, kernel_px))
        nn.init.normal_(self.taps, std=(2 / (width_in * kernel_px**2 / 4)) ** 0.5)
        self.register_buffer("phases", phase_masks(kernel_px), persistent=False)

    phases: torch.Tensor  # 4×k×k

    @property
    def weight(self) -> torch.Tensor:
        """The kernel C_in×C_out×k×k."""
        phases = self.phases.to(self.taps.dtype)
        sums = torch.einsum("iokl,pkl->iop", self.taps, phases)
        excess = (sums - sums.mean(dim=2, keepdim=True)) / phases.sum(dim=(1, 2))
        return self.taps - torch.einsum("iop,pkl->iokl", excess, phases)


def phase_masks(kernel_px: int) -> torch.Tensor:
    """Return 4×k×k masks, 1 where a kernel's element has a part in the output pixels of one of the four phases."""
    parity = torch.arange(kernel_px) % 2
    rows = torch.stack([(parity == 0), (parity == 1)]).float()
    return torch.einsum("ak,bl->abkl", rows, rows).flatten(0, 1)


def start_near_identity(layer: nn.Module) -> None:
    """Let an untrained convolution pass its input on, with some noise, so that a style starts from the photo."""
    conv = layer.conv if isinstance(layer, NormalisedConv) else layer
    if isinstance(conv, nn.Conv2d):
        with torch.no_grad():
            weight = conv.weight
            weight.mul_(0.3).add_(nn.init.dirac_(torch.empty_like(weight)))
