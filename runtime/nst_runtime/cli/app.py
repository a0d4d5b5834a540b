"""The program nst-runtime: its commands, and the options before them."""

import typer

from nst_runtime.cli import bench, info, stylize
from nst_runtime.cli.styles import styles
from nst_runtime.cli.version import add_version

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

add_version(app, "nst-runtime")
