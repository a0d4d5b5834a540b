"""A codec that keeps a photograph's pixels, and banks that are small U-Nets: they see far at an eighth of its size.

A style of large forms needs a bank that sees a hundred pixels around each one. The bank's work is done at an eighth of
the size, by separable convolutions (Howard et al., "MobileNets", 2017) with residual sums, where it costs little; what
comes of it goes up again by way of a quarter and a half of the size, as in a U-Net (Ronneberger et al. 2015).

What the encoder gives at half the size has no norm, so that it holds the photograph, and the decoder alone makes the
photograph of it. A bank may let it pass by all of its norms, by `skip`: the bank of no style is that path alone.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from nst_student.networks.layers import NormalisedConv, PhaseFreeConv, living_norm, normalise, start_near_identity

DETAILS, FEATURES = 8, 32  # channels at a half and a quarter of the picture's size
OUTER_KERNEL_PX = 5
# A variance far below that of photographs is noise, and must not be divided by.
EPS = 1e-2


@dataclass(frozen=True)
class UNetPlan:
    """How large a bank's work at an eighth of the size is: `blocks` of `width` channels, separable or `dense`.

    `deeper` is how many such blocks work at a sixteenth; their sum with what came in goes through the others. With
    `shared_deep` the convolutions at an eighth and below are the same in all banks of a codec. With `pooled` a quarter
    and an eighth of the size are reached by means of 2×2 and a convolution of stride 1, not by one of stride 2, which
    takes what is finer than its grid for something else (Zhang, "Making convolutional networks shift-invariant again",
    2019).
    """

    width: int = 64
    blocks: int = 6
    dense: bool = False
    deeper: int = 0
    shared_deep: bool = False
    pooled: bool = False

    def block(self) -> "SeparableConv | NormalisedConv":
        """Return a new block, which keeps the size and the number of channels."""
        return NormalisedConv(self.width, self.width, 3, margin=1) if self.dense else SeparableConv(self.width)


PLAN = UNetPlan()
# Parts of a bank that work at an eighth of the size and below, and their sums: what a codec may share.
DEEP_PARTS = ("down.", "blocks.", "deeper.", "rise.")


class Halving(NormalisedConv):
    """A 3×3 convolution to half the size: of stride 2, or where `pooled` of stride 1 after a mean of 2×2 pixels."""

    def __init__(self, width_in: int, width_out: int, *, pooled: bool) -> None:
        super().__init__(width_in, width_out, 3, stride=1 if pooled else 2, margin=1)
        self.pooled = pooled

    def forward(self, x: torch.Tensor, affine: torch.Tensor | None = None) -> torch.Tensor:
        """Return N×C_out×h×w activations of `x` N×C_in×2h×2w; `affine` as in `normalise`."""
        return super().forward(F.avg_pool2d(x, 2) if self.pooled else x, affine)


class UNetEncoder(nn.Module):
    """Pictures N×3×H×W in [0, 1], sides multiples of 8, to features N×32×H/4×W/4 and details N×8×H/2×W/2."""

    def __init__(self, plan: UNetPlan = PLAN) -> None:
        super().__init__()
        half = OUTER_KERNEL_PX // 2
        self.down1 = nn.Conv2d(3, DETAILS, OUTER_KERNEL_PX, 2, half, padding_mode="reflect")
        self.down2 = Halving(DETAILS, FEATURES, pooled=plan.pooled)
        self.down2.norm.eps = EPS
        nn.init.kaiming_normal_(self.down1.weight)
        if self.down1.bias is not None:
            nn.init.constant_(self.down1.bias, 0.2)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the features and the details of `image`."""
        details = torch.relu(self.down1(image))
        return self.down2(details), details


class SeparableConv(nn.Module):
    """A 3×3 convolution of each channel by itself, a 1×1 convolution of all, instance norm and ReLU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect", groups=width, bias=False)
        self.pointwise = nn.Conv2d(width, width, 1, bias=False)
        self.norm = living_norm(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the activations of `x`, of its shape N×C×h×w."""
        return normalise(self.pointwise(self.depthwise(x)), self.norm)


