"""nst-teacher stylize: one photo, with everything the papers did."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from nst_runtime.cli.launch import INTERRUPTED
from nst_runtime.cli.output import say
from nst_runtime.cli.settings_options import Given, with_settings
from nst_teacher.cli.choice import LISTED, PresetOption, read_choice, start, without_sections
from nst_teacher.cli.idle_options import refuse_feather
from nst_teacher.settings.style_file import StyleFile, pair_masks, read_blend
from nst_teacher.settings.teacher_settings import TeacherSettings

if TYPE_CHECKING:
    import torch

    from nst_teacher.engine.compiled import CompiledLoss
    from nst_teacher.figures.so_far import SoFar
    from nst_teacher.figures.stylize import StylizeTask

EPILOG = """\b
Examples:
  nst-teacher stylize photo.jpg wave.jpg out.png --network random
  nst-teacher stylize photo.jpg wave.jpg out.png --preset gatys2016 --size 512
  nst-teacher stylize photo.jpg wave.jpg out.png --set stylize.preview=true
"""
SHOWN = (
    "run.size", "network.network", "network.weights", "losses.content_weight", "optimisation.iterations",
    "run.style_blend", "stylize.save_every", "run.device",
)  # fmt: skip


@with_settings(TeacherSettings, SHOWN, listed=LISTED, without=without_sections("generate", "machines"))
def stylize_command(
    content: Annotated[Path, typer.Argument(metavar="CONTENT", help="The photo.")],
    style: Annotated[Path, typer.Argument(metavar="STYLE", help="The style picture.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write.")],
    preset: PresetOption = None,
    content_mask: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Regions of the photo: a label image, or a grey one for each region."),
    ] = None,
    style_mask: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="The same of STYLE; in a blend, one label image for each picture."),
    ] = None,
    *,
    given: Given,
) -> None:
    """Stylise one photo.

    The pixels of the photo change step by step, until a network finds its content and the style's statistics in them.
    The path of the result is printed. Ctrl-C ends the work early, with the best picture so far in OUT.
    """
    choice = read_choice(preset, given)
    refuse_feather(given, masked=bool(content_mask or style_mask))
    settings, device = start(choice)
    from nst_teacher.figures.stylize import StylizeTask

    styles = [StyleFile(style), *map(read_blend, settings.run.style_blend)]
    task = StylizeTask(
        content,
        pair_masks(styles, style_mask or []),
        out,
        settings.size_px,
        tuple(content_mask or ()),
        choose_snapshots(given, settings),
        settings.stylize.save_every,
    )
    _stylize(task, settings, device)
    print(out)


def _stylize(task: "StylizeTask", settings: TeacherSettings, device: "torch.device") -> None:
    from nst_teacher.cli.progress_display import progress_display
    from nst_teacher.figures.preview import showing
    from nst_teacher.figures.so_far import SoFar
    from nst_teacher.figures.stylize import stylize

    so_far, method, own = SoFar(task.out), settings.method, settings.stylize
    try:
        with showing(so_far, method.plan.iterations, own.preview_port, wanted=own.preview) as address:
            if address is not None:
                say(f"the picture so far is at {address}")
            with progress_display(sys.stderr, 1) as display:
                compiled = compile_loss(wanted=bool(settings.run.compile))
                for event in stylize(task, method, device, compiled, so_far):
                    display.show(event)
    except KeyboardInterrupt:
        keep_interrupted(so_far, method.plan.iterations)


def keep_interrupted(so_far: "SoFar", iterations: int) -> NoReturn:
    """Write the best picture of a run that Ctrl-C ended, say so on stderr and end with that exit code.

    Call it where KeyboardInterrupt is handled: that is raised again if there is no picture yet.
    """
    if not so_far.write():
        raise KeyboardInterrupt
    done = f"iteration {so_far.iteration} of {iterations}"
    typer.echo(f"interrupted at {done}: {so_far.out} is the best picture so far", err=True)
    raise typer.Exit(INTERRUPTED)


def compile_loss(*, wanted: bool) -> "CompiledLoss | None":
    """Return what compiles the loss, if that is `wanted`; where it does not work, a line on stderr says so."""
    from nst_teacher.engine.compiled import CompiledLoss

    return CompiledLoss(say) if wanted else None


def choose_snapshots(given: Given, settings: TeacherSettings) -> tuple[int, ...]:
    """Return the iterations to write a picture after: those given, or those of the preset that are reached."""
    snapshots = settings.stylize.snapshots
    if "snapshots" in given.get("stylize", {}):
        return snapshots
    return tuple(number for number in snapshots if number <= settings.method.plan.iterations)
