"""The command `fetch`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from nst_features.known_weights import KNOWN, KnownWeights
from nst_features.weights_folder import find_name, own_weights_folder
from nst_runtime.cli.output import is_terminal, say

EPILOG = "\b\nExample:\n  nst-features fetch vgg19_torchvision"


def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of registered weights, as in `list`.")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Another folder than your own one of weights.")
    ] = None,
) -> None:
    """Download a weights file into your folder of weights, where programs find it by its name.

    It is checked by its sha256. A file that is there already is checked and stays. Some files cannot be downloaded as
    they are; of those the program says how they are made.
    """
    print(fetch_by_name(name, own_weights_folder() if out is None else out, KNOWN))


def fetch_by_name(name: str, folder: Path, rows: Sequence[KnownWeights]) -> Path:
    """Return the file of the row called `name` out of `rows` in `folder`, its download shown on stderr."""
    from nst_features.download import fetch_weights  # the help needs no networking

    row = find_name(name, rows)
    if row.url:
        say(f"{row.name} comes from {row.url}, {row.size_mib:.1f} MiB")
    if not is_terminal(sys.stderr):
        return fetch_weights(row, folder)
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(row.name, total=None)
        return fetch_weights(row, folder, lambda done, total: progress.update(task, completed=done, total=total))
