"""``nst-student compare``: the same training by several optimizers."""

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nst_runtime.cli.explain import explain_option
from nst_runtime.cli.output import say
from nst_runtime.cli.settings_options import Given, with_settings
from nst_runtime.contracts.settings import apply
from nst_runtime.contracts.workspace import DEFAULT, Workspace
from nst_runtime.errors import NstError
from nst_student.cli.idle_settings import BANK, refuse_idle
from nst_student.cli.shared_options import DeviceOption, WorkspaceOption, photographs
from nst_student.figures.optimizer_runs import RATES, ObjectiveName, parse_runs, settle_snapshots
from nst_student.figures.settings import IDLE, CompareSettings
from nst_student.recipes.settings import StudentSettings, find_style
from nst_student.recipes.weights import settle_weights

if TYPE_CHECKING:
    import torch

    from nst_student.data.batches import Batches
    from nst_student.figures.compare import MakeSetup
    from nst_student.networks.checkpoint import Codec

EPILOG = """\b
Examples:
  nst-student compare --style waves --style-image wave.jpg --content photos --out out --snapshots 100,200,300
  nst-student compare --style waves --objective pixels --optimizers sgd,adam --out out --set compare.photo=photo.jpg
"""
SHOWN_PX = 256
FILES = ("compare.png", "compare_sheet.png", "compare.csv", "compare.jsonl")


@with_settings(
    CompareSettings,
    ("training.steps", "compare.snapshots"),
    listed="nst-student compare --explain",
    without=IDLE,
)
def compare_command(
    style: Annotated[str, typer.Option(metavar="NAME", help="Name of the style.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to.")],
    style_image: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The style's picture, for --objective perceptual.")
    ] = None,
    content: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of photographs, for --objective perceptual.")
    ] = None,
    objective: Annotated[
        ObjectiveName,
        typer.Option(help="perceptual: networks judge; pixels: squared error to the teacher's pairs."),
    ] = "perceptual",
    optimizers: Annotated[
        str,
        typer.Option(metavar="NAME[=RATE],…", help="Which: sgd, adam, soap, each with a peak learning rate or not."),
    ] = "sgd,adam,soap",
    *,
    given: Given,
    workspace: WorkspaceOption = DEFAULT,
    device: DeviceOption = "auto",
    explained: Annotated[bool, explain_option(CompareSettings(), IDLE)] = False,
) -> None:
    """Train a bank of one style by several optimizers, on the same photographs and from the same weights.

    The codec is the workspace's, or the shipped one. Writes compare.png (the loss over iterations), compare_sheet.png
    (a photograph by each optimizer at each snapshot), compare.csv and compare.jsonl (every step) to --out and prints
    their paths. The banks are not kept.
    """
    settings = apply(CompareSettings(), given)
    student = settings.student()
    refuse_idle(given, [student], BANK[objective])
    snapshots = settle_snapshots(settings.snapshots, student.training.steps)
    runs = parse_runs(optimizers, RATES[objective])
    _check_lesson(objective, style_image, content)
    say(f"loading torch to compare {', '.join(run.label for run in runs)}")
    from nst_features.device import pick_device
    from nst_student.cli.progress import show
    from nst_student.data.pictures import read_photo
    from nst_student.figures.compare import Comparison, compare

    place, on = Workspace(workspace), pick_device(device)
    codec = _load_codec(place).to(on)
    if style_image is None or content is None:
        batches, make_setup = _by_pixels(student, style, place, codec, on)
    else:
        batches, make_setup = _by_judges(settle_weights(student, given), style, style_image, content, codec, on)
    photo = batches.batch(0, 1)[0] if settings.photo is None else read_photo(settings.photo, SHOWN_PX)
    task = Comparison(codec, make_setup, photo.to(on), student.training.steps, snapshots, student.training.seed)
    for run, steps in groupby(compare(task, runs, out), key=lambda item: item[0]):
        show((progress for _, progress in steps), run.label)
    for name in FILES:
        print(out / name)


def _check_lesson(objective: ObjectiveName, style_image: Path | None, content: Path | None) -> None:
    """Raise NstError unless picture and photographs are there for judges, and for them alone."""
    if objective == "perceptual" and (style_image is None or content is None):
        raise NstError(
            "the objective perceptual needs the style's picture and photographs", "give `style_image` and `content`"
        )
    if objective == "pixels" and not (style_image is None and content is None):
        idle = "content" if style_image is None else "style_image"
        raise NstError(f"`{idle}` would change nothing here: `objective` pixels learns from pairs", "leave it out")


def _load_codec(place: Workspace) -> "Codec":
    from nst_student.networks.checkpoint import CODEC_FILE, load_codec
    from nst_student.networks.shipped import SHIPPED_CODEC

    own = place.codec / CODEC_FILE
    return load_codec(own if own.exists() else SHIPPED_CODEC)


def _by_pixels(
    settings: StudentSettings, style: str, place: Workspace, codec: "Codec", device: "torch.device"
) -> "tuple[Batches, MakeSetup]":
    from nst_student.data.pairs import load_pairs
    from nst_student.figures.optimizer_setups import setup_by_pixels

    pairs = load_pairs(settings.photos.pairs or place.pairs(style))[: settings.photos.count]
    return setup_by_pixels(codec, pairs, settings, device)


def _by_judges(
    settings: StudentSettings, style: str, picture: Path, content: Path, codec: "Codec", device: "torch.device"
) -> "tuple[Batches, MakeSetup]":
    from nst_student.data.photos import check_crop_px
    from nst_student.figures.optimizer_setups import setup_by_judges

    check_crop_px(settings.training.crop_px)
    source, load = find_style(style, picture), photographs(content, settings.photos)
    return setup_by_judges(codec, source, load(), settings, device)
