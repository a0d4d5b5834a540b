"""What every feature network offers: named layers, computed no deeper than asked."""

from collections.abc import Collection

import torch
from torch import nn

from nst_features.names import NormalisationName, Precision
from nst_runtime.errors import NstError

Stages = list[tuple[str, nn.Module]]
"""A network's layers by name, in order, each run on what the one before returns."""

# Mean and deviation of each channel, of pixels in [0, 1]. Caffe's networks want pixels in 0…255 less their mean.
NORMALISATIONS: dict[NormalisationName, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "torchvision": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "caffe": ((0.48235, 0.45882, 0.40784), (1 / 255, 1 / 255, 1 / 255)),
}


class FeatureNetwork(nn.Module):
    """A frozen network whose named layers describe a picture.

    Its layers are given as `stages`. `content_layer` and `style_layers` become ``default_content_layer`` and
    ``default_style_layers``: what style transfer with this network uses when nobody says otherwise. `beyond` are the
    layers of the architecture that the weights, from `source`, lack because they end before.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(
        self,
        name: str,
        stages: Stages,
        *,
        style_layers: tuple[str, ...],
        content_layer: str,
        normalisation: NormalisationName = "torchvision",
        beyond: tuple[str, ...] = (),
        source: str = "",
    ) -> None:
        super().__init__()
        self.name, self.source, self.beyond = name, source, beyond
        self.layers = tuple(layer for layer, _ in stages)
        self.stages = nn.ModuleList(stage for _, stage in stages)
        self.default_style_layers = style_layers
        self.default_content_layer = content_layer
        self.normalisation = normalisation
        mean, std = NORMALISATIONS[normalisation]
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
        """Raise NstError, which lists the layers there are, when one of `layers` is not a layer of this network."""
        unknown = [layer for layer in layers if layer not in self.layers]
        if not unknown:
            return
        named, there = ", ".join(unknown), ", ".join(self.layers)
        if set(unknown) <= set(self.beyond):
            raise NstError(
                f"{self.source} ends after {self.layers[-1]}, before {named}; it has {there}",
                f"give weights of {self.name} that reach {unknown[-1]}, or name layers that this file has",
            )
        raise NstError(f"{self.name} has no layer {named}; it has {there}")
