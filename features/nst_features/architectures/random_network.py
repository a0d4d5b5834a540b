"""A feature network that needs no download: seeded random filters over an image pyramid."""

from collections.abc import Collection

import torch
from torch import nn
from torch.nn import functional as F

from nst_features.network import FeatureNetwork, Stages

RANDOM_LAYERS = ("scale1", "scale2", "scale3", "scale4")  # each a level of the pyramid, finest first
FILTERS = 48
KERNEL_PX = 7


class RandomScale(nn.Module):
    """Halve the picture `level` times, then one layer of random zero-mean filters and ReLU."""

    weight: torch.Tensor

    def __init__(self, level: int, generator: torch.Generator) -> None:
        super().__init__()
        self.level = level
        weight = torch.randn(FILTERS, 3, KERNEL_PX, KERNEL_PX, generator=generator)
        # Half of the filters see edges alone, the others colour as well.
        weight[::2] -= weight[::2].mean(dim=(2, 3), keepdim=True)
        self.register_buffer("weight", weight / weight.flatten(1).norm(dim=1).view(-1, 1, 1, 1))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return N×48×h×w activations of `image` N×3×H×W, h = H / 2^level."""
        size = min(image.shape[-2:])
        level = min(self.level, max(size.bit_length() - 4, 0))
        small = F.avg_pool2d(image, 2**level) if level else image
        margin = KERNEL_PX // 2
        return torch.relu_(F.conv2d(F.pad(small, (margin,) * 4, mode="reflect"), self.weight))


class RandomNetwork(FeatureNetwork):
    """Shallow multi-scale filters, each scale computed from the picture itself."""

    def forward(self, image: torch.Tensor, layers: Collection[str]) -> dict[str, torch.Tensor]:
        """Return the feature maps of `image` (N×3×H×W in [0, 1]) at `layers`, as FeatureNetwork does."""
        self.check_layers(layers)
        names = [name for name in self.layers if name in layers]
        x = (image.to(self.mean.dtype) - self.mean) / self.std
        return {name: self.stages[self.layers.index(name)](x) for name in names}


def draw_random(seed: int) -> Stages:
    """Return the random filters that `seed` stands for.

    Ustyuzhaninov et al., "What does it take to generate natural textures?" (2016): one layer of random filters at
    several scales gives textures that compete with a trained VGG's.
    """
    generator = torch.Generator().manual_seed(seed)
    return [(layer, RandomScale(level, generator)) for level, layer in enumerate(RANDOM_LAYERS)]
