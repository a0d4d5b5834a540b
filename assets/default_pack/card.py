"""Train the default pack's codec and all of its banks on one graphics card, in runs of some minutes.

    python assets/default_pack/card.py gather DATA FOLDER          # what a card needs, in at most 48 MiB
    python assets/default_pack/card.py train FOLDER OUT --minutes 8
    python assets/default_pack/card.py join OUT WORKSPACE          # what came home, as checkpoints

The settings are those of the recipe pack. A run stops when its minutes are over and leaves all there is in OUT: parts
of at most 15 MiB of an archive with the trainings' states and checkpoints, the figures, and a sheet: 8 files or less.
`train … --resume OUT` goes on from there. docs/training.md says what is in DATA.
"""

import argparse
import io
import json
import shutil
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from nst_features.device import pick_device
from nst_features.networks import load_network
from nst_runtime.contracts.catalogue import CatalogueEntry, StyleInfo, read_catalogue
from nst_runtime.contracts.files import write_json
from nst_runtime.contracts.settings import Sections, merge, parse_sets
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.pictures.arrays import Pixels, resize_short_side, to_unit
from nst_runtime.pictures.collage import tile
from nst_runtime.pictures.read import list_pictures, read_picture
from nst_runtime.pictures.write import write_picture
from nst_student.data.photos import load_photos
from nst_student.data.pictures import pixels, read_photo
from nst_student.evaluation.borders import border_error
from nst_student.evaluation.lattice import lattice
from nst_student.evaluation.metrics import PHOTO_SIZE_PX, STYLE_SIZE_PX, QualityMeter
from nst_student.evaluation.steadiness import noise_gain, shift_gain
from nst_student.losses.judges import read_style
from nst_student.recipes.recipe import load_recipe
from nst_student.recipes.settings import JudgeSettings, PhotoSettings, StudentSettings, StyleSource
from nst_student.training.codec import Generator, save_generator
from nst_student.training.jobs import TYPICAL
from nst_student.training.session import STATE_FILE, Progress
from nst_student.training.stages import Stages, place_of, train_codec_in_stages

CATALOGUE = Path(__file__).with_name("catalogue.toml")
RECIPE = "pack"
TINY: Sections = {
    "photos": {"photo_px": [64], "count": 8, "hard_pictures": 4},
    "judges": {"scales": 2, "style_size_px": 96},
}
PART_BYTES = 15 * 2**20
MOST_FILES = 8
TINY_PX = 128  # the least that a lattice shows in
ARCHIVE = "home.zip"
# What the recipe's judges do not look at: the folder travels with the checkout, and both have 64 MiB on some cards.
UNUSED = {
    "resnet50": ("layer3.", "layer4.", "fc."),
    "squeezenet1": (*(f"features.{place}." for place in range(8, 13)), "classifier."),
}
SHORTER_NAMES = {"resnet50": "resnet50_block2"}
SHEET_PHOTOS, SHEET_PX = (3, 6, 8, 13, 15, 26), 240
GAIN_PHOTOS = 6


