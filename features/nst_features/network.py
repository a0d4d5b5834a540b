"""What every feature network offers: named layers, computed no deeper than asked."""

from collections.abc import Collection
from typing import Literal

import torch
from torch import nn

from nst_runtime.errors import NstError

Precision = Literal["fp32", "tf32", "bf16"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class FeatureNetwork(nn.Module):
    """A frozen network whose named layers describe a picture.

    A subclass gives its layers as `stages`, run one after another: (layer name, module). `content_layer` and
    `style_layers` are what style transfer with this network uses when nobody says otherwise.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(
        self,
        name: str,
        stages: list[tuple[str, nn.Module]],
        *,
        style_layers: tuple[str, ...],
        content_layer: str,
        mean: tuple[float, ...] = IMAGENET_MEAN,
        std: tuple[float, ...] = IMAGENET_STD,
    ) -> None:
        super().__init__()
        self.name = name
        self.layers = tuple(layer for layer, _ in stages)
        self.stages = nn.ModuleList(stage for _, stage in stages)
        self.default_style_layers = style_layers
        self.default_content_layer = content_layer
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1))

    def freeze(self, precision: Precision = "fp32") -> "FeatureNetwork":
        """Fix every weight, choose the arithmetic and the memory layout it is fastest in, and return the network."""
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        self.to(dtype=dtype).to(memory_format=torch.channels_last)
        return self.eval().requires_grad_(False)

    def forward(self, image: torch.Tensor, layers: Collection[str]) -> dict[str, torch.Tensor]:
        """Return the feature maps N×C×h×w of `image` (N×3×H×W, RGB in [0, 1]) at `layers`, by name.

        Stops at the deepest layer asked for. Raises NstError that lists the layers there are for an unknown one.
        """
        self.check_layers(layers)
        found: dict[str, torch.Tensor] = {}
        x = (image.to(self.mean.dtype) - self.mean) / self.std
        x = x.contiguous(memory_format=torch.channels_last)
        for layer, stage in zip(self.layers, self.stages, strict=True):
            if len(found) == len(set(layers)):
                break
            x = stage(x)
            if layer in layers:
                found[layer] = x
        return found

    def check_layers(self, layers: Collection[str]) -> None:
        """Raise NstError when one of `layers` is not a layer of this network."""
        unknown = [layer for layer in layers if layer not in self.layers]
        if unknown:
            raise NstError(f"{self.name} has no layer {', '.join(unknown)}; it has {', '.join(self.layers)}")
