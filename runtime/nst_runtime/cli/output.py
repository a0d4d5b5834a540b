"""What the program prints: results on stdout, as tables or JSON; all else on stderr."""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import NoReturn, TextIO, TypeVar

import typer

from nst_runtime.cli.launch import printable
from nst_runtime.cli.option_names import name_options

ItemT = TypeVar("ItemT")


def say(text: str) -> None:
    """Tell the person on stderr; a setting in backquotes is named as the running command's option."""
    print(f"note: {printable(name_options(text))}", file=sys.stderr)


def print_json(content: object) -> None:
    """Print `content` as JSON in ASCII, which every terminal lets through."""
    print(json.dumps(content, indent=2))


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print `rows` in columns; the last one is as long as it is."""
    shown = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def fail(summary: str, errors: Sequence[str]) -> NoReturn:
    """Say on stderr that some of several things went wrong, and what; raises typer.Exit."""
    print(f"error: {summary}", file=sys.stderr)
    for error in errors:
        print(f"  {printable(name_options(error))}", file=sys.stderr)
    raise typer.Exit(1)


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a person reads `stream`, which is None where the caller closed it."""
    return stream is not None and stream.isatty()


def with_progress(items: Iterator[ItemT], total: int) -> Iterator[ItemT]:
    """Yield `items`, and show a bar on stderr while several pictures are worked on in front of a person."""
    if total < 2 or not is_terminal(sys.stderr):
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=is_terminal(sys.stdout)) as progress:
        yield from progress.track(items, total=total, description="stylising")
