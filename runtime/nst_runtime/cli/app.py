"""The program nst-runtime."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from nst_runtime import __version__
from nst_runtime.cli.launch import printable
from nst_runtime.cli.overview import describe, describe_style
from nst_runtime.contracts.packs import DEFAULT_PACK, MANIFEST, Pack, read_pack
from nst_runtime.contracts.workspace import DEFAULT, Workspace
from nst_runtime.errors import NstError
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.inference.timing import Timing, time_size, time_swap
from nst_runtime.jobs.folders import Outcome, plan_file, plan_folder, stylize_all
from nst_runtime.pictures.read import MAX_PIXELS

PackOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="The style pack; without it the workspace's pack where there is one, else the built-in one, "
        "which --pack default always means.",
    ),
]
WorkspaceOption = Annotated[Path, typer.Option(metavar="DIR", help="The folder whose pack/ is used if it exists.")]
ThreadsOption = Annotated[
    int | None, typer.Option(min=1, max=256, help="Threads that compute; one per core without it.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

app = typer.Typer(
    help="Put the style of a painting on pictures, offline, on the processor of any small machine.",
    epilog="\b\nExample:\n  nst-runtime stylize photo.jpg stylised.jpg --style waves",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


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


@app.command(
    epilog="\b\nExamples:\n  nst-runtime stylize photo.jpg out/waves.jpg --style waves\n"
    "  nst-runtime stylize photos/ stylised/ --style waves --threads 2"
)
def stylize(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A picture, or a folder of pictures.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file, or for a folder the folder, to write.")],
    style: Annotated[str, typer.Option(metavar="NAME", help="A style's name; `nst-runtime styles` lists them.")],
    pack: PackOption = None,
    workspace: WorkspaceOption = DEFAULT,
    threads: ThreadsOption = None,
    max_pixels: Annotated[
        int, typer.Option(min=1, metavar="N", help="Refuse pictures with more pixels (decompression bombs).")
    ] = MAX_PIXELS,
    as_json: JsonOption = False,
) -> None:
    """Stylise the picture IN to the file OUT, or all pictures of the folder IN into the folder OUT.

    The format follows from OUT's suffix; size and transparency stay. In a folder, bad pictures are named at the end
    and stop none of the others. The paths written are printed.
    """
    jobs = plan_folder(source, target) if source.is_dir() else [plan_file(source, target)]
    stylizer = Stylizer(_read_chosen_pack(pack, workspace), threads)
    outcomes: list[Outcome] = []
    for outcome in _with_progress(stylize_all(stylizer, jobs, style, max_pixels=max_pixels), len(jobs)):
        if outcome.error and not source.is_dir():
            raise outcome.error
        outcomes.append(outcome)
        if not as_json and not outcome.error:
            print(outcome.job.target)
    if as_json:
        _print_json(_outcomes_as_json(outcomes))
    _name_the_bad(outcomes)


@app.command(epilog="\b\nExample:\n  nst-runtime styles --json")
def styles(
    pack: PackOption = None,
    workspace: WorkspaceOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """List the styles of a pack."""
    entries = [describe_style(style) for style in _read_chosen_pack(pack, workspace).manifest.styles]
    if as_json:
        _print_json(entries)
        return
    rows = [(entry["name"], entry["title"], entry["artist"], entry["year"], entry["licence"]) for entry in entries]
    _print_table([("NAME", "TITLE", "ARTIST", "YEAR", "LICENCE"), *rows])


@app.command(epilog="\b\nExample:\n  nst-runtime info --pack workspace/pack")
def info(
    pack: PackOption = None,
    workspace: WorkspaceOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Show versions, processors and the pack, after checking each of the pack's files."""
    overview = describe(_read_chosen_pack(pack, workspace))
    if as_json:
        _print_json(overview)
        return
    rows = [(name, found or "not installed") for name, found in overview["versions"].items()]
    rows += [
        ("providers", ", ".join(overview["providers"]) or "none: pip install 'nst-stylebank[cpu]'"),
        ("pack", f"{overview['pack']} in {overview['folder']}, every file as its manifest says"),
        ("codec", f"{overview['architecture']} {overview['codec_sha256'][:12]}, {overview['codec_bytes']} bytes"),
        ("styles", f"{', '.join(overview['styles'])}; banks of {overview['banks_bytes']} bytes together"),
    ]
    _print_table(rows)


