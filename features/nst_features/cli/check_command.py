"""The command `check`."""

from pathlib import Path
from typing import Annotated

import typer

from nst_features.weights_folder import find_weights
from nst_runtime.cli.output import print_table

EPILOG = "\b\nExample:\n  nst-features check downloads/vgg19-dcbb9e9d.pth"


def check(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A safetensors or .pth file, or the name of registered weights.")
    ],
) -> None:
    """Tell which weights a file holds.

    A registered file is told by its sha256. Of any other file the program says which network's layers it has, as far as
    names and shapes tell, and how it says that pixels are normalised.
    """
    from nst_features.inspection import inspect_weights

    path = find_weights(file)
    facts = inspect_weights(path)
    rows = [
        ("file", str(path)),
        ("sha256", facts.sha256),
        ("name", "not registered" if facts.known is None else facts.known.name),
        ("network", " or ".join(facts.networks) or "none that is known"),
        ("layers", ", ".join(facts.layers) or "none"),
        (
            "normalisation",
            facts.normalisation or "not said; torchvision's is taken",
        ),
    ]
    if facts.known is not None:
        rows += [("licence", facts.known.license), ("from", facts.known.url or facts.known.source)]
    print_table(rows)
