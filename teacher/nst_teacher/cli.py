"""nst-teacher: make pairs of photos and stylised photos by Gatys optimisation."""

import sys
from pathlib import Path
from typing import Annotated

import torch
import typer

from nst_runtime.errors import NstError
from nst_runtime.workspace import DEFAULT, Workspace
from nst_teacher.generate import Generated, Job, PhotoFailed, generate
from nst_teacher.method import Method
from nst_teacher.options import with_method
from nst_teacher.presets_command import presets_command
from nst_teacher.progress_display import progress_display
from nst_teacher.stylize_command import stylize_command

app = typer.Typer(help="Stylise photos slowly and well, to teach the student.", no_args_is_help=True)
BATCH = {"cpu": 1, "cuda": 16}
NAMED_FAILURES = 10

app.command("stylize")(stylize_command)
app.command("presets")(presets_command)


@app.command("generate")
@with_method
def generate_command(
    style: Annotated[str, typer.Option(help="Name of the style, such as waves.")],
    style_image: Annotated[Path, typer.Option(help="Its picture.")],
    content: Annotated[Path, typer.Option(help="Folder of photos.")],
    count: Annotated[int, typer.Option(min=1, help="How many of them; which ones, --seed draws.")] = 50,
    size: Annotated[int, typer.Option(min=16, help="Side of the pairs in px; photos are cut square.")] = 256,
    workspace: Annotated[Path, typer.Option(help="Write to pairs/STYLE in this folder.")] = DEFAULT,
    out: Annotated[Path | None, typer.Option(help="Write to this folder instead.")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the style, for people.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="First remove the pairs that are there.")] = False,
    batch: Annotated[int | None, typer.Option(min=1, help="Pictures at once; default: 1, on a GPU 16.")] = None,
    *,
    method: Method,
    device: torch.device,
) -> None:
    """Make pairs (photo, stylised photo) of a style, with a manifest and a contact sheet.

    Run again after a stop, it makes only what is missing. Prints the manifest's path.

    Example: nst-teacher generate --style waves --style-image wave.jpg --content photos --count 50 --network random
    """
    folder = out if out is not None else Workspace(workspace).pairs(style)
    at_once = batch or BATCH.get(device.type, 1)
    job = Job(style, style_image, content, count, size, folder, method, title, at_once, fresh)
    with progress_display(sys.stderr, count) as display:
        for event in generate(job, device):
            display.show(event)
            if isinstance(event, Generated):
                end = event
    if end.manifest is not None:
        print(end.manifest)
    if end.failures:
        raise NstError(describe_failures(end.failures, count))


def describe_failures(failures: tuple[PhotoFailed, ...], count: int) -> str:
    """Return one line that names the photos without a pair, the first ten with their reason."""
    named = "; ".join(failure.reason for failure in failures[:NAMED_FAILURES])
    more = f"; and {len(failures) - NAMED_FAILURES} more" if len(failures) > NAMED_FAILURES else ""
    return f"{len(failures)} of {count} photos have no pair: {named}{more}"
