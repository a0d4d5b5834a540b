"""VGG-16 and VGG-19 of any width and depth, read off their weights."""

import torch
from torch import nn
from torch.nn import functional as F

from nst_features.network import FeatureNetwork
from nst_features.recognition import foreign, vgg_places
from nst_features.reflection import reflect_one
from nst_features.weights import Weights


class ConvStage(nn.Module):
    """A 3×3 convolution with reflection padding and ReLU, after a 2×2 max pooling where a block begins."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor, *, pooled: bool) -> None:
        super().__init__()
        width_out, width_in = weight.shape[:2]
        self.pool = nn.MaxPool2d(2) if pooled else nn.Identity()
        self.conv = nn.Conv2d(width_in, width_out, 3, padding=1, padding_mode="reflect")
        self.conv.load_state_dict({"weight": weight, "bias": bias})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the activations of `x` N×C×h×w, at half the size where the stage pools."""
        return torch.relu_(self._convolve(self.pool(x)))

    def _convolve(self, x: torch.Tensor) -> torch.Tensor:
        if x.is_cuda and self.conv.padding_mode == "reflect":
            return F.conv2d(reflect_one(x), self.conv.weight, self.conv.bias)
        convolved: torch.Tensor = self.conv(x)
        return convolved


def build_vgg(name: str, weights: Weights) -> FeatureNetwork:
    """Return `name` (``vgg16`` or ``vgg19``) with `weights`.

    Widths and depth come from the weights, keys are torchvision's ``features.N``; so a distilled or cut VGG is a VGG.
    Raises NstError for weights of another network.
    """
    stages = _stages(name, weights)
    layers = tuple(layer for layer, _ in stages)
    firsts = tuple(layer for layer in layers if layer.endswith("_1"))
    content = [layer for layer in ("relu4_2", "relu4_1", "relu3_1") if layer in layers]
    return FeatureNetwork(
        name,
        stages,
        style_layers=firsts,
        content_layer=content[0] if content else layers[-1],
        normalisation=weights.normalisation,
        beyond=tuple(layer for layer in vgg_places(name) if layer not in layers),
        source=weights.source,
    )


def _stages(name: str, weights: Weights) -> list[tuple[str, nn.Module]]:
    """Return the stages that `weights` have, in order; stops where they stop, which must leave nothing over."""
    stages: list[tuple[str, nn.Module]] = []
    width = 3
    for layer, place in vgg_places(name).items():
        weight, bias = (weights.tensors.get(f"features.{place}.{part}") for part in ("weight", "bias"))
        if weight is None or bias is None:
            break
        if weight.ndim != 4 or weight.shape[1:] != (width, 3, 3) or bias.shape != weight.shape[:1]:
            shape = tuple(weight.shape)
            raise foreign(weights, name, f"features.{place} of shape {shape} is not a convolution of {name}")
        width = weight.shape[0]
        stages.append((layer, ConvStage(weight, bias, pooled=layer.endswith("_1") and len(stages) > 0)))
    _check_whole(name, weights, len(stages))
    return stages


def _check_whole(name: str, weights: Weights, stages: int) -> None:
    """Raise NstError unless the `stages` have taken all the convolutions there are: the rest is of another network."""
    if not stages:
        raise foreign(weights, name, "it has no tensor features.0.weight")
    tensors = sum(key.startswith("features.") for key in weights.tensors)
    if tensors > 2 * stages:
        raise foreign(weights, name, f"only {2 * stages} of its {tensors} tensors called features.N match")
