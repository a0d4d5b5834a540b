"""The feature networks by name: one row each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nst_features.architectures.random_network import RANDOM_LAYERS, RandomNetwork, draw_random
from nst_features.architectures.torchvision_networks import (
    RESNET_LAYERS,
    SQUEEZENET_LAYERS,
    build_resnet50,
    build_squeezenet,
    draw_resnet50,
    is_resnet50,
    is_squeezenet,
)
from nst_features.architectures.vgg import VGG16, VGG19, build_vgg, is_vgg, vgg_places
from nst_features.known_weights import DOWNLOADS
from nst_features.names import NetworkName, NormalisationName, PaddingName, PoolingName, Precision
from nst_features.network import FeatureNetwork, Stages
from nst_features.variants import set_padding, set_pooling
from nst_features.weights import ForeignWeightsError, StateDict, Weights, load_weights, settle
from nst_runtime.errors import NstError


@dataclass(frozen=True)
class Architecture:
    """The layers of a network, in order, and those that style transfer uses when nobody says otherwise.

    That is whichever of `style_layers` there are, and the first of `content_layers` that there is; where weights end
    before any of them, the last layer there is. `depths` say where each layer lies, from 0 (first) to 1 (last); without
    them they lie evenly.
    """

    layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    content_layers: tuple[str, ...]
    depths: tuple[float, ...] = ()

    def depth(self, layer: str) -> float:
        """Return where `layer`, one of the architecture's, lies in it."""
        place = self.layers.index(layer)
        return self.depths[place] if self.depths else place / (len(self.layers) - 1)


@dataclass(frozen=True)
class Trained:
    """A network that weights are loaded into.

    `build` makes its stages of tensors by torchvision's names, or raises ForeignWeightsError; `fits` tells whether
    tensors are its own from the first layer on, as far as their names and shapes tell.
    """

    architecture: Architecture
    build: Callable[[StateDict], Stages]
    fits: Callable[[StateDict], bool]


@dataclass(frozen=True)
class Drawn:
    """A network whose filters are drawn by a seed."""

    architecture: Architecture
    draw: Callable[[int], Stages]
    kind: type[FeatureNetwork] = FeatureNetwork


def _vgg(blocks: tuple[int, ...]) -> Trained:
    layers = tuple(vgg_places(blocks))
    firsts = tuple(layer for layer in layers if layer.endswith("_1"))
    places = [map(int, layer.removeprefix("relu").split("_")) for layer in layers]
    depths = tuple(min(1.0, (block - 1 + (number - 1) / 8) / 4) for block, number in places)
    architecture = Architecture(layers, firsts, ("relu4_2", "relu4_1", "relu3_1"), depths)
    return Trained(architecture, partial(build_vgg, blocks=blocks), partial(is_vgg, blocks=blocks))


_SQUEEZENET = Architecture(SQUEEZENET_LAYERS, ("relu1", "fire3", "fire5", "fire7", "fire9"), ("fire5",))
_RESNET = Architecture(RESNET_LAYERS, RESNET_LAYERS[1:], ("block3",))

NETWORKS: dict[NetworkName, Trained | Drawn] = {
    "vgg16": _vgg(VGG16),
    "vgg19": _vgg(VGG19),
    "squeezenet1_1": Trained(_SQUEEZENET, build_squeezenet, is_squeezenet),
    "resnet50": Trained(_RESNET, build_resnet50, is_resnet50),
    "resnet50_random": Drawn(_RESNET, draw_resnet50),
    "random": Drawn(Architecture(RANDOM_LAYERS, RANDOM_LAYERS, ("scale3",)), draw_random, RandomNetwork),
}