@app.command(epilog="\b\nExample:\n  nst-runtime bench --size 512 --size 1920x1080 --threads 1")
def bench(
    size: Annotated[
        list[str] | None, typer.Option(metavar="PX|WxH", help="A size to time; can be given several times.")
    ] = None,
    style: Annotated[str | None, typer.Option(metavar="NAME", help="The style to time; else the pack's first.")] = None,
    repeats: Annotated[int, typer.Option(min=1, metavar="N", help="Runs, of which the median counts.")] = 9,
    pack: PackOption = None,
    workspace: WorkspaceOption = DEFAULT,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Time pictures of noise, part by part and from end to end, and the swap to another style; in milliseconds."""
    sizes = [_parse_size(text) for text in size or ("256", "512", "1920x1080")]
    stylizer = Stylizer(_read_chosen_pack(pack, workspace), threads)
    if style is None and not stylizer.styles:
        raise NstError(f"the pack in {stylizer.pack.folder} has no styles to time")
    name = style or stylizer.styles[0].name
    swap_ms = time_swap(stylizer, name, repeats=repeats)
    timings = [time_size(stylizer, name, width, height, repeats=repeats) for width, height in sizes]
    if as_json:
        report = {"style": name, "threads": threads, "repeats": repeats, "swap_ms": swap_ms}
        _print_json({**report, "timings": [asdict(timing) for timing in timings]})
        return
    _print_table([("SIZE", "ENCODER", "BANK", "DECODER", "END TO END"), *map(_timing_row, timings)])
    print(f"swap to {name}: {swap_ms:.2f} ms; medians of {repeats} runs, in ms")


def _read_chosen_pack(pack: Path | None, workspace: Path) -> Pack:
    own = Workspace(workspace).pack
    if pack is None and (own / MANIFEST).is_file():
        print(
            f"nst-runtime: using the pack in {printable(str(own))} (--pack default for the built-in)", file=sys.stderr
        )
        return read_pack(own)
    return read_pack(DEFAULT_PACK if pack is None or pack == Path("default") else pack)


def _parse_size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,5})(?:[x×]([0-9]{1,5}))?", text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no size; write 512 or 1920x1080", param_hint="--size")
    return int(found[1]), int(found[2] or found[1])


def _with_progress(outcomes: Iterator[Outcome], total: int) -> Iterator[Outcome]:
    """Show a bar on stderr while several pictures are worked on in front of a person."""
    if total < 2 or not sys.stderr.isatty():
        yield from outcomes
        return
    from rich.console import Console  # noqa: PLC0415 (only where a person watches)
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty()) as progress:
        yield from progress.track(outcomes, total=total, description="stylising")


def _outcomes_as_json(outcomes: Iterable[Outcome]) -> dict[str, list[dict[str, str]]]:
    written = [{"source": str(o.job.source), "target": str(o.job.target)} for o in outcomes if not o.error]
    failed = [{"source": str(o.job.source), "error": str(o.error)} for o in outcomes if o.error]
    return {"written": written, "failed": failed}


def _name_the_bad(outcomes: Sequence[Outcome]) -> None:
    bad = [outcome for outcome in outcomes if outcome.error]
    if bad:
        print(f"nst-runtime: {len(bad)} of {len(outcomes)} pictures were not stylised:", file=sys.stderr)
        for outcome in bad:
            print(f"  {printable(str(outcome.error))}", file=sys.stderr)
        raise typer.Exit(1)


def _timing_row(timing: Timing) -> tuple[str, ...]:
    parts = (timing.encoder_ms, timing.bank_ms, timing.decoder_ms, timing.end_to_end_ms)
    return (f"{timing.width}×{timing.height}", *(f"{part:.2f}" for part in parts))


def _print_json(content: object) -> None:
    print(json.dumps(content, indent=2))


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    shown = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
