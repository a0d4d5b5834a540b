"""SqueezeNet 1.1 and ResNet-50 as feature networks, built by torchvision."""

import torch
from torch import nn
from torchvision.models import ResNet, resnet50, squeezenet1_1

from nst_features.names import NormalisationName
from nst_features.network import FeatureNetwork
from nst_features.recognition import foreign
from nst_features.weights import Weights

# Noise of a picture's mean and variance, as normalised for the network, to set its batch norms by.
NOISE_SHAPE = (4, 3, 128, 128)
RESNET_BLOCKS = (1, 2, 3, 4)


def build_squeezenet(weights: Weights) -> FeatureNetwork:
    """Return SqueezeNet 1.1; its layers are ``relu1`` and the fire modules ``fire2`` … ``fire9``."""
    model = squeezenet1_1()
    _fill(model, weights, "squeezenet1_1", optional="classifier.")
    features = list(model.features)
    stages: list[tuple[str, nn.Module]] = [("relu1", nn.Sequential(*features[:2]))]
    pending: list[nn.Module] = []
    for module in features[2:]:
        pending.append(module)
        if not isinstance(module, nn.MaxPool2d):
            stages.append((f"fire{len(stages) + 1}", nn.Sequential(*pending)))
            pending = []
    return FeatureNetwork(
        "squeezenet1_1",
        _out_of_place(stages),
        style_layers=("relu1", "fire3", "fire5", "fire7", "fire9"),
        content_layer="fire5",
        normalisation=weights.normalisation,
        source=weights.source,
    )


def build_resnet50(weights: Weights) -> FeatureNetwork:
    """Return ResNet-50; its layers are ``conv1`` (after batch norm and ReLU) and the blocks ``block1`` … ``block4``.

    A file may end after any of the blocks; the network then ends there, too.
    """
    model = resnet50()
    blocks = [block for block in RESNET_BLOCKS if any(key.startswith(f"layer{block}.") for key in weights.tensors)]
    missing = tuple(f"layer{block}." for block in RESNET_BLOCKS if block > max(blocks, default=0))
    _fill(model, weights, "resnet50", optional=("fc.", *missing))
    return _resnet50_features(model, "resnet50", len(blocks), weights.normalisation, weights.source)


def draw_resnet50(seed: int) -> FeatureNetwork:
    """Return ResNet-50 with the filters that torchvision starts a training from, drawn by `seed`.

    Its batch norms take their means and variances from noise, as they would from the first batches of a training; with
    torchvision's 0 and 1, activations grow from block to block.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = resnet50()
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = None  # the plain mean of all batches seen
        with torch.no_grad():
            model.train()(torch.randn(NOISE_SHAPE))
    return _resnet50_features(model.eval(), "resnet50_random")


def _resnet50_features(
    model: ResNet,
    name: str,
    blocks: int = len(RESNET_BLOCKS),
    normalisation: NormalisationName = "torchvision",
    source: str = "",
) -> FeatureNetwork:
    stages: list[tuple[str, nn.Module]] = [
        ("conv1", nn.Sequential(model.conv1, model.bn1, model.relu)),
        ("block1", nn.Sequential(model.maxpool, model.layer1)),
        ("block2", model.layer2),
        ("block3", model.layer3),
        ("block4", model.layer4),
    ]
    return FeatureNetwork(
        name,
        _out_of_place(stages[: blocks + 1]),
        style_layers=tuple(f"block{block}" for block in RESNET_BLOCKS[:blocks]) or ("conv1",),
        content_layer=f"block{min(blocks, 3)}" if blocks else "conv1",
        normalisation=normalisation,
        beyond=tuple(layer for layer, _ in stages[blocks + 1 :]),
        source=source,
    )


def _fill(model: nn.Module, weights: Weights, name: str, *, optional: str | tuple[str, ...]) -> None:
    """Load `weights` into `model`; only tensors that begin with (one of) `optional` may be missing or left over."""
    try:
        result = model.load_state_dict(weights.tensors, strict=False)
    except RuntimeError as error:
        raise foreign(weights, name, "a tensor has another shape") from error
    wrong = [key for key in (*result.missing_keys, *result.unexpected_keys) if not key.startswith(optional)]
    if wrong:
        raise foreign(weights, name, f"{wrong[0]} does not match")


def _out_of_place(stages: list[tuple[str, nn.Module]]) -> list[tuple[str, nn.Module]]:
    """Keep a later stage from overwriting the activations that an earlier one has returned."""
    for _, stage in stages:
        for module in stage.modules():
            if isinstance(module, nn.ReLU):
                module.inplace = False
    return stages
