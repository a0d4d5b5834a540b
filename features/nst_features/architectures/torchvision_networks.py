"""SqueezeNet 1.1 and ResNet-50, built by torchvision."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models import ResNet, resnet50, squeezenet1_1
from torchvision.models.resnet import Bottleneck

from nst_features.network import Stages
from nst_features.weights import ForeignWeightsError, StateDict

# Noise of a picture's mean and variance, as normalised for the network, to set its batch norms by.
NOISE_SHAPE = (4, 3, 128, 128)
SQUEEZENET_LAYERS = ("relu1", *(f"fire{number}" for number in range(2, 10)))
RESNET_BLOCKS = (1, 2, 3, 4)
RESNET_LAYERS = ("conv1", *(f"block{block}" for block in RESNET_BLOCKS))


def build_squeezenet(tensors: StateDict) -> Stages:
    """Return SqueezeNet 1.1: ``relu1`` and the fire modules.

    A file may end after any of them; the network then ends there, too. Raises ForeignWeightsError for weights of
    another network.
    """
    model = squeezenet1_1()
    features = list(model.features)
    there = {".".join(key.split(".")[:2]) for key in tensors}
    last = max((place for place in range(len(features)) if f"features.{place}" in there), default=0)
    missing = tuple(f"features.{place}." for place in range(last + 1, len(features)))
    _fill(model, tensors, optional=("classifier.", *missing))
    stages: list[nn.Module] = [nn.Sequential(*features[:2])]
    pending: list[nn.Module] = []
    for module in features[2 : last + 1]:
        pending.append(module)
        if not isinstance(module, nn.MaxPool2d):
            stages.append(nn.Sequential(*pending))
            pending = []
    return _out_of_place(list(zip(SQUEEZENET_LAYERS, stages, strict=False)))


def build_resnet50(tensors: StateDict) -> Stages:
    """Return ResNet-50: ``conv1`` (after batch norm and ReLU) and the blocks.

    A file may end after any of the blocks; the network then ends there, too. Raises ForeignWeightsError for weights of
    another network.
    """
    model = resnet50()
    blocks = [block for block in RESNET_BLOCKS if any(key.startswith(f"layer{block}.") for key in tensors)]
    missing = tuple(f"layer{block}." for block in RESNET_BLOCKS if block > max(blocks, default=0))
    _fill(model, tensors, optional=("fc.", *missing))
    return _resnet50_stages(model)[: len(blocks) + 1]


def draw_resnet50(seed: int) -> Stages:
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
    return _resnet50_stages(model.eval())


def _resnet50_stages(model: ResNet) -> Stages:
    """Return the stages of `model`, whose batch norms become a part of the convolutions before them."""
    _fuse_norms(model.eval())
    first = nn.Sequential(model.conv1, model.relu)
    stages = (first, nn.Sequential(model.maxpool, model.layer1), model.layer2, model.layer3, model.layer4)
    return _out_of_place(list(zip(RESNET_LAYERS, stages, strict=True)))


def _fuse_norms(model: ResNet) -> None:
    pairs: list[tuple[nn.Module, str, str]] = [(model, "conv1", "bn1")]
    for module in model.modules():
        if isinstance(module, Bottleneck):
            pairs += [(module, f"conv{place}", f"bn{place}") for place in (1, 2, 3)]
            if module.downsample is not None:
                pairs.append((module.downsample, "0", "1"))
    for parent, conv, norm in pairs:
        setattr(parent, conv, fuse_conv_bn_eval(getattr(parent, conv), getattr(parent, norm)))
        setattr(parent, norm, nn.Identity())


def is_squeezenet(tensors: StateDict) -> bool:
    """Tell whether `tensors` are the first of SqueezeNet's, or all."""
    return _begins(squeezenet1_1, tensors)


def is_resnet50(tensors: StateDict) -> bool:
    """Tell whether `tensors` are the first of ResNet-50's, or all."""
    return _begins(resnet50, tensors)


def _begins(make: Callable[[], nn.Module], tensors: StateDict) -> bool:
    with torch.device("meta"):
        expected = make().state_dict()
    known = all(key in expected and value.shape == expected[key].shape for key, value in tensors.items())
    return known and next(iter(expected)) in tensors


def _fill(model: nn.Module, tensors: StateDict, *, optional: str | tuple[str, ...]) -> None:
    """Load `tensors` into `model`; only those that begin with (one of) `optional` may be missing or left over."""
    try:
        result = model.load_state_dict(tensors, strict=False)
    except RuntimeError as error:
        raise ForeignWeightsError("a tensor has another shape") from error
    wrong = [key for key in (*result.missing_keys, *result.unexpected_keys) if not key.startswith(optional)]
    if wrong:
        raise ForeignWeightsError(f"{wrong[0]} does not match")


def _out_of_place(stages: Stages) -> Stages:
    """Keep a later stage from overwriting the activations that an earlier one has returned."""
    for _, stage in stages:
        for module in stage.modules():
            if isinstance(module, nn.ReLU):
                module.inplace = False
    return stages
