"""Tell which network the tensors of a weights file belong to, by their names and shapes."""

from collections.abc import Mapping

import torch
from torch import nn
from torchvision.models import resnet50, squeezenet1_1

from nst_features.known_weights import DOWNLOADS
from nst_features.weights import StateDict, Weights
from nst_runtime.errors import NstError

VGG_BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}


def vgg_places(name: str) -> dict[str, int]:
    """Return the place of each layer's convolution among torchvision's ``features.N``, by the layer's name in order."""
    places: dict[str, int] = {}
    place = 0
    for block, convolutions in enumerate(VGG_BLOCKS[name], start=1):
        for convolution in range(1, convolutions + 1):
            places[f"relu{block}_{convolution}"] = place
            place += 2  # the ReLU comes between
        place += 1  # the pooling
    return places


def fitting_networks(tensors: StateDict) -> tuple[str, ...]:
    """Return the networks that `tensors` are weights of, from the first layer on; several where a file ends early."""
    features = {key for key in tensors if key.startswith("features.")}
    vggs = tuple(name for name in VGG_BLOCKS if features and features == _vgg_keys(name, len(features)))
    if vggs:
        return vggs
    with torch.device("meta"):
        models = {"squeezenet1_1": squeezenet1_1(), "resnet50": resnet50()}
    return tuple(name for name, model in models.items() if _begins(model, tensors))


def _vgg_keys(name: str, count: int) -> set[str]:
    """Return what the first `count` tensors of the VGG `name` are called."""
    keys = [f"features.{place}.{part}" for place in vgg_places(name).values() for part in ("weight", "bias")]
    return set(keys[:count])


def _begins(model: nn.Module, tensors: Mapping[str, torch.Tensor]) -> bool:
    """Tell whether `tensors` are the first of the model's, or all."""
    expected = model.state_dict()
    known = all(key in expected and value.shape == expected[key].shape for key, value in tensors.items())
    return known and next(iter(expected)) in tensors


def foreign(weights: Weights, name: str, reason: str) -> NstError:
    """Return the error for `weights` that are not of the network `name`, for a `reason`: it says which they are of."""
    others = [other for other in fitting_networks(weights.tensors) if other != name]
    if others:
        return NstError(
            f"{weights.source} holds weights of {' or '.join(others)}, not of {name}: {reason}",
            f"set `network` to {others[0]}",
        )
    return NstError(
        f"{weights.source} holds weights of another network than {name}: {reason}",
        f"give weights of {name} with torchvision's names of tensors, such as {DOWNLOADS[name].source}",
    )