def main() -> None:
    """Read the arguments and do one of the three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, first, second in (
        ("gather", "data", "folder"), ("train", "folder", "out"), ("join", "out", "workspace"),
    ):  # fmt: skip
        each = verbs.add_parser(verb)
        each.add_argument(first, type=Path)
        each.add_argument(second, type=Path)
        if verb == "train":
            each.add_argument("--minutes", type=float, default=8.0, help="stop training after so long")
            each.add_argument("--resume", type=Path, help="OUT of the run before, which is not at its end")
            each.add_argument("--set", dest="sets", action="append", default=[], help="SECTION.NAME=VALUE, all stages")
            each.add_argument("--tiny", action="store_true", help="a rehearsal: small squares, few pictures")
    options = parser.parse_args()
    if options.verb == "gather":
        gather(options.data, options.folder)
    elif options.verb == "join":
        unpack(options.out, options.workspace)
    else:
        train(options)


def gather(data: Path, folder: Path) -> None:
    """Put photographs, paintings and weights into `folder`, no more of each than trainings and measures take."""
    wanted = {entry.picture for entry in styles().values()}
    for name, short_side_px in (("photos", None), ("photos_large", PHOTO_SIZE_PX), ("styles", STYLE_SIZE_PX)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for path in list_pictures(data / name):
            if short_side_px is None:
                shutil.copy(path, folder / name)
            elif name != "styles" or path.name in wanted:
                picture = resize_short_side(read_picture(path).rgb, short_side_px)
                write_picture(folder / name / f"{path.stem}.jpg", picture, quality=95)
    (folder / "weights").mkdir(exist_ok=True)
    for path in sorted((data / "weights").glob("*.safetensors")):
        if path.stem.startswith("vgg19_normalised"):
            continue  # assets/balance_vgg.py puts it there in balance
        network = path.stem.partition("_")[0]
        if unused := UNUSED.get(network):
            shallow = {key: value for key, value in load_file(path).items() if not key.startswith(unused)}
            save_file(shallow, folder / "weights" / f"{SHORTER_NAMES.get(network, path.stem)}.safetensors")
        else:
            shutil.copy(path, folder / "weights")
    print(folder)


def train(options: argparse.Namespace) -> None:
    """Train for some minutes, measure, and leave all there is in OUT."""
    began = time.monotonic()
    device = pick_device("auto")
    workspace = Workspace(options.out / "workspace")
    if options.resume is not None:
        unpack(options.resume, workspace.root)
    stages = plan(options)
    read = cache(partial(read_photos, options.folder / "photos"))
    progress = train_codec_in_stages(
        workspace, sources(options.folder), stages, device, photos=read, infos=infos()
    )  # fmt: skip
    last = follow_stages(progress, began + 60 * options.minutes)
    settings = dict(stages)[last]
    if settings.mode == "joint":
        generator = restore(place_of(workspace, stages, last), read(settings.photos), settings, list(styles()))
        figures, rows = measure(generator.to(device), options, device)
        write_json(options.out / "figures.json", figures)
        write_picture(options.out / "sheet.jpg", tile(rows))
    pack_up(options.out)
    print(f"{time.monotonic() - began:.0f} s in all", flush=True)


def plan(options: argparse.Namespace) -> Stages:
    """Return the recipe's stages, with what the options change, and weights from the folder that was gathered."""
    given = merge(TINY if options.tiny else {}, parse_sets(StudentSettings, options.sets))
    folder = options.folder / "weights"
    return [
        (name, replace(each, perceptual=replace(each.perceptual, judges=placed(each.perceptual.judges, folder))))
        for name, each in load_recipe(RECIPE).planned(given)
    ]


def placed(judges: JudgeSettings, folder: Path) -> JudgeSettings:
    """Return `judges` with the files in `folder` in place of the names of weights."""

    def file(weights: Path | None) -> Path | None:
        return None if weights is None else folder / f"{weights.name}.safetensors"

    companions = tuple(replace(each, weights=file(each.weights)) for each in judges.companions)
    return replace(judges, weights=file(judges.weights), deep_weights=file(judges.deep_weights), companions=companions)


def read_photos(folder: Path, wanted: PhotoSettings) -> list[Pixels]:
    """Return the photographs to train on."""
    return load_photos(
        folder, short_sides_px=wanted.range_px, limit=wanted.count,
        skipped=lambda path, error: print(path, error, file=sys.stderr),
    )  # fmt: skip


def sources(folder: Path, names: Sequence[str] = ()) -> list[StyleSource]:
    """Return the catalogue's styles, or those of `names`, with their pictures in `folder`."""
    known = styles()
    return [StyleSource(name, folder / "styles" / known[name].picture) for name in names or known]


def styles() -> dict[str, CatalogueEntry]:
    """Return the catalogue."""
    return read_catalogue(CATALOGUE)


def infos() -> dict[str, StyleInfo]:
    """Return what the catalogue says of its styles."""
    return {name: entry.info for name, entry in styles().items()}


def follow_stages(stages: Iterator[tuple[str, Iterator[Progress]]], deadline: float) -> str:
    """Train stage after stage until the end, or the `deadline`; return the name of the last one that was begun."""
    name = ""
    for name, progress in stages:
        print(f"stage {name}", flush=True)
        if not follow(progress, deadline):
            break
    return name


def follow(progress: Iterator[Progress], deadline: float) -> bool:
    """Print every fifth report until the training ends, or the time; return whether it is at its end.

    With each report comes the time that a step takes, and how many squares are seen a second.
    """
    began, first = time.monotonic(), None
    for at in progress:
        first = at.resumed_at if first is None else first
        if at.report.step % 100 == 0 or at.report.step == at.steps:
            pace = (time.monotonic() - began) / max(1, at.report.step - first)
            means = {name: round(value, 4) for name, value in at.report.means.items() if "/" not in name}
            speed = f"{1000 * pace:.1f} ms a step, {at.pictures / pace:.0f} squares a second"
            print(f"{at.report.step}/{at.steps} {speed}, {means}, {by_term(at)}", flush=True)
        if time.monotonic() > deadline and at.resumed_at < at.report.step < at.steps:
            return False  # which saves the state
    return True


def by_term(at: Progress) -> dict[str, float]:
    """Return each term's mean over all styles."""
    terms: dict[str, list[float]] = {}
    for name, value in at.report.means.items():
        if "/" in name:
            terms.setdefault(name.split("/")[1], []).append(value)
    return {name: round(sum(values) / len(values), 5) for name, values in terms.items()}


