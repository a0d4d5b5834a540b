"""The command stylize."""

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nst_runtime.cli.looks import read_look, read_statistics, split_styles
from nst_runtime.cli.memory import read_memory
from nst_runtime.cli.options import (
    FILES,
    LOOK,
    MACHINE,
    DeviceOption,
    JsonOption,
    PackOption,
    ThreadsOption,
    WorkspaceOption,
)
from nst_runtime.cli.output import is_terminal, say, with_progress
from nst_runtime.cli.styles import tell_hidden
from nst_runtime.contracts.workspace import DEFAULT
from nst_runtime.errors import NstError
from nst_runtime.inference.devices import RunSettings
from nst_runtime.pictures.writable import ONLY_ANIMATIONS, WRITE_SUFFIXES

if TYPE_CHECKING:
    from nst_runtime.cli.report import Report, Shape
    from nst_runtime.inference.look import Look
    from nst_runtime.inference.regions import Regions
    from nst_runtime.inference.stylizer import Stylizer
    from nst_runtime.jobs.keeping import Keeping
    from nst_runtime.jobs.plan import Plan
    from nst_runtime.jobs.run import Streams

_FORMATS = [suffix.removeprefix(".") for suffix in (*WRITE_SUFFIXES, *ONLY_ANIMATIONS)]
EPILOG = """\b
Examples:
  nst-runtime stylize photo.jpg waves.jpg --style waves
  nst-runtime stylize one.jpg two.heic painted/ --style waves
  nst-runtime stylize photos/ painted/ --style waves --recursive --format webp
  nst-runtime stylize photo.jpg mixed.jpg --style waves=0.6 --style scream=0.4 --strength 0.8
  nst-runtime stylize photo.jpg parts.jpg --mask sky.png --style starry --style klee --keep-colors
  nst-runtime stylize album/ painted/ --style klee --statistics klee.json
  nst-runtime stylize huge.tif painted.tif --style klee --stroke-size full --memory 512MB
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
        list[str],
        typer.Option(
            metavar="NAME[=WEIGHT]",
            rich_help_panel=LOOK,
            help="A style's name, as `nst-runtime styles` lists them, or a style file. Several are mixed by weights.",
        ),
    ],
    strength: Annotated[
        float,
        typer.Option(
            min=0, max=1.5, metavar="X", rich_help_panel=LOOK, help="0 is the photo, 1 the style; 1.5 exaggerates."
        ),
    ] = 1.0,
    strokes: Annotated[
        str,
        typer.Option(
            "--stroke-size",
            metavar="PX|auto|full",
            rich_help_panel=LOOK,
            help="Strokes as in a preview of this short side. auto: 1080 px above 1.5 megapixels; full: the finest.",
        ),
    ] = "auto",
    keep_colors: Annotated[
        bool, typer.Option("--keep-colors", rich_help_panel=LOOK, help="Keep the photo's colors.")
    ] = False,
    color_strength: Annotated[
        float,
        typer.Option(
            min=0, max=1, metavar="X", rich_help_panel=LOOK, help="How much of the style's colors; 0 keeps the photo's."
        ),
    ] = 1.0,
    mask: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=LOOK,
            help="White where the first --style goes, one for each style; one more style paints the rest.",
        ),
    ] = None,
    protect: Annotated[
        Path | None, typer.Option(metavar="FILE", rich_help_panel=LOOK, help="White where the photo stays as it is.")
    ] = None,
    statistics: Annotated[
        str,
        typer.Option(
            metavar="sampled|exact|FILE",
            rich_help_panel=LOOK,
            help="FILE gives all pictures the first one's look, now and later; else how large ones are measured.",
        ),
    ] = "sampled",
    compare: Annotated[
        bool, typer.Option("--compare", rich_help_panel=FILES, help="Write the photo and the picture side by side.")
    ] = False,
    recursive: Annotated[
        bool,
        typer.Option("--recursive", "-r", rich_help_panel=FILES, help="Search subfolders too; OUT gets the same ones."),
    ] = False,
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(_FORMATS),
            callback=_read_format,
            rich_help_panel=FILES,
            help="The format in a folder or for -, else the picture's own, or PNG; gif and apng for animations.",
        ),
    ] = "",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", rich_help_panel=FILES, help="Make again what is in OUT already.")
    ] = False,
    quality: Annotated[
        int | None,
        typer.Option(
            min=1, max=100, metavar="N", rich_help_panel=FILES, help="Of JPEG, WebP and AVIF; else that of the photo."
        ),
    ] = None,
    strip: Annotated[
        bool, typer.Option("--strip", rich_help_panel=FILES, help="Keep nothing of what a file says about itself.")
    ] = False,
    keep_profile: Annotated[
        bool,
        typer.Option("--keep-profile", rich_help_panel=FILES, help="Write in the photo's profile, not sRGB."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", rich_help_panel=FILES, help="Say what would be written, and write nothing.")
    ] = False,
    null: Annotated[
        bool, typer.Option("--null", "-0", rich_help_panel=FILES, help="End each path with a byte 0, for xargs -0.")
    ] = False,
    as_json: JsonOption = False,
    max_pixels: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", rich_help_panel=FILES, help="Refuse larger pictures; else 64 million."),
    ] = None,
    pack: PackOption = None,
    workspace: WorkspaceOption = DEFAULT,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
    memory_bytes: Annotated[
        int | None,
        typer.Option(
            "--memory",
            metavar="SIZE",
            parser=read_memory,
            rich_help_panel=MACHINE,
            help="The most that the program takes, such as 512MB, a picture at a time; else half of what is free.",
        ),
    ] = None,
    at_once: Annotated[
        int,
        typer.Option(
            "--jobs", min=1, max=64, metavar="N", rich_help_panel=MACHINE, help="Pictures that are worked on at once."
        ),
    ] = 1,
) -> None:
    """Put a style on pictures.

    One picture goes to the file OUT, whose suffix says the format. Several, or a folder of them, go to the folder OUT,
    where they keep their names. What is there already stays, so that a run that was stopped goes on; a single
    file is replaced. Size, transparency and what a file says about itself (but for the place) are kept.
    An animation becomes one in .gif, .webp or .apng. The paths written are printed; with --json a line for
    each picture, as it is done.

    - is the standard input or output.
    """
    from nst_runtime.cli.report import Report
    from nst_runtime.contracts.library import open_library
    from nst_runtime.inference.stylizer import Stylizer
    from nst_runtime.jobs.keeping import Keeping
    from nst_runtime.jobs.plan import plan, refuse_targets
    from nst_runtime.pictures.read import MAX_PIXELS

    shape = _choose_shape(target, as_json=as_json, null=null)
    colors = _choose_colors(color_strength, keep=keep_colors)
    way, file = read_statistics(statistics)
    look = read_look(style, mask or [], protect, strength=strength, strokes=strokes, colors=colors, way=way)
    if memory_bytes and at_once > 1:
        raise typer.BadParameter("it bounds one picture at a time: leave --jobs out", param_hint="--memory")
    todo = plan(inputs, target, suffix=output_format, recursive=recursive, overwrite=overwrite)
    refuse_targets(todo, [*(mask or []), *filter(None, [protect, file])])
    report = Report(todo, shape)
    if todo.jobs:
        library = open_library(pack, workspace)
        for name, _ in split_styles(style):
            tell_hidden(library, name)
        stylizer = Stylizer(library, RunSettings(device, threads, memory_bytes))
        keeping = Keeping(quality, strip, keep_profile, compare)
        settings = _Work(look, file, keeping, max_pixels or MAX_PIXELS, at_once)
        _foresee(todo, stylizer, settings, report) if dry_run else _work(todo, stylizer, settings, report)
    report.end()


@dataclass(frozen=True)
class _Work:
    """How all pictures are made."""

    look: "Look | Regions"
    statistics: Path | None
    keeping: "Keeping"
    max_pixels: int
    at_once: int


def _choose_colors(strength: float, *, keep: bool) -> float:
    if keep and strength < 1:
        raise typer.BadParameter("it says the same as --color-strength 0: choose one", param_hint="--keep-colors")
    return 0.0 if keep else strength


def _choose_shape(target: str, *, as_json: bool, null: bool) -> "Shape":
    from nst_runtime.jobs.plan import STREAM

    if as_json and null:
        raise typer.BadParameter("it does not go with --json: choose one", param_hint="--null")
    if target == STREAM and (as_json or null):
        raise typer.BadParameter("it does not go with OUT -, which is the picture alone", param_hint="--json, --null")
    return "json" if as_json else "null" if null else "lines"


def _foresee(todo: "Plan", stylizer: "Stylizer", work: _Work, report: "Report") -> None:
    """Report what would come of the jobs; raises the error of a single picture."""
    from nst_runtime.jobs.dry_run import foresee
    from nst_runtime.jobs.statistics_file import with_statistics

    look = work.look
    if work.statistics is not None and work.statistics.exists():
        look = with_statistics(stylizer, look, work.statistics, todo.first, work.max_pixels)
    stylizer.prepare(look)
    painted = stylizer, look
    for outcome in foresee(todo, max_pixels=work.max_pixels, keeping=work.keeping, painted=painted):
        if outcome.error and todo.folder is None:
            raise outcome.error
        if not outcome.skipped:
            report.take(outcome)


def _work(todo: "Plan", stylizer: "Stylizer", work: _Work, report: "Report") -> None:
    from nst_runtime.jobs.run import stylize_all
    from nst_runtime.jobs.statistics_file import with_statistics

    if stylizer.note:
        say(stylizer.note)
    look = work.look
    if work.statistics is not None:
        is_new = not work.statistics.exists()
        look = with_statistics(stylizer, look, work.statistics, todo.first, work.max_pixels)
        if is_new:
            say(f"{work.statistics} now has the statistics of {todo.first}")
    uses_stream = any(None in (job.source, job.target) for job in todo.jobs)
    outcomes = stylize_all(
        stylizer, todo.jobs, look, max_pixels=work.max_pixels, keeping=work.keeping, at_once=work.at_once,
        streams=_open_streams(todo) if uses_stream else None,
    )  # fmt: skip
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
