"""Options that several commands share, by one name and with one help text."""

from pathlib import Path
from typing import Annotated

import typer

from nst_runtime.inference.devices import DeviceName

PackOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="A style pack in place of the built-in one; own styles stay.")
]
WorkspaceOption = Annotated[
    Path, typer.Option(metavar="DIR", help="The folder whose styles/ are found by name, after the pack's and your own.")
]
DeviceOption = Annotated[
    DeviceName, typer.Option(help="What computes; auto is the best that starts, any other is that or an error.")
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(min=1, max=256, metavar="N", help="CPU threads; else all that this process may use."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
