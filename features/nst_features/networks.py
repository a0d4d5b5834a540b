"""The feature networks by name."""

from pathlib import Path

from nst_features.names import NETWORK_NAMES, NetworkName, NormalisationName, PaddingName, PoolingName, Precision
from nst_features.network import FeatureNetwork
from nst_features.random_network import load_random
from nst_features.torchvision_networks import build_resnet50, build_squeezenet, draw_resnet50
from nst_features.variants import set_padding, set_pooling
from nst_features.vgg import build_vgg
from nst_features.weights import load_weights, settle
from nst_runtime.errors import NstError


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

    `weights` is a local safetensors or .pth file in place of torchvision's download. How it wants pixels normalised is
    known by its hash, or stands in its metadata (a safetensors file's ``normalisation``); for other files
    `weights_normalisation` says so, or else it is torchvision's. The file's name says nothing. `seed` draws the filters
    of ``random`` and ``resnet50_random``. ``bf16`` computes features about three times as fast on processors with
    bfloat16 units. `pooling` and `padding` replace the network's own (max; VGG reflects, the others pad with zeros);
    ``random``, whose layers are one filter each over an averaged picture, has neither to replace.
    Raises NstError for an unknown name, unreadable or foreign weights, a normalisation other than the weights are known
    to have, or a download that cannot happen.
    """
    network = _load(name, weights, weights_normalisation, seed)
    if pooling is not None:
        set_pooling(network, pooling)
    if padding is not None:
        set_padding(network, padding)
    return network.freeze(precision)


def _load(
    name: NetworkName, weights: Path | None, normalisation: NormalisationName | None, seed: int
) -> FeatureNetwork:
    if name in ("random", "resnet50_random"):
        if weights is not None:
            raise NstError(f"{name} draws its own filters and takes no weights", "leave `weights` out")
        settle("torchvision", normalisation, name)
        return load_random(seed) if name == "random" else draw_resnet50(seed)
    if name not in NETWORK_NAMES:
        raise NstError(f"no feature network {name!r}; there are {', '.join(NETWORK_NAMES)}")
    loaded = load_weights(name, weights, normalisation)
    if name == "squeezenet1_1":
        return build_squeezenet(loaded)
    return build_resnet50(loaded) if name == "resnet50" else build_vgg(name, loaded)
