"""The command `list`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from nst_features.known_weights import KNOWN, KnownWeights
from nst_features.weights_folder import own_weights_folder
from nst_runtime.cli.output import print_json, print_table, say

EPILOG = "\b\nExample:\n  nst-features list --json"
COLUMNS = ("NAME", "NETWORK", "UP TO", "SIZE", "HERE", "LICENCE", "FROM")


def list_weights(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """List the weights files that programs find by their names.

    UP TO is the last layer that a file reaches. HERE tells whether it is in your folder of weights: the one that the
    variable NST_WEIGHTS names, else one of the system's for such a cache. `nst-features check NAME` checks a file.
    """
    folder = own_weights_folder()
    if as_json:
        print_json([describe(row, folder) for row in KNOWN])
        return
    say(f"your folder of weights is {folder}")
    print_table([COLUMNS, *(_cells(row, folder) for row in KNOWN)])


def describe(row: KnownWeights, folder: Path) -> dict[str, Any]:
    """Return what is known of `row` as JSON, and its file's path if it is in `folder`."""
    path = folder / row.file
    return {
        "name": row.name,
        "network": row.network,
        "last_layer": row.last_layer,
        "size_mib": row.size_mib,
        "licence": row.license,
        "source": row.source,
        "url": row.url or None,
        "made": row.made or None,
        "sha256": row.sha256,
        "normalisation": row.normalisation,
        "file": row.file,
        "path": str(path) if path.is_file() else None,
    }


def _cells(row: KnownWeights, folder: Path) -> tuple[str, ...]:
    here = "yes" if (folder / row.file).is_file() else "no"
    size = f"{row.size_mib:.1f} MiB"
    return row.name, row.network, row.last_layer, size, here, row.license, row.url or row.source