def load_network(
    name: NetworkName,
    *,
    weights: Path | None = None,
    weights_normalisation: NormalisationName | None = None,
    seed: int = 0,
    precision: Precision = "fp32",
    pooling: PoolingName | None = None,
    padding: PaddingName | None = None,
) -> FeatureNetwork:
    """Return the feature network `name`, frozen.

    `weights` is a safetensors or .pth file, or the name of a registered one (nst_features.weights_folder), in place of
    torchvision's download. How it wants pixels normalised is known by its hash, or stands in its metadata (a
    safetensors file's ``normalisation``); for other files `weights_normalisation` says so, or else it is torchvision's.
    The file's name says nothing. `seed` draws the filters of ``random`` and ``resnet50_random``. ``bf16`` computes
    features about three times as fast on processors with bfloat16 units. `pooling` and `padding` replace the network's
    own (max; VGG reflects, the others pad with zeros); ``random``, whose layers are one filter each over an averaged
    picture, has neither to replace. Raises NstError for an unknown name, unreadable or foreign weights, a normalisation
    other than the weights are known to have, or a download that cannot happen.
    """
    row = NETWORKS.get(name)
    if row is None:
        raise NstError(f"no feature network {name!r}; there are {', '.join(NETWORKS)}")
    if isinstance(row, Drawn):
        network = _draw(name, row, weights, weights_normalisation, seed)
    else:
        network = _load(name, row, load_weights(name, weights, weights_normalisation))
    if pooling is not None:
        set_pooling(network, pooling)
    if padding is not None:
        set_padding(network, padding)
    return network.freeze(precision)


def _draw(
    name: NetworkName, row: Drawn, weights: Path | None, normalisation: NormalisationName | None, seed: int
) -> FeatureNetwork:
    if weights is not None:
        raise NstError(f"{name} draws its own filters and takes no weights", "leave `weights` out")
    settle("torchvision", normalisation, name)
    return _assemble(name, row.architecture, row.draw(seed), row.kind, "torchvision", "")


def _load(name: NetworkName, row: Trained, weights: Weights) -> FeatureNetwork:
    try:
        stages = row.build(weights.tensors)
    except ForeignWeightsError as error:
        raise _foreign(weights, name, str(error)) from error
    return _assemble(name, row.architecture, stages, FeatureNetwork, weights.normalisation, weights.source)


def _assemble(
    name: NetworkName,
    architecture: Architecture,
    stages: Stages,
    kind: type[FeatureNetwork],
    normalisation: NormalisationName,
    source: str,
) -> FeatureNetwork:
    there = [layer for layer, _ in stages]
    contents = [layer for layer in architecture.content_layers if layer in there]
    return kind(
        name,
        stages,
        style_layers=tuple(layer for layer in architecture.style_layers if layer in there) or (there[-1],),
        content_layer=contents[0] if contents else there[-1],
        normalisation=normalisation,
        beyond=tuple(layer for layer in architecture.layers if layer not in there),
        source=source,
    )


def depth_of(layer: str) -> float | None:
    """Return where `layer` lies in the architecture that has it, from 0 (first) to 1 (last), None where none has it."""
    architectures = (row.architecture for row in NETWORKS.values())
    return next((each.depth(layer) for each in architectures if layer in each.layers), None)


def fitting_networks(tensors: StateDict) -> tuple[NetworkName, ...]:
    """Return the networks that `tensors` are weights of, from the first layer on; several where a file ends early."""
    return tuple(name for name, row in NETWORKS.items() if isinstance(row, Trained) and row.fits(tensors))


def _foreign(weights: Weights, name: NetworkName, reason: str) -> NstError:
    """Return the error for `weights` that are not of the network `name`, for a `reason`: it says which they are of."""
    others = [other for other in fitting_networks(weights.tensors) if other != name]
    if others:
        return NstError(
            f"{weights.source} holds weights of {' or '.join(others)}, not of {name}: {reason}",
            f"set `network` to {others[0]}",
        )
    return NstError(
        f"{weights.source} holds weights of another network than {name}: {reason}",
        f"give weights of {name} with torchvision's names of tensors, such as {DOWNLOADS[name].url}",
    )
