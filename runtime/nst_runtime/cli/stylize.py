"""The command stylize."""

import io
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nst_runtime.cli.options import DeviceOption, JsonOption, PackOption, ThreadsOption, WorkspaceOption
from nst_runtime.cli.output import is_terminal, say, with_progress
from nst_runtime.cli.styles import tell_hidden
from nst_runtime.contracts.workspace import DEFAULT
from nst_runtime.errors import NstError
from nst_runtime.inference.devices import RunSettings
from nst_runtime.pictures.writable import WRITE_SUFFIXES

if TYPE_CHECKING:
    from nst_runtime.cli.report import Report, Shape
    from nst_runtime.inference.stylizer import Stylizer
    from nst_runtime.jobs.plan import Plan
    from nst_runtime.jobs.run import Streams

_FORMATS = [suffix.removeprefix(".") for suffix in WRITE_SUFFIXES]
EPILOG = """\b
Examples:
  nst-runtime stylize photo.jpg waves.jpg --style waves
  nst-runtime stylize one.jpg two.heic painted/ --style waves
  nst-runtime stylize photos/ painted/ --style waves --recursive --format webp
  nst-runtime stylize - - --style waves <photo.jpg >waves.jpg
"""


def _read_format(text: str) -> str:
    suffix = text.lower().removeprefix(".")
    if text and suffix not in _FORMATS:
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(_FORMATS)}")
    return f".{suffix}" if suffix else ""


def stylize(
    inputs: Annotated[
        list[str], typer.Argument(metavar="IN", help="Pictures, folders of pictures, patterns such as '*.jpg', or -.")
    ],
    target: Annotated[str, typer.Argument(metavar="OUT", help="The file to write; a folder, for several; or -.")],
    style: Annotated[
        str, typer.Option(metavar="NAME", help="A style's name, as `nst-runtime styles` lists them, or a style file.")
    ],
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="Search subfolders too; OUT gets the same ones.")
    ] = False,
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(_FORMATS),
            callback=_read_format,
            help="The format in a folder or for -; without it the picture's own, or PNG.",
        ),
    ] = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Make again what is in OUT already.")] = False,
    pack: PackOption = None,
    workspace: WorkspaceOption = DEFAULT,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
    max_pixels: Annotated[int | None, typer.Option(min=1, metavar="N", hidden=True)] = None,
    as_json: JsonOption = False,
    null: Annotated[bool, typer.Option("--null", "-0", help="End each path with a byte 0, for xargs -0.")] = False,
) -> None:
    """Put a style on pictures.

    One picture goes to the file OUT, whose suffix says the format. Several, or a folder of them, go to the folder OUT,
    where they keep their names. What is there already stays, in whatever style, so that a run that was stopped goes
    on; a single file is replaced. Size, transparency and what a file says about itself (but for the place) are kept.
    The paths written are printed.

    - is the standard input or output. Pictures of more than 64 million pixels are refused: --max-pixels N allows them.
    """
    from nst_runtime.cli.report import Report
    from nst_runtime.contracts.library import open_library
    from nst_runtime.inference.stylizer import Stylizer
    from nst_runtime.jobs.plan import plan
    from nst_runtime.pictures.read import MAX_PIXELS

    shape = _choose_shape(target, as_json=as_json, null=null)
    todo = plan(inputs, target, suffix=output_format, recursive=recursive, overwrite=overwrite)
    report = Report(todo, shape)
    if todo.jobs:
        library = open_library(pack, workspace)
        tell_hidden(library, style)
        _work(todo, Stylizer(library, RunSettings(device, threads)), style, max_pixels or MAX_PIXELS, report)
    report.end()


def _choose_shape(target: str, *, as_json: bool, null: bool) -> "Shape":
    from nst_runtime.jobs.plan import STREAM

    if as_json and null:
        raise typer.BadParameter("it does not go with --json: choose one", param_hint="--null")
    if target == STREAM and (as_json or null):
        raise typer.BadParameter("it does not go with OUT -, which is the picture alone", param_hint="--json, --null")
    return "json" if as_json else "null" if null else "lines"


def _work(todo: "Plan", stylizer: "Stylizer", style: str, max_pixels: int, report: "Report") -> None:
    from nst_runtime.jobs.run import stylize_all

    if stylizer.note:
        say(stylizer.note)
    uses_stream = any(None in (job.source, job.target) for job in todo.jobs)
    outcomes = stylize_all(
        stylizer, todo.jobs, style, max_pixels=max_pixels, streams=_open_streams(todo) if uses_stream else None
    )
    for outcome in with_progress(outcomes, len(todo.jobs)):
        if outcome.error and todo.folder is None:
            raise outcome.error
        report.take(outcome)


def _open_streams(todo: "Plan") -> "Streams":
    """Return the standard streams, as far as `todo` uses them; raises NstError where one is closed or a terminal."""
    from nst_runtime.jobs.run import Streams

    job = todo.jobs[0]
    if job.target is None and is_terminal(sys.stdout):
        raise NstError("the picture would go to the terminal", "send it to a file or a program: > picture.png")
    if (job.target is None and sys.stdout is None) or (job.source is None and sys.stdin is None):
        raise NstError("- is a standard stream that is closed here", "give the name of a file")
    closed = io.BytesIO()
    return Streams(sys.stdin.buffer if sys.stdin else closed, sys.stdout.buffer if sys.stdout else closed)
