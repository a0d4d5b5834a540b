"""VGG-16 and VGG-19 of any width and depth, read off their weights."""

import torch
from torch import nn
from torch.nn import functional as F

from nst_features.architectures.reflection import reflect_one
from nst_features.network import Stages
from nst_features.weights import ForeignWeightsError, StateDict

VGG16, VGG19 = (2, 2, 3, 3, 3), (2, 2, 4, 4, 4)  # convolutions in each block


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


def vgg_places(blocks: tuple[int, ...]) -> dict[str, int]:
    """Return the place of each layer's convolution among torchvision's ``features.N``, by the layer's name in order."""
    places: dict[str, int] = {}
    place = 0
    for block, convolutions in enumerate(blocks, start=1):
        for convolution in range(1, convolutions + 1):
            places[f"relu{block}_{convolution}"] = place
            place += 2  # the ReLU comes between
        place += 1  # the pooling
    return places


def build_vgg(tensors: StateDict, blocks: tuple[int, ...]) -> Stages:
    """Return the stages that `tensors` have, in order; stops where they stop, which must leave nothing over.

    Widths and depth come from the tensors, keys are torchvision's ``features.N``; so a distilled or cut VGG is a VGG.
    Raises ForeignWeightsError for weights of another network.
    """
    stages: Stages = []
    width = 3
    for layer, place in vgg_places(blocks).items():
        weight, bias = (tensors.get(f"features.{place}.{part}") for part in ("weight", "bias"))
        if weight is None or bias is None:
            break
        if weight.ndim != 4 or weight.shape[1:] != (width, 3, 3) or bias.shape != weight.shape[:1]:
            raise ForeignWeightsError(f"features.{place} of shape {tuple(weight.shape)} does not fit")
        width = weight.shape[0]
        stages.append((layer, ConvStage(weight, bias, pooled=layer.endswith("_1") and len(stages) > 0)))
    _check_whole(tensors, len(stages))
    return stages


def _check_whole(tensors: StateDict, stages: int) -> None:
    """Raise unless the `stages` have taken all the convolutions there are: the rest is of another network."""
    if not stages:
        raise ForeignWeightsError("it has no tensor features.0.weight")
    there = sum(key.startswith("features.") for key in tensors)
    if there > 2 * stages:
        raise ForeignWeightsError(f"only {2 * stages} of its {there} tensors called features.N match")


def is_vgg(tensors: StateDict, blocks: tuple[int, ...]) -> bool:
    """Tell whether `tensors` are called as the first of this VGG's, or as all of them."""
    features = {key for key in tensors if key.startswith("features.")}
    keys = [f"features.{place}.{part}" for place in vgg_places(blocks).values() for part in ("weight", "bias")]
    return bool(features) and features == set(keys[: len(features)])
