"""nst-teacher stylize: one photo, with everything the papers did."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import torch
import typer

from nst_runtime.cli.launch import INTERRUPTED
from nst_runtime.errors import NstError
from nst_teacher.cli.idle_options import refuse_feather
from nst_teacher.cli.option_table import MACHINE
from nst_teacher.cli.options import Choice, with_method
from nst_teacher.cli.progress_display import progress_display
from nst_teacher.engine.compiled import CompiledLoss
from nst_teacher.engine.style_picture import StyleFile
from nst_teacher.figures.so_far import SoFar
from nst_teacher.figures.stylize import Sitting, stylize
from nst_teacher.settings.method import Method
from nst_teacher.settings.presets import Preset

USUAL_SIZE_PX = 512
SizeOption = Annotated[
    int | None, typer.Option(min=16, help="Short side of the result in px.", show_default="the preset's, or 512")
]
CompileOption = Annotated[
    bool | None,
    typer.Option(
        "--compile/--no-compile",
        rich_help_panel=MACHINE,
        help="Compile the loss first, which takes a minute.",
        show_default="in long jobs on a GPU",
    ),
]


@with_method
def stylize_command(
    content: Annotated[Path, typer.Argument(help="Photo.")],
    style: Annotated[Path, typer.Argument(help="Style picture.")],
    out: Annotated[Path, typer.Argument(help="File to write.")],
    size: SizeOption = None,
    style_blend: Annotated[
        list[str] | None, typer.Option(metavar="PICTURE=WEIGHT", help="A further style; STYLE itself counts 1.")
    ] = None,
    content_mask: Annotated[
        list[Path] | None, typer.Option(help="Regions of the photo: a label image, or a grey one for each region.")
    ] = None,
    style_mask: Annotated[
        list[Path] | None, typer.Option(help="The same of STYLE; in a blend, one label image for each picture.")
    ] = None,
    snapshots: Annotated[
        str | None, typer.Option(help="Write OUT_N, too, after these iterations: 100,300.", show_default="the preset's")
    ] = None,
    save_every: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Write the best picture so far to OUT every N iterations.")
    ] = None,
    compiled: CompileOption = None,
    *,
    choice: Choice,
    method: Method,
    device: torch.device,
    preset: Preset | None,
) -> None:
    """Stylise one photo. Prints the path of the result. Ctrl-C ends it early, with the best picture so far in OUT.

    Example: nst-teacher stylize photo.jpg wave.jpg out.png --preset gatys2016 --network random
    """
    refuse_feather(choice.given, masked=bool(content_mask or style_mask))
    sitting = Sitting(
        content,
        pair_masks([StyleFile(style), *map(read_blend, style_blend or [])], style_mask or []),
        out,
        choose_size(size, preset),
        tuple(content_mask or ()),
        choose_snapshots(snapshots, preset, method),
        save_every,
    )
    so_far = SoFar(out)
    try:
        with progress_display(sys.stderr, 1) as display:
            for event in stylize(sitting, method, device, compile_loss(wanted=bool(compiled)), so_far):
                display.show(event)
    except KeyboardInterrupt:
        keep_interrupted(so_far, method.plan.iterations)
    print(out)


def keep_interrupted(so_far: SoFar, iterations: int) -> NoReturn:
    """Write the best picture of a run that Ctrl-C ended, say so on stderr and end with that exit code.

    Call it where KeyboardInterrupt is handled: that is raised again if there is no picture yet.
    """
    if not so_far.write():
        raise KeyboardInterrupt
    done = f"iteration {so_far.iteration} of {iterations}"
    typer.echo(f"interrupted at {done}: {so_far.out} is the best picture so far", err=True)
    raise typer.Exit(INTERRUPTED)


def choose_size(size: int | None, preset: Preset | None) -> int:
    """Return the short side in px: what was asked for, or else the preset's, or else the usual one."""
    return size or (preset and preset.size_px) or USUAL_SIZE_PX


def compile_loss(*, wanted: bool) -> CompiledLoss | None:
    """Return what compiles the loss, if that is `wanted`; where it does not work, a line on stderr says so."""
    return CompiledLoss(lambda line: typer.echo(f"nst-teacher: {line}", err=True)) if wanted else None


def read_blend(text: str) -> StyleFile:
    """Return the style file of ``PICTURE=WEIGHT``; raises NstError."""
    name, sign, number = text.rpartition("=")
    try:
        weight = float(number) if sign and name else 0.0
    except ValueError:
        weight = 0.0
    if not 0 < weight < float("inf"):
        raise NstError(
            f"--style-blend is {text!r}, not PICTURE=WEIGHT with a weight above 0", "give it such as wave.jpg=0.5"
        )
    return StyleFile(Path(name), weight)


def pair_masks(styles: list[StyleFile], masks: list[Path]) -> tuple[StyleFile, ...]:
    """Return `styles` with their `masks`: all of them for a single style, one for each of a blend; raises NstError."""
    if not masks:
        return tuple(styles)
    if len(styles) == 1:
        return (StyleFile(styles[0].path, styles[0].weight, tuple(masks)),)
    if len(masks) != len(styles):
        raise NstError(
            f"{len(styles)} style pictures need as many --style-mask, not {len(masks)}",
            "give one label image for each of them",
        )
    return tuple(StyleFile(style.path, style.weight, (mask,)) for style, mask in zip(styles, masks, strict=True))


def choose_snapshots(text: str | None, preset: Preset | None, method: Method) -> tuple[int, ...]:
    """Return the iterations in `text`, or those of the preset that are reached; raises NstError."""
    if text is None:
        return tuple(number for number in (preset.snapshots if preset else ()) if number <= method.plan.iterations)
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise NstError(f"--snapshots is {text!r}", "give iterations separated by commas, such as 100,300") from error
