"""SqueezeNet 1.1 and ResNet-50 as feature networks, built by torchvision."""

from pathlib import Path

import torch
from torch import nn
from torchvision.models import ResNet, ResNet50_Weights, SqueezeNet1_1_Weights, resnet50, squeezenet1_1

from nst_features.network import FeatureNetwork
from nst_features.weights import StateDict, download, read_weights
from nst_runtime.errors import NstError

# Noise of a picture's mean and variance, as normalised for the network, to set its batch norms by.
NOISE_SHAPE = (4, 3, 128, 128)
RESNET_BLOCKS = (1, 2, 3, 4)


def load_squeezenet(weights: Path | None) -> FeatureNetwork:
    """Return SqueezeNet 1.1; its layers are ``relu1`` and the fire modules ``fire2`` … ``fire9``."""
    model = squeezenet1_1()
    state = (
        read_weights(weights)
        if weights
        else download(lambda: SqueezeNet1_1_Weights.IMAGENET1K_V1.get_state_dict(check_hash=True), "squeezenet1_1")
    )
    _fill(model, state, "squeezenet1_1", weights, optional="classifier.")
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
    )


def load_resnet50(weights: Path | None) -> FeatureNetwork:
    """Return ResNet-50; its layers are ``conv1`` (after batch norm and ReLU) and the blocks ``block1`` … ``block4``.

    A file may end after any of the blocks; the network then ends there, too.
    """
    model = resnet50()
    state = (
        read_weights(weights)
        if weights
        else download(lambda: ResNet50_Weights.IMAGENET1K_V2.get_state_dict(check_hash=True), "resnet50")
    )
    blocks = [block for block in RESNET_BLOCKS if any(key.startswith(f"layer{block}.") for key in state)]
    missing = tuple(f"layer{block}." for block in RESNET_BLOCKS if block > max(blocks, default=0))
    _fill(model, state, "resnet50", weights, optional=("fc.", *missing))
    return _resnet50_features(model, "resnet50", len(blocks))


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


def _resnet50_features(model: ResNet, name: str, blocks: int = len(RESNET_BLOCKS)) -> FeatureNetwork:
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
    )


def _fill(
    model: nn.Module, state: StateDict, name: str, source: Path | None, *, optional: str | tuple[str, ...]
) -> None:
    """Load `state` into `model`; only tensors that begin with (one of) `optional` may be missing or left over."""
    try:
        result = model.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise NstError(f"{source} holds weights of another network than {name}") from error
    wrong = [key for key in (*result.missing_keys, *result.unexpected_keys) if not key.startswith(optional)]
    if wrong:
        raise NstError(f"{source} holds weights of another network than {name}: {wrong[0]} does not match")


def _out_of_place(stages: list[tuple[str, nn.Module]]) -> list[tuple[str, nn.Module]]:
    """Keep a later stage from overwriting the activations that an earlier one has returned."""
    for _, stage in stages:
        for module in stage.modules():
            if isinstance(module, nn.ReLU):
                module.inplace = False
    return stages
