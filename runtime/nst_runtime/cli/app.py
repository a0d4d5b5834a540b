"""The program nst-runtime: its commands, and the options before them."""

from typing import Annotated

import typer

from nst_runtime import __version__
from nst_runtime.cli import bench, info, stylize
from nst_runtime.cli.styles import styles

app = typer.Typer(
    help="Put the style of a painting on pictures, offline, on the processor of any small machine.",
    epilog="\b\nExample:\n  nst-runtime stylize photo.jpg stylised.jpg --style waves",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command(epilog=stylize.EPILOG)(stylize.stylize)
app.add_typer(styles, name="styles")
app.command(epilog=info.EPILOG)(info.info)
app.command(epilog=bench.EPILOG)(bench.bench)


def _show_version(asked: bool) -> None:
    if asked:
        print(f"nst-runtime {__version__}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""
