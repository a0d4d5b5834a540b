"""Undo the scaling of a normalised VGG's filters, by the balance that weight decay leaves.

    python assets/balance_vgg.py WEIGHTS OUT

Gatys, Ecker and Bethge (2016, sec. 2) scale every filter to a mean activation of 1, and a filter that hardly ever fires
then counts for as much as any other in a Gram matrix. Training had given it its due: with weight decay, what goes into
a filter has the norm of what comes out of it. (Of torchvision's VGG-19 the quotient of the two lies within 0.85 and 1.5
for four filters in five; of the normalised network's within 0.03 and 10.) ReLU and pooling pass a positive scale on, so
filters are scaled until it is so again; what the network computes stays the same but for these scales. Nothing comes
after the last layer: its filters get equal norms in the end, which leaves the layer before it no longer quite in
balance.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from nst_features.weights import read_weights
from nst_features.weights_folder import find_weights
from nst_runtime.contracts.files import replacing

ROUNDS = 200  # a layer's scales change its neighbours' norms


def main() -> None:
    """Read the arguments, and write the scaled network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="VGG-19, torchvision's key names; a file or a registered name")
    parser.add_argument("out", type=Path, help=".safetensors to write")
    options = parser.parse_args()
    state = balance_filters(read_weights(find_weights(options.weights)))
    with replacing(options.out) as temporary:
        save_file(state, temporary)
    print(options.out)


def balance_filters(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the convolutions of `state`, every filter's norm that of the next layer's weights for it.

    Not so in the last two layers: see above.
    """
    numbers = sorted({int(key.split(".")[1]) for key in state if key.startswith("features.")})
    weights = [state[f"features.{number}.weight"].double() for number in numbers]
    biases = [state[f"features.{number}.bias"].double() for number in numbers]
    for _ in range(ROUNDS):
        for layer in range(len(numbers) - 1):
            into = (weights[layer].square().sum(dim=(1, 2, 3)) + biases[layer].square()).sqrt()
            out_of = weights[layer + 1].square().sum(dim=(0, 2, 3)).sqrt()
            scale = (out_of / into).sqrt()
            weights[layer], biases[layer] = weights[layer] * scale[:, None, None, None], biases[layer] * scale
            weights[layer + 1] = weights[layer + 1] / scale[None, :, None, None]
    norms = weights[-1].square().sum(dim=(1, 2, 3)).sqrt()
    weights[-1], biases[-1] = (
        weights[-1] * (norms.mean() / norms)[:, None, None, None],
        biases[-1] * norms.mean() / norms,
    )
    named = {"weight": weights, "bias": biases}
    return {
        f"features.{number}.{name}": values[place].float().contiguous()
        for name, values in named.items()
        for place, number in enumerate(numbers)
    }


if __name__ == "__main__":
    main()
