"""The program nst-runtime: its commands, and the options before them."""

from nst_runtime.cli import bench, info, stylize, web
from nst_runtime.cli.grouped import Grouped
from nst_runtime.cli.program import new_program
from nst_runtime.cli.styles import styles

app = new_program(
    "nst-runtime",
    says="Put the style of a painting on pictures, offline, on the processor of any small machine.",
    example="nst-runtime stylize photo.jpg stylised.jpg --style waves",
)
app.command(epilog=stylize.EPILOG, cls=Grouped)(stylize.stylize)
app.add_typer(styles, name="styles")
app.command(epilog=info.EPILOG)(info.info)
app.command(epilog=bench.EPILOG)(bench.bench)
app.command(epilog=web.EPILOG)(web.web)
