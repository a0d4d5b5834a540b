"""The feature networks by name."""

from pathlib import Path
from typing import Literal, get_args

from nst_features.network import FeatureNetwork, Precision
from nst_features.random_network import load_random
from nst_features.torchvision_networks import load_resnet50, load_squeezenet
from nst_features.vgg import load_vgg
from nst_runtime.errors import NstError

NetworkName = Literal["vgg16", "vgg19", "squeezenet1_1", "resnet50", "random"]
NETWORK_NAMES: tuple[NetworkName, ...] = get_args(NetworkName)


def load_network(
    name: NetworkName, *, weights: Path | None = None, seed: int = 0, precision: Precision = "fp32"
) -> FeatureNetwork:
    """Return the feature network `name`, frozen.

    `weights` is a local safetensors or .pth file in place of torchvision's download; `seed` draws the filters of
    ``random``. ``bf16`` computes features about three times as fast on processors with bfloat16 units.
    Raises NstError for an unknown name, unreadable or foreign weights, or a download that cannot happen.
    """
    if name == "random":
        if weights is not None:
            raise NstError("--network random draws its own filters; leave --weights out")
        return load_random(seed).freeze(precision)
    if name in ("vgg16", "vgg19"):
        return load_vgg(name, weights).freeze(precision)
    if name == "squeezenet1_1":
        return load_squeezenet(weights).freeze(precision)
    if name == "resnet50":
        return load_resnet50(weights).freeze(precision)
    raise NstError(f"no feature network {name!r}; there are {', '.join(NETWORK_NAMES)}")
