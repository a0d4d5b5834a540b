"""The command ``nst-student``."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from nst_features.device import pick_device
from nst_runtime.cli.program import new_program
from nst_runtime.contracts.library import open_library
from nst_runtime.contracts.pairs import read_pairs
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.errors import NstError
from nst_runtime.pictures.read import list_pictures
from nst_student.cli.compare_command import compare_command
from nst_student.cli.evaluate_command import evaluate
from nst_student.cli.flatten import flatten_options
from nst_student.cli.options import InfoOptions, JudgeOptions, PlaceOptions, TrainingOptions, find_style, parse_styles
from nst_student.cli.progress import say, show, warn_skipped
from nst_student.cli.visualize_command import visualize_command
from nst_student.data.batches import Pixels
from nst_student.data.pairs import PixelPair, load_pairs
from nst_student.data.photos import load_photos
from nst_student.losses.judges import StyleSource
from nst_student.networks.checkpoint import CODEC_FILE
from nst_student.networks.registry import ArchitectureName
from nst_student.networks.shipped import place_codec
from nst_student.training.bank import PIXEL_WEIGHT, Objective
from nst_student.training.codec import JointWeights
from nst_student.training.jobs import train_bank, train_codec

app = new_program(
    "nst-student",
    says="Train the codec that all styles share, and a small bank for each style.",
    example="nst-student train-bank --style mine --style-image painting.jpg --content photos",
)
app.command("evaluate")(flatten_options(evaluate))
app.command("compare")(flatten_options(compare_command))
app.command("visualize")(flatten_options(visualize_command))


@app.command("train-codec")
@flatten_options
def train_codec_command(
    content: Annotated[Path, typer.Option(help="Folder of training photographs.")],
    place: PlaceOptions,
    training: TrainingOptions,
    judges: JudgeOptions,
    mode: Annotated[
        Literal["reconstruct", "joint"],
        typer.Option(help="reconstruct: image in, image out. joint: with banks, so that strokes get through."),
    ] = "joint",
    styles: Annotated[
        list[str] | None, typer.Option(metavar="NAME=PICTURE", help="A style to train along; once for each.")
    ] = None,
    reconstruction_weight: Annotated[
        float, typer.Option(min=0, help="In joint mode, weight of the squared error of the photograph given back.")
    ] = JointWeights.reconstruction,
    architecture: Annotated[
        ArchitectureName,
        typer.Option(
            help="srinath: the paper's. conditional: banks also have the decoder's scales and biases. "
            "detailed: banks work at two sizes. unet: at three, and see far; the codec has no norms."
        ),
    ] = "unet",
    start: Annotated[Path | None, typer.Option(help="A codec to begin with, such as one that reconstructs.")] = None,
) -> None:
    """Train the shared encoder and decoder; in joint mode the banks of --styles with them.

    Example: nst-student train-codec --content photos --styles waves=wave.jpg --styles scream=scream.jpg
    """
    workspace = Workspace(place.workspace)
    sources = parse_styles(styles or []) if mode == "joint" else []
    progress = train_codec(
        workspace, _photographs(content, training), training.settings(), pick_device(place.device),
        mode=mode, architecture=architecture, start=start, styles=sources, perceptual=judges.settings(),
        weights=JointWeights(reconstruction_weight, judges.steady_weight), fresh=place.fresh,
    )  # fmt: skip
    show(progress, f"codec ({mode})")
    print(workspace.codec / CODEC_FILE)
    for source in sources:
        print(workspace.style(source.name))


@app.command("train-bank")
@flatten_options
def train_bank_command(
    style: Annotated[str, typer.Option(help="Name of the style.")],
    place: PlaceOptions,
    training: TrainingOptions,
    judges: JudgeOptions,
    about: InfoOptions,
    objective: Annotated[
        Objective | None,
        typer.Option(
            show_default="perceptual with --content, else pixels",
            help="pixels: squared error to the teacher's pairs; perceptual: judges; hybrid: both.",
        ),
    ] = None,
    style_image: Annotated[Path | None, typer.Option(help="The style's picture, for objectives with judges.")] = None,
    content: Annotated[Path | None, typer.Option(help="Folder of photographs to learn from, by judges.")] = None,
    pairs: Annotated[Path | None, typer.Option(help="Folder of the teacher's pairs; WORKSPACE/pairs/STYLE.")] = None,
    start: Annotated[Path | None, typer.Option(help="A bank of the same codec to begin with.")] = None,
    pixel_weight: Annotated[
        float, typer.Option(min=0, help="Weight of the squared error in --objective hybrid.")
    ] = PIXEL_WEIGHT,
) -> None:
    """Train the bank of one style; the codec and every other style stay as they are, to the byte.

    What it ends with is the style file, WORKSPACE/styles/STYLE.safetensors: nst-runtime stylize takes it as it is.

    From the pairs of nst-teacher generate: nst-student train-bank --style waves

    By judges: nst-student train-bank --style waves --style-image wave.jpg --content photos
    """
    workspace = Workspace(place.workspace)
    objective = objective or (Objective.PIXELS if content is None else Objective.PERCEPTUAL)
    source = _style_source(style, objective, style_image)
    judged = objective is Objective.PERCEPTUAL
    if content is not None and not judged:
        raise NstError(
            f"--objective {objective.value} learns from pairs, not from --content", "leave one of the two out"
        )
    photos = _photographs(content, training) if judged else ()
    taught = () if judged else _pairs(pairs or workspace.pairs(style), training)
    settings, perceptual = training.settings(), judges.settings()
    _tell_taken(style, workspace)
    if place_codec(workspace.codec / CODEC_FILE):
        say(f"{workspace.root} has no codec of its own; the bank is trained for the shipped one")
    progress = train_bank(
        workspace, source, settings, pick_device(place.device),
        objective=objective, photos=photos, pairs=taught, perceptual=perceptual,
        pixel_weight=pixel_weight, steady_weight=judges.steady_weight, start=start, info=about.info(style),
        fresh=place.fresh,
    )  # fmt: skip
    show(progress, f"bank {style} ({objective.value})")
    print(workspace.style(style))


def _tell_taken(style: str, workspace: Workspace) -> None:
    """Say so where programs find another style by this name: the new one is reached by its file alone then."""
    try:
        found = open_library(workspace=workspace.root).find(style)
    except NstError:
        return
    if found.origin != "workspace":
        say(f"programs find {found.path} by the name {style}; choose another name, or give the new file itself")


def _photographs(content: Path | None, training: TrainingOptions) -> Callable[[], list[Pixels]]:
    """Return what reads the photographs, which takes a while; raises NstError when there is no such folder."""
    if content is None:
        raise NstError("--objective perceptual needs photographs", "give a folder of them: --content FOLDER")
    sides = training.photo_range()
    list_pictures(content)
    return lambda: load_photos(content, short_sides_px=sides, limit=training.count, skipped=warn_skipped)


def _pairs(folder: Path, training: TrainingOptions) -> Callable[[], list[PixelPair]]:
    """Return what reads the pairs' pictures, which takes a while; raises NstError when there are no pairs."""
    if training.crop_px is not None:
        raise NstError("--crop-px is for photographs; pairs are seen whole", "leave --crop-px out")
    read_pairs(folder)
    return lambda: load_pairs(folder)[: training.count]


def _style_source(style: str, objective: Objective, picture: Path | None) -> StyleSource:
    if objective is Objective.PIXELS:
        return StyleSource(style, picture or Path())
    if picture is None:
        raise NstError(f"--objective {objective.value} needs the style's picture", "give it: --style-image FILE")
    return find_style(style, picture)
