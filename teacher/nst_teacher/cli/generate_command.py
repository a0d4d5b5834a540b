"""nst-teacher generate: pairs of photos and stylised photos, for the student."""

import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from nst_runtime.cli.settings_options import Given, with_settings
from nst_runtime.contracts.workspace import DEFAULT, Workspace
from nst_runtime.errors import NstError
from nst_teacher.cli.choice import LISTED, PresetOption, read_choice, start, without_sections
from nst_teacher.settings.style_file import read_blend
from nst_teacher.settings.teacher_settings import USUAL_BATCH, TeacherSettings

if TYPE_CHECKING:
    import torch

    from nst_teacher.pairs.batches import Workers
    from nst_teacher.pairs.job import Generated, Job, PhotoFailed

NAMED_FAILURES = 10
EPILOG = """\b
Examples:
  nst-teacher generate --style waves --style-image wave.jpg --content photos --network random
  nst-teacher generate --style waves --style-image wave.jpg --content photos --preset srinath --count 50
"""
SHOWN = ("generate.count", "generate.size", "network.network", "network.weights", "run.device")
WITHOUT = {
    **without_sections("stylize"),
    "run.size": "pairs have generate.size",
    "style.mask_feather_px": "there are no masks",
}


@with_settings(TeacherSettings, SHOWN, listed=LISTED, without=WITHOUT)
def generate_command(
    style: Annotated[str, typer.Option(metavar="NAME", help="Name of the style, such as waves.")],
    style_image: Annotated[Path, typer.Option(metavar="FILE", help="The style picture.")],
    content: Annotated[Path, typer.Option(metavar="DIR", help="Folder of photos.")],
    *,
    workspace: Annotated[Path, typer.Option(metavar="DIR", help="Write to pairs/STYLE in this folder.")] = DEFAULT,
    fresh: Annotated[bool, typer.Option("--fresh", help="First remove the pairs that are there.")] = False,
    preset: PresetOption = None,
    given: Given,
) -> None:
    """Make pairs (photo, stylised photo) of a style, with a manifest and a contact sheet.

    Run again after a stop, it makes only what is missing. The manifest's path is printed.

    Many processes or machines can share the work: give each its part with --set machines.shard=1/8 and so on, all with
    the same folder. The one that ends last writes the manifest.
    """
    settings, device = start(read_choice(preset, given))
    from nst_teacher.pairs.job import Job
    from nst_teacher.pairs.shards import parse_shard

    own, shard, results = settings.generate, parse_shard(settings.machines.shard, os.environ), sys.stdout
    with redirect_stdout(sys.stderr):  # Ray prints what befalls its machines, from a thread and whenever it hears of it
        workers, device, kind = _choose_workers(settings, device)
        job = Job(
            style, style_image, content, own.count, own.size, own.out or Workspace(workspace).pairs(style),
            settings.method, own.title, own.batch or USUAL_BATCH.get(kind, 1), fresh, shard,
            tuple(map(read_blend, settings.run.style_blend)),
        )  # fmt: skip
        _report(_generate(job, device, workers, compiled=_compiles(settings, job, kind)), job, results)


def _choose_workers(settings: TeacherSettings, device: "torch.device") -> "tuple[Workers, torch.device, str]":
    """Return who stylises, the device of this process, and the kind of device that the work is done on."""
    import torch

    from nst_teacher.pairs.batches import ThisProcess
    from nst_teacher.pairs.ray_cluster import RayCluster
    from nst_teacher.pairs.shards import choose_device

    machines = settings.machines
    if machines.engine == "ray":
        cluster = RayCluster(machines.ray_address, machines.worker_cpus)
        return cluster, torch.device("cpu"), cluster.device_type
    return ThisProcess(), choose_device(device, machines.shard, os.environ), device.type


def _compiles(settings: TeacherSettings, job: "Job", kind: str) -> bool:
    from nst_teacher.engine.compiled import MANY_PAIRS

    many = kind == "cuda" and job.count // job.shard.count >= MANY_PAIRS
    return many if settings.run.compile is None else settings.run.compile


def _generate(job: "Job", device: "torch.device", workers: "Workers", *, compiled: bool) -> "tuple[Generated, int]":
    """Do the job and show its progress; return its end and how many photos it had."""
    from nst_teacher.cli.progress_display import progress_display
    from nst_teacher.cli.stylize_command import compile_loss
    from nst_teacher.pairs.generate import generate
    from nst_teacher.pairs.job import Generated, Started

    with progress_display(sys.stderr, job.count) as display:
        for event in generate(job, device, workers, compile_loss(wanted=compiled)):
            display.show(event)
            if isinstance(event, Started):
                photos = event.photos
            elif isinstance(event, Generated):
                end = event
    return end, photos


def _report(ended: "tuple[Generated, int]", job: "Job", results: TextIO) -> None:
    """Print the manifest to `results`, or say what is to come; raises NstError that names the photos without a pair."""
    end, photos = ended
    if end.manifest is not None:
        print(end.manifest, file=results)
    elif not job.shard.whole and not end.failures:
        print(f"shard {job.shard} has its {photos} pairs; the last shard to end writes the manifest", file=sys.stderr)
    if end.failures:
        raise NstError(
            describe_failures(end.failures, photos), "put that right and run again: only what is missing is made"
        )


def describe_failures(failures: "Sequence[PhotoFailed]", count: int) -> str:
    """Return one line that names the photos without a pair, the first ten with their reason."""
    named = "; ".join(failure.reason for failure in failures[:NAMED_FAILURES])
    more = f"; and {len(failures) - NAMED_FAILURES} more" if len(failures) > NAMED_FAILURES else ""
    return f"{len(failures)} of {count} photos have no pair: {named}{more}"
