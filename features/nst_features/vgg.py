"""VGG-16 and VGG-19 of any width and depth, read off their weights."""

from itertools import count
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models import VGG16_Weights, VGG19_Weights

from nst_features.network import IMAGENET_MEAN, IMAGENET_STD, FeatureNetwork
from nst_features.reflection import reflect_one
from nst_features.weights import StateDict, download, read_weights
from nst_runtime.errors import NstError

BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
# torchvision's IMAGENET1K_FEATURES are the original Caffe weights, which want pixels in 0…255 less their mean.
CAFFE_MEAN = (0.48235, 0.45882, 0.40784)
CAFFE_STD = (1 / 255, 1 / 255, 1 / 255)
CAFFE_FILE = "vgg16_features"


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


def load_vgg(name: str, weights: Path | None) -> FeatureNetwork:
    """Return `name` (``vgg16`` or ``vgg19``) with torchvision's weights, or those of the file `weights`.

    Widths and depth come from the file, keys are torchvision's ``features.N``; so a distilled or cut VGG is a VGG.
    """
    if weights is not None:
        state, caffe = read_weights(weights), weights.name.startswith(CAFFE_FILE)
    elif name == "vgg16":
        state, caffe = (
            download(lambda: VGG16_Weights.IMAGENET1K_FEATURES.get_state_dict(check_hash=True), name),
            True,
        )
    else:
        state, caffe = (
            download(lambda: VGG19_Weights.IMAGENET1K_V1.get_state_dict(check_hash=True), name),
            False,
        )
    stages = _stages(name, state, weights)
    layers = tuple(layer for layer, _ in stages)
    firsts = tuple(layer for layer in layers if layer.endswith("_1"))
    content = [layer for layer in ("relu4_2", "relu4_1", "relu3_1") if layer in layers]
    return FeatureNetwork(
        name,
        stages,
        style_layers=firsts,
        content_layer=content[0] if content else layers[-1],
        mean=CAFFE_MEAN if caffe else IMAGENET_MEAN,
        std=CAFFE_STD if caffe else IMAGENET_STD,
    )


def _stages(name: str, state: StateDict, source: Path | None) -> list[tuple[str, nn.Module]]:
    """Return the stages that `state` has, in order; stops where the file stops, which must leave nothing over."""
    stages: list[tuple[str, nn.Module]] = []
    indices = count()
    width = 3
    for block, convs in enumerate(BLOCKS[name], start=1):
        for conv in range(1, convs + 1):
            index = next(indices)
            weight, bias = (state.get(f"features.{index}.{part}") for part in ("weight", "bias"))
            if weight is None or bias is None:
                return _checked(stages, state, name, source)
            if weight.ndim != 4 or weight.shape[1:] != (width, 3, 3) or bias.shape != weight.shape[:1]:
                raise NstError(f"{source}: features.{index} of shape {tuple(weight.shape)} is no {name} convolution")
            width = weight.shape[0]
            stages.append((f"relu{block}_{conv}", ConvStage(weight, bias, pooled=conv == 1 and block > 1)))
            next(indices)  # the ReLU
        next(indices)  # the pooling
    return _checked(stages, state, name, source)


def _checked(
    stages: list[tuple[str, nn.Module]], state: StateDict, name: str, source: Path | None
) -> list[tuple[str, nn.Module]]:
    """Return `stages`, which must have taken up all the convolutions of `state`: what is left is of another network."""
    if not stages:
        raise NstError(f"{source} holds no {name}: it has no tensor features.0.weight")
    convolutions = [key for key in state if key.startswith("features.")]
    if len(convolutions) > 2 * len(stages):
        raise NstError(
            f"{source} holds another network than {name}: it has {len(convolutions)} tensors called features.…, "
            f"of which {name} knows {2 * len(stages)}"
        )
    return stages
