"""nst-teacher: make pairs of photos and stylised photos by Gatys optimisation."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import torch
import typer

from nst_runtime.cli.program import new_program
from nst_runtime.contracts.workspace import DEFAULT, Workspace
from nst_runtime.errors import NstError
from nst_teacher.cli.compare_command import compare_command
from nst_teacher.cli.options import with_method
from nst_teacher.cli.presets_command import presets_command
from nst_teacher.cli.progress_display import progress_display
from nst_teacher.cli.reconstruct_command import reconstruct_command
from nst_teacher.cli.stylize_command import CompileOption, compile_loss, read_blend, stylize_command
from nst_teacher.cli.sweep_command import sweep_command
from nst_teacher.engine.compiled import MANY_PAIRS
from nst_teacher.pairs.batches import ThisProcess, Workers
from nst_teacher.pairs.generate import generate
from nst_teacher.pairs.job import Generated, Job, PhotoFailed, Started
from nst_teacher.pairs.ray_cluster import RayCluster
from nst_teacher.pairs.shards import WHOLE, choose_device, parse_shard
from nst_teacher.settings.method import Method

app = new_program(
    "nst-teacher",
    says="Stylize photos slowly and well, to teach the student.",
    example="nst-teacher stylize photo.jpg painting.jpg out.png",
)
BATCH = {"cpu": 1, "cuda": 16}
NAMED_FAILURES = 10
MACHINES = "Many machines"
EngineName = Literal["local", "ray"]

app.command("stylize")(stylize_command)
app.command("presets")(presets_command)
app.command("reconstruct")(reconstruct_command)
app.command("compare")(compare_command)
app.command("sweep")(sweep_command)


@app.command("generate")
@partial(with_method, without=("mask_feather_px",))
def generate_command(
    style: Annotated[str, typer.Option(help="Name of the style, such as waves.")],
    style_image: Annotated[Path, typer.Option(help="Its picture.")],
    style_blend: Annotated[
        list[str] | None, typer.Option(metavar="PICTURE=WEIGHT", help="A further picture; --style-image counts 1.")
    ] = None,
    *,
    content: Annotated[Path, typer.Option(help="Folder of photos.")],
    count: Annotated[int, typer.Option(min=1, help="How many of them; which ones, --seed draws.")] = 50,
    size: Annotated[int, typer.Option(min=16, help="Side of the pairs in px; photos are cut square.")] = 256,
    workspace: Annotated[Path, typer.Option(help="Write to pairs/STYLE in this folder.")] = DEFAULT,
    out: Annotated[Path | None, typer.Option(help="Write to this folder instead.")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the style, for people.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="First remove the pairs that are there.")] = False,
    batch: Annotated[int | None, typer.Option(min=1, help="Pictures at once; default: 1, on a GPU 16.")] = None,
    shard: Annotated[
        str, typer.Option(rich_help_panel=MACHINES, help="Make part i of n alone: i/n; auto asks the launcher.")
    ] = str(WHOLE),
    engine: Annotated[EngineName, typer.Option(rich_help_panel=MACHINES, help="Where batches run.")] = "local",
    ray_address: Annotated[
        str | None, typer.Option(rich_help_panel=MACHINES, help="The Ray cluster; default: one that runs here.")
    ] = None,
    worker_cpus: Annotated[
        int, typer.Option(min=1, rich_help_panel=MACHINES, help="Processors of each of Ray's workers.")
    ] = 1,
    compiled: CompileOption = None,
    method: Method,
    device: torch.device,
) -> None:
    """Make pairs (photo, stylised photo) of a style, with a manifest and a contact sheet.

    Run again after a stop, it makes only what is missing. Prints the manifest's path. Shards may write to the same
    folder at once; the one that ends last writes the manifest, and the command without --shard makes what is missing.

    Example: nst-teacher generate --style waves --style-image wave.jpg --content photos --count 50 --network random
    """
    folder = out if out is not None else Workspace(workspace).pairs(style)
    part = parse_shard(shard, os.environ)
    if engine == "ray":
        workers: Workers = (cluster := RayCluster(ray_address, worker_cpus))
        on: str = cluster.device_type
        device = torch.device("cpu")
    else:
        workers, on = ThisProcess(), device.type
        device = choose_device(device, shard, os.environ)
    blend = tuple(map(read_blend, style_blend or []))
    job = Job(
        style, style_image, content, count, size, folder, method, title, batch or BATCH.get(on, 1), fresh, part, blend
    )
    many = on == "cuda" and count // part.count >= MANY_PAIRS
    wanted = many if compiled is None else compiled
    with progress_display(sys.stderr, count) as display:
        for event in generate(job, device, workers, compile_loss(wanted=wanted)):
            display.show(event)
            if isinstance(event, Started):
                photos = event.photos
            elif isinstance(event, Generated):
                end = event
    if end.manifest is not None:
        print(end.manifest)
    elif not part.whole and not end.failures:
        print(f"shard {part} has its {photos} pairs; the last shard to end writes the manifest", file=sys.stderr)
    if end.failures:
        raise NstError(
            describe_failures(end.failures, photos), "put that right and run again: only what is missing is made"
        )


def describe_failures(failures: tuple[PhotoFailed, ...], count: int) -> str:
    """Return one line that names the photos without a pair, the first ten with their reason."""
    named = "; ".join(failure.reason for failure in failures[:NAMED_FAILURES])
    more = f"; and {len(failures) - NAMED_FAILURES} more" if len(failures) > NAMED_FAILURES else ""
    return f"{len(failures)} of {count} photos have no pair: {named}{more}"
