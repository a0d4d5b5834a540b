"""Make the programs alike: --version, completion, and help that reads the same in a terminal and in a pipe."""

from typing import Annotated

import typer

from nst_runtime import __version__


def new_program(name: str, *, says: str, example: str) -> typer.Typer:
    """Return the typer app of the program `name`, to which commands are added.

    `says` is what it is for, in a line; `example` is one command line. The launcher answers ``--version`` alone at
    once; the option stands here for the help.
    """
    app = typer.Typer(
        help=says,
        epilog=f"\b\nExample:\n  {example}",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )

    def show_version(asked: bool) -> None:
        if asked:
            print(f"{name} {__version__}")
            raise typer.Exit

    @app.callback()
    def options(
        version: Annotated[
            bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
        ] = False,
    ) -> None:
        """Take the options that stand before the command."""

    return app