class Deeper(nn.Module):
    """A path at half the size of what it is given, N×C×2h×2w, whose result has that shape and is a sum with it."""

    def __init__(self, plan: UNetPlan) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(plan.block() for _ in range(plan.deeper))
        self.rise = nn.Conv2d(plan.width, plan.width, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return `x` and what the path adds to it."""
        deep = F.avg_pool2d(x, 2)
        for block in self.blocks:
            deep = deep + block(deep)
        return x + F.interpolate(self.rise(deep), scale_factor=2, mode="nearest")


class UNetBank(nn.Module):
    """What makes one style: features N×32×2h×2w and details N×8×4h×4w to what is painted, N×8×4h×4w."""

    def __init__(self, plan: UNetPlan = PLAN) -> None:
        super().__init__()
        self.plan = plan
        self.down = Halving(FEATURES, plan.width, pooled=plan.pooled)
        self.deeper = Deeper(plan) if plan.deeper else None
        self.blocks = nn.ModuleList(plan.block() for _ in range(plan.blocks))
        self.rise = nn.Conv2d(plan.width, FEATURES, 1, bias=False)
        self.merge = SeparableConv(FEATURES)
        self.up = PhaseFreeConv(FEATURES, DETAILS, 3)
        self.fine = nn.Conv2d(DETAILS, DETAILS, 3, padding=1, padding_mode="reflect", bias=False)
        self.norm = living_norm(DETAILS)
        self.last = NormalisedConv(DETAILS, DETAILS, 3, margin=1)
        self.skip = nn.Conv2d(DETAILS, DETAILS, 1, bias=False)
        for module in self.modules():
            if isinstance(module, nn.InstanceNorm2d):
                module.eps = EPS
        with torch.no_grad():
            for path in (self, self.deeper):
                if path is not None:
                    path.rise.weight.mul_(0.3)
            self.skip.weight.zero_()
        for layer in (self.fine, self.last, self.merge.depthwise, self.merge.pointwise):
            start_near_identity(layer)

    def forward(self, features: torch.Tensor, details: torch.Tensor) -> tuple[torch.Tensor]:
        """Return what the decoder shall turn into pixels."""
        deep = self.down(features)
        if self.deeper is not None:
            deep = self.deeper(deep)
        for block in self.blocks:
            deep = deep + block(deep)
        seen = features + F.interpolate(self.rise(deep), scale_factor=2, mode="nearest")
        merged = normalise(self.up(self.merge(seen)) + self.fine(details), self.norm)
        return (self.last(merged) + self.skip(details),)

    def shared(self) -> list[str]:
        """Return the names of the parameters that all banks of a codec have in common: none, or the deep kernels."""
        kernels = (name for name, parameter in self.named_parameters() if parameter.dim() == 4)
        return [name for name in kernels if self.plan.shared_deep and name.startswith(DEEP_PARTS)]


def plain_bank(start: UNetBank | None = None) -> UNetBank:
    """Return the bank of no style: what is painted is the encoder's details.

    All else of it is as in `start`, so that weighted sums with banks that began there make sense.
    """
    bank = UNetBank() if start is None else UNetBank(start.plan)
    if start is not None:
        bank.load_state_dict(start.state_dict())
    with torch.no_grad():
        bank.last.norm.weight.zero_()
        bank.last.norm.bias.zero_()
        nn.init.dirac_(bank.skip.weight)
    return bank.requires_grad_(False)


class UNetDecoder(nn.Module):
    """What is painted, N×8×2h×2w, to pictures N×3×4h×4w, around [0, 1] but not clipped to it.

    `start` is what new banks start from: the mean of the banks that the codec was trained with.
    """

    def __init__(self, plan: UNetPlan = PLAN) -> None:
        super().__init__()
        self.up = PhaseFreeConv(DETAILS, 3, OUTER_KERNEL_PX, bias=True)
        self.start = UNetBank(plan).requires_grad_(False)
        with torch.no_grad():
            self.up.taps.mul_(0.2)
            if self.up.bias is not None:
                self.up.bias.fill_(0.5)

    def forward(self, painted: torch.Tensor) -> torch.Tensor:
        """Return the picture that `painted` stands for."""
        image: torch.Tensor = self.up(painted)
        return image

    def first_weights(self) -> dict[str, torch.Tensor]:
        """Return what a new bank starts from."""
        return self.start.state_dict()

    def reconstruct(self, features: torch.Tensor, details: torch.Tensor) -> torch.Tensor:
        """Return the photograph that `details` stand for; `features` take no part."""
        return self(details)  # type: ignore[no-any-return]
