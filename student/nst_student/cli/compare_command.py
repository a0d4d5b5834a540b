"""``nst-student compare``: the same training by several optimizers."""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated

import torch
import typer

from nst_features.device import pick_device
from nst_features.names import DeviceName
from nst_runtime.contracts.workspace import DEFAULT, Workspace
from nst_runtime.errors import NstError
from nst_student.cli.options import TRAINING, JudgeOptions, TrainingOptions, find_style
from nst_student.cli.progress import say, show, warn_skipped
from nst_student.data.batches import Batches
from nst_student.data.pairs import WholePairs, load_pairs
from nst_student.data.photos import check_crop_px, load_photos, square_crops
from nst_student.data.pictures import read_photo
from nst_student.figures.compare import Comparison, MakeSetup, Setup, compare
from nst_student.figures.optimizer_runs import RATES, ObjectiveName, parse_runs, parse_snapshots
from nst_student.losses.balance import ContentBalance
from nst_student.losses.judges import Judging
from nst_student.networks.checkpoint import CODEC_FILE, Codec, load_codec
from nst_student.networks.registry import Bank
from nst_student.networks.shipped import SHIPPED_CODEC
from nst_student.training.bank import perceptual_step, pixel_step

SHOWN_PX = 256


@dataclass(frozen=True)
class CompareOptions:
    """What to train, by which optimizers, and when to look."""

    style: Annotated[str, typer.Option(help="Name of the style.")]
    out: Annotated[Path, typer.Option(help="Folder to write to.")]
    optimizers: Annotated[
        str,
        typer.Option(metavar="NAME[=RATE],…", help="Which: sgd, adam, soap, each with a peak learning rate or not."),
    ] = "sgd,adam,soap"
    objective: Annotated[
        ObjectiveName, typer.Option(help="perceptual: judges; pixels: squared error to the teacher's pairs.")
    ] = "perceptual"
    style_image: Annotated[Path | None, typer.Option(help="The style's picture, for --objective perceptual.")] = None
    content: Annotated[Path | None, typer.Option(help="Folder of photographs, for --objective perceptual.")] = None
    pairs: Annotated[Path | None, typer.Option(help="Folder of the teacher's pairs; WORKSPACE/pairs/STYLE.")] = None
    photo: Annotated[
        Path | None,
        typer.Option(help="Photograph to stylise at the snapshots.", show_default="the first one trained on"),
    ] = None
    snapshots: Annotated[str, typer.Option(metavar="N,N,…", help="Steps to look at; empty for the last one.")] = ""
    steps: Annotated[int, typer.Option(min=1, help="Training steps.")] = 300
    batch: Annotated[int, typer.Option(min=1, help="Crops or pairs a step.")] = TRAINING.batch
    crop_px: Annotated[
        int, typer.Option(min=32, help="Side of the square crops of photographs, a multiple of 16. Pairs are whole.")
    ] = 192
    photo_px: Annotated[str, typer.Option(metavar="PX[:PX]", help="Short side to resize photographs to.")] = (
        TrainingOptions.photo_px
    )
    count: Annotated[int | None, typer.Option(min=1, help="Use only the first N photographs by name, or pairs.")] = None
    seed: Annotated[int, typer.Option(min=0, help="Seed of first weights and crops.")] = TRAINING.seed
    workspace: Annotated[Path, typer.Option(help="Folder that holds the codec, and pairs.")] = DEFAULT
    device: Annotated[DeviceName, typer.Option(help="Where to compute; auto takes CUDA if there is one.")] = "auto"


def compare_command(options: CompareOptions, judges: JudgeOptions) -> None:
    """Train a bank of one style by several optimizers, on the same photographs and from the same weights.

    The codec is the workspace's, or the shipped one. Writes compare.png (the loss over iterations), compare_sheet.png
    (a photograph by each optimizer at each snapshot), compare.csv and compare.jsonl (every step) to --out and prints
    their paths. The banks are not kept.

    Example: nst-student compare --style waves --style-image wave.jpg --content photos --out out --snapshots 100,200,300
    """
    device = pick_device(options.device)
    snapshots = parse_snapshots(options.snapshots, options.steps)
    runs = parse_runs(options.optimizers, RATES[options.objective])
    say(f"comparing {', '.join(run.label for run in runs)}")
    own = Workspace(options.workspace).codec / CODEC_FILE
    codec = load_codec(own if own.exists() else SHIPPED_CODEC).to(device)
    if options.objective == "pixels":
        batches, make_setup = _by_pixels(options, codec, device)
    else:
        batches, make_setup = _by_judges(options, judges, codec, device)
    photo = batches.batch(0, 1)[0] if options.photo is None else read_photo(options.photo, SHOWN_PX)
    task = Comparison(codec, make_setup, photo.to(device), options.steps, snapshots, options.seed)
    for run, steps in groupby(compare(task, runs, options.out), key=lambda item: item[0]):
        show((progress for _, progress in steps), run.label)
    for name in ("compare.png", "compare_sheet.png", "compare.csv", "compare.jsonl"):
        print(options.out / name)


def _by_pixels(options: CompareOptions, codec: Codec, device: torch.device) -> tuple[Batches, MakeSetup]:
    """Return the teacher's pairs and the paper's second step on them."""
    folder = options.pairs or Workspace(options.workspace).pairs(options.style)
    batches = WholePairs(load_pairs(folder)[: options.count], options.seed, codec.architecture.multiple_px, device)
    return batches, lambda bank: Setup(pixel_step(codec, bank, batches, options.batch))


def _by_judges(
    options: CompareOptions, judges: JudgeOptions, codec: Codec, device: torch.device
) -> tuple[Batches, MakeSetup]:
    """Return crops of the photographs and the judges' step on them; each bank has a content weight of its own."""
    if options.style_image is None or options.content is None:
        raise NstError(
            "--objective perceptual needs a style picture and photographs",
            "give both: --style-image FILE and --content FOLDER",
        )
    check_crop_px(options.crop_px)
    source, settings = find_style(options.style, options.style_image), judges.settings()
    judging = Judging(settings.judges, settings.weights, [source], device)
    sides = TrainingOptions(photo_px=options.photo_px).photo_range()
    photos = load_photos(options.content, short_sides_px=sides, limit=options.count, skipped=warn_skipped)
    crops = square_crops(photos, options.crop_px, options.seed, device)
    objective = judging.objective(crops)

    def make_setup(bank: Bank) -> Setup:
        balance = ContentBalance([source.name], settings.content_target, options.steps, device)
        step = perceptual_step(
            codec, bank, objective, balance, crops,
            batch=options.batch, seed=options.seed, pixel_weight=0.0, steady_weight=judges.steady_weight,
        )  # fmt: skip
        return Setup(step, {"content_balance": balance.log_weights})

    return crops, make_setup
