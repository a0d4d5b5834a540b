"""Options that several commands share, by one name and with one help text."""

from pathlib import Path
from typing import Annotated

import typer

from nst_runtime.inference.devices import DeviceName

# The groups that options stand in where a command has many.
LOOK, FILES, MACHINE = "Look", "Files", "Machine"

PackOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", rich_help_panel=MACHINE, help="A style pack in place of the built-in one; own styles stay."
    ),
]
WorkspaceOption = Annotated[
    Path,
    typer.Option(
        metavar="DIR",
        rich_help_panel=MACHINE,
        help="The folder whose styles/ are found by name, after the pack's and your own.",
    ),
]
DeviceOption = Annotated[
    DeviceName,
    typer.Option(
        rich_help_panel=MACHINE, help="What computes; auto is the best that starts, any other is that or an error."
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(
        min=1, max=256, metavar="N", rich_help_panel=MACHINE, help="CPU threads; else all that this process may use."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", rich_help_panel=FILES, help="Print JSON, for programs.")]
