"""Scale a VGG so that every filter's mean activation is 1, as Gatys, Ecker and Bethge (2016, sec. 2) do.

    python assets/normalise_vgg.py WEIGHTS OUT [--size 256]

Activations of a distilled VGG can be ten times those of the network that it was distilled from, and the papers' weights
of style and content then mean something else. ReLU and pooling pass a positive scale on, so a filter is divided by its
mean activation and the next layer's weights multiplied by it: what the network computes stays the same. The means are
over this repository's own pictures.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from nst_features.networks import load_network
from nst_features.weights import read_weights
from nst_features.weights_folder import find_weights
from nst_runtime.contracts.files import replacing
from nst_runtime.pictures.arrays import resize_short_side, to_unit
from nst_runtime.pictures.read import list_pictures, read_picture

ASSETS = Path(__file__).parent
SMALLEST_SHARE = 0.05  # of its layer's mean activation: filters that hardly ever fire are not blown up


def main() -> None:
    """Read the arguments, and write the scaled network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="VGG-19, torchvision's key names; a file or a registered name")
    parser.add_argument("out", type=Path, help=".safetensors to write")
    parser.add_argument("--size", type=int, default=256, help="short side of the pictures, in px")
    options = parser.parse_args()
    weights = find_weights(options.weights)
    state = scale_filters(read_weights(weights), mean_activations(weights, options.size))
    with replacing(options.out) as temporary:
        save_file(state, temporary)
    print(options.out)


def mean_activations(weights: Path, size_px: int) -> list[torch.Tensor]:
    """Return each layer's mean activation, a number for each filter, over the repository's pictures."""
    network = load_network("vgg19", weights=weights)
    pictures = [read_picture(path).rgb for name in ("scenes", "styles") for path in list_pictures(ASSETS / name)]
    sums = [torch.zeros(())] * len(network.layers)
    with torch.no_grad():
        for picture in pictures:
            features = network(torch.from_numpy(to_unit(resize_short_side(picture, size_px))), network.layers)
            sums = [
                total + features[layer].mean(dim=(0, 2, 3)) for total, layer in zip(sums, network.layers, strict=True)
            ]
    return [total / len(pictures) for total in sums]


def scale_filters(state: dict[str, torch.Tensor], means: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the convolutions of `state` scaled by `means`, one tensor a layer in the order of the keys' numbers."""
    numbers = sorted({int(key.split(".")[1]) for key in state if key.startswith("features.")})
    scaled: dict[str, torch.Tensor] = {}
    before = torch.ones(3)
    for number, mean in zip(numbers, means, strict=True):
        scale = mean.clamp_min(SMALLEST_SHARE * mean.mean())
        weight, bias = state[f"features.{number}.weight"], state[f"features.{number}.bias"]
        scaled[f"features.{number}.weight"] = (
            weight * before[None, :, None, None] / scale[:, None, None, None]
        ).contiguous()
        scaled[f"features.{number}.bias"] = bias / scale
        before = scale
    return scaled


if __name__ == "__main__":
    main()