def restore(place: Workspace, photos: Sequence[Pixels], settings: StudentSettings, names: Sequence[str]) -> Generator:
    """Return the networks, with banks of the styles `names`, of the last state in `place`.

    Of a training that is not at its end write the files as well.

    The middle of some `photos` is for the styles' statistics.
    """
    state = torch.load(place.codec / STATE_FILE, map_location="cpu", weights_only=True)
    generator = Generator(settings.architecture, names, 0)
    generator.load_state_dict(state["modules"])
    if int(state["step"]) < settings.training.steps:
        size_px = settings.photos.range_px[0]
        typical = torch.cat([torch.from_numpy(to_unit(photo[:size_px, :size_px])) for photo in photos[:TYPICAL]])
        training = {**json.loads(state["settings"]), "steps_done": int(state["step"])}
        save_generator(generator, place, training, typical, infos())
    return generator.eval().requires_grad_(False)


def measure(
    generator: Generator, options: argparse.Namespace, device: torch.device
) -> tuple[dict[str, dict[str, float]], list[list[Pixels]]]:
    """Print and return the figures of the styles of `generator` by their names, and the rows of a sheet.

    The first row has photographs, the others what the styles make of them.
    """
    shallow, deep = (
        load_network("vgg19", weights=options.folder / "weights" / f"{name}.safetensors").to(device)
        for name in ("vgg19_torchvision_conv3_1", "vgg19_distilled16x_conv5_1")
    )
    meter = QualityMeter(shallow, deep)
    paths = list_pictures(options.folder / "photos_large")[: 2 if options.tiny else None]
    photos = [read_photo(path, TINY_PX if options.tiny else PHOTO_SIZE_PX).to(device) for path in paths]
    seen = [meter.see(photo) for photo in photos]
    steady_on = [pixels(photo) for photo in photos[:GAIN_PHOTOS]]
    figures: dict[str, dict[str, float]] = {}
    shown = [photos[place] for place in SHEET_PHOTOS if place < len(photos)] or photos
    rows = [[small(photo) for photo in shown]]
    for source in sources(options.folder, list(generator.banks)):
        name, painting = source.name, read_style(source.picture, STYLE_SIZE_PX).to(device)

        def paint(photo: torch.Tensor, name: str = name) -> torch.Tensor:
            return generator.stylise(photo, name).clamp(0, 1)

        def through(picture: Pixels, name: str = name) -> Pixels:
            unit = torch.from_numpy(to_unit(picture)).to(device)
            return pixels(generator.stylise(unit, name))

        figures[name] = {**asdict(meter.measure(painting, seen, paint))}
        figures[name] |= {
            "noise_gain": noise_gain(through, steady_on),
            "shift_gain": shift_gain(through, steady_on),
            "border_error": border_error(through, steady_on).ring,
            "lattice": lattice(through, [pixels(photo) for photo in photos]),
        }
        print(name, {key: round(value, 4) for key, value in figures[name].items()}, flush=True)
        rows.append([small(paint(photo)) for photo in shown])
    errors = [float((generator.reconstruct(photo).clamp(0, 1) - photo).square().mean()) for photo in photos]
    print("plain PSNR", round(float(np.mean(-10 * np.log10(errors))), 2), flush=True)
    return figures, rows


def small(photo: torch.Tensor) -> Pixels:
    """Return the middle square of `photo` 1×3×H×W as pixels for the sheet."""
    side = min(photo.shape[-2:])
    top, left = (photo.shape[-2] - side) // 2, (photo.shape[-1] - side) // 2
    square = pixels(photo[..., top : top + side, left : left + side])
    return resize_short_side(square, SHEET_PX)


def pack_up(out: Path) -> None:
    """Turn the workspace in `out` into parts of an archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted((out / "workspace").rglob("*")):
            if path.is_file() and "tensorboard" not in path.parts:
                archive.write(path, path.relative_to(out / "workspace"))
    shutil.rmtree(out / "workspace")
    data = buffer.getvalue()
    for number, start in enumerate(range(0, len(data), PART_BYTES)):
        (out / f"{ARCHIVE}.{number}").write_bytes(data[start : start + PART_BYTES])
    count = sum(path.is_file() for path in out.iterdir())
    if count > MOST_FILES:
        print(f"{count} files in {out}, more than the {MOST_FILES} that come home from some cards", flush=True)


def unpack(out: Path, workspace: Path) -> None:
    """Put the archive whose parts lie in `out` into the folder `workspace`."""
    parts = sorted(out.glob(f"{ARCHIVE}.*"))
    with zipfile.ZipFile(io.BytesIO(b"".join(part.read_bytes() for part in parts))) as archive:
        archive.extractall(workspace)
    print(workspace)


if __name__ == "__main__":
    main()
