"""The option --version, which all four programs have, for their help; alone, the launcher answers it at once."""

from typing import Annotated

import typer

from nst_runtime import __version__


def add_version(app: typer.Typer, program: str) -> None:
    """Give `app` the option ``--version``, which prints the name of the `program` and the version of all of them."""

    def show_version(asked: bool) -> None:
        if asked:
            print(f"{program} {__version__}")
            raise typer.Exit

    @app.callback()
    def options(
        version: Annotated[
            bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
        ] = False,
    ) -> None:
        """Take the options that stand before the command."""
