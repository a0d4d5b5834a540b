"""How much of a style a picture has taken on, and how much of its photo it has kept, in one number each."""

from collections.abc import Sequence

import torch

from nst_features.network import FeatureNetwork
from nst_features.statistics import gram


def style_share(
    network: FeatureNetwork,
    picture: torch.Tensor,
    photo: torch.Tensor,
    style: torch.Tensor,
    layers: Sequence[str] | None = None,
) -> float:
    """Return |G(picture) - G(style)|² / |G(photo) - G(style)|², the mean over `layers` (None: the network's own).

    The pictures are 1×3×H×W in [0, 1], each of its own size; G are Gram matrices over the number of pixels. 1 says that
    nothing has happened to the photo, 0 that the picture has the style's own statistics.
    """
    names = tuple(layers or network.default_style_layers)
    with torch.no_grad():
        seen = [network(image, names) for image in (picture, photo, style)]
    ours, before, target = ([gram(features[name]) for name in names] for features in seen)
    shares = [(a - t).square().sum() / (b - t).square().sum() for a, b, t in zip(ours, before, target, strict=True)]
    return float(torch.stack(shares).mean())


def structure(network: FeatureNetwork, picture: torch.Tensor, photo: torch.Tensor, layer: str) -> float:
    """Return the correlation of both pictures' features at `layer`, each filter's mean taken out.

    The pictures are 1×3×H×W in [0, 1] and of one size. 1 says that the picture is the photo, 0 that none of it is left.
    """
    with torch.no_grad():
        one, other = (network(image, (layer,))[layer].float() for image in (picture, photo))
    one, other = (value - value.mean(dim=(2, 3), keepdim=True) for value in (one, other))
    return float((one * other).sum() / (one.norm() * other.norm()))
