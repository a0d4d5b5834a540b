"""Train the default pack's codec and all of its banks on one graphics card, in runs of some minutes.

    python assets/default_pack/card.py gather DATA FOLDER          # what a card needs, in at most 60 MiB
    python assets/default_pack/card.py train FOLDER OUT --minutes 8
    python assets/default_pack/card.py join OUT WORKSPACE          # what came home, as checkpoints

A run stops when its minutes are over and leaves all there is in OUT: parts of at most 15 MiB of an archive with the
training's state and checkpoints, the figures, and a sheet. `train … --resume OUT` goes on from there. DATA is as in
recipe.sh.
"""

import argparse
import io
import json
import shutil
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from nst_features.device import pick_device
from nst_features.networks import load_network
from nst_runtime.contracts.catalogue import CatalogueEntry, read_catalogue
from nst_runtime.contracts.files import write_json
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.pictures.arrays import Pixels, resize_short_side, to_unit
from nst_runtime.pictures.collage import tile
from nst_runtime.pictures.read import list_pictures, read_picture
from nst_runtime.pictures.write import write_picture
from nst_student.data.hard.pictures import hard_pictures
from nst_student.data.photos import load_photos
from nst_student.data.pictures import pixels, read_photo
from nst_student.evaluation.metrics import PHOTO_SIZE_PX, STYLE_SIZE_PX, QualityMeter
from nst_student.evaluation.steadiness import noise_gain, shift_gain
from nst_student.losses.judges import read_style
from nst_student.networks.checkpoint import CODEC_FILE
from nst_student.recipes.settings import (
    Companion,
    JointWeights,
    JudgeSettings,
    PerceptualSettings,
    PerceptualWeights,
    StyleSource,
    TrainingSettings,
)
from nst_student.training.codec import Generator, save_generator
from nst_student.training.jobs import TYPICAL, train_codec
from nst_student.training.session import STATE_FILE, Progress

CATALOGUE = Path(__file__).with_name("catalogue.toml")
PHOTO_PX = 288
PART_BYTES = 15 * 2**20
ARCHIVE = "home.zip"
SHEET_PHOTOS, SHEET_PX = (3, 6, 8, 13, 15, 26), 240
GAIN_PHOTOS = 6
PACE_STEPS, SETUP_SECONDS = 60, 20


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
            each.add_argument("--further", type=Path, help="OUT of a training whose codec and banks to begin with")
            each.add_argument("--learning-rate", type=float, default=6e-3)
            each.add_argument("--deep-weight", type=float, default=3.0)
            each.add_argument("--steps", type=int, help="steps of the joint training; as many as the minutes allow")
            each.add_argument("--first-steps", type=int, default=800, help="steps of reconstruction before")
            each.add_argument("--batch", type=int, default=3, help="squares a style and step")
            each.add_argument("--steady-weight", type=float, default=30.0)
            each.add_argument("--content-weight", type=float, default=3.0)
            each.add_argument("--content-target", type=float, default=0.75)
            each.add_argument("--tiny", action="store_true", help="a rehearsal: small squares, few pictures")
    options = parser.parse_args()
    if options.verb == "gather":
        gather(options.data, options.folder)
    elif options.verb == "join":
        unpack(options.out, options.workspace)
    else:
        train(options)


def gather(data: Path, folder: Path) -> None:
    """Put photographs, paintings and weights into `folder`, each no larger than trainings and measures take them."""
    for name, short_side_px in (("photos", None), ("photos_large", PHOTO_SIZE_PX), ("styles", STYLE_SIZE_PX)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for path in list_pictures(data / name):
            if short_side_px is None:
                shutil.copy(path, folder / name)
            else:
                picture = resize_short_side(read_picture(path).rgb, short_side_px)
                write_picture(folder / name / f"{path.stem}.jpg", picture)
    (folder / "weights").mkdir(exist_ok=True)
    for path in sorted((data / "weights").glob("*.safetensors")):
        if path.stem.startswith("vgg19_normalised"):
            continue  # recipe.sh puts it there balanced
        if path.stem.startswith("resnet50"):
            shallow = {k: v for k, v in load_file(path).items() if not k.startswith(("layer3.", "layer4.", "fc."))}
            save_file(shallow, folder / "weights" / "resnet50_block2.safetensors")
        else:
            shutil.copy(path, folder / "weights")
    print(folder)


def train(options: argparse.Namespace) -> None:
    """Train for some minutes, measure, and leave all there is in OUT."""
    began = time.monotonic()
    torch.backends.cudnn.benchmark = True
    device = pick_device("auto")
    workspace = Workspace(options.out / "workspace")
    if options.resume is not None:
        unpack(options.resume, workspace.root)
    size_px = 64 if options.tiny else PHOTO_PX
    photos = load_photos(
        options.folder / "photos", short_sides_px=(size_px, size_px), limit=8 if options.tiny else None,
        skipped=lambda path, error: print(path, error, file=sys.stderr),
    )  # fmt: skip
    hard = hard_pictures(size_px, 4 if options.tiny else 160, 0)
    first = Workspace(workspace.root / "first")
    if options.further is not None:
        unpack(options.further, first.root)
    if not (first.codec / CODEC_FILE).exists():
        settings = TrainingSettings(options.first_steps, 32, size_px, 6e-3, sample_every=0)
        follow(train_codec(first, photos, settings, device, mode="reconstruct", hard=hard), None)
    weights = PerceptualWeights(deep=options.deep_weight, content=options.content_weight)
    perceptual = PerceptualSettings(judges(options), weights, options.content_target)

    def joint(place: Workspace, steps: int) -> Iterator[Progress]:
        recipe = TrainingSettings(steps, options.batch, size_px, options.learning_rate, sample_every=0)
        begun = {name: first.style(name) for name in styles() if options.further is not None}
        return train_codec(
            place, photos, recipe, device,
            mode="joint", start=first.codec / CODEC_FILE, styles=sources(options.folder), perceptual=perceptual,
            start_banks=begun, hard=hard, weights=JointWeights(steady=options.steady_weight),
        )  # fmt: skip

    deadline = began + 60 * options.minutes
    steps = options.steps or steps_done_before(workspace) or affordable(joint, workspace, deadline)
    follow(joint(workspace, steps), deadline)
    typical = torch.cat([torch.from_numpy(to_unit(photo[:size_px, :size_px])) for photo in photos[:TYPICAL]])
    generator = restore(workspace, device, typical)
    measure(generator, options, device)
    pack_up(options.out)
    print(f"{time.monotonic() - began:.0f} s in all", flush=True)


def steps_done_before(workspace: Workspace) -> int | None:
    """Return how many steps the training in `workspace` has in all, if there is one."""
    path = workspace.codec / STATE_FILE
    if not path.exists():
        return None
    return int(json.loads(torch.load(path, map_location="cpu", weights_only=True)["settings"])["steps"])


def affordable(joint: Callable[[Workspace, int], Iterator[Progress]], workspace: Workspace, deadline: float) -> int:
    """Return how many steps fit in before the `deadline`, by the pace of some first ones that are thrown away."""
    place = Workspace(workspace.root / "pace")
    seen = [(time.monotonic(), at.report.step) for at in joint(place, PACE_STEPS)]
    shutil.rmtree(place.root)
    (first, start), (last, end) = seen[0], seen[-1]
    pace = (last - first) / (end - start)
    steps = int((deadline - time.monotonic() - SETUP_SECONDS) / pace) // 100 * 100
    print(f"{1000 * pace:.1f} ms a step: {steps} steps", flush=True)
    return max(steps, 100)


def sources(folder: Path) -> list[StyleSource]:
    """Return the catalogue's styles with their pictures in `folder`."""
    return [StyleSource(name, folder / "styles" / entry.picture) for name, entry in styles().items()]


def styles() -> dict[str, CatalogueEntry]:
    """Return the catalogue."""
    return read_catalogue(CATALOGUE)


def judges(options: argparse.Namespace) -> JudgeSettings:
    """Return the networks that judge, as in recipe.sh."""
    weights = options.folder / "weights"
    return JudgeSettings(
        "vgg19", weights / "vgg19_balanced.safetensors", ("relu1_1", "relu2_1", "relu3_1"), (1.0, 2.0, 4.0),
        ("relu1_1", "relu3_1"), "own", 2 if options.tiny else 3,
        weights / "vgg19_distilled16x_conv5_1.safetensors", deep_content_layers=("relu4_1",),
        companions=(
            Companion("squeezenet1_1", weights / "squeezenet1_1.safetensors", ("relu1", "fire3", "fire5"), ("fire3",)),
            Companion("resnet50", weights / "resnet50_block2.safetensors", ("conv1", "block1", "block2"), ("block1",)),
        ),
        style_size_px=96 if options.tiny else STYLE_SIZE_PX, precision="bf16",
    )  # fmt: skip


def follow(progress: Iterator[Progress], deadline: float | None) -> None:
    """Print every fifth report until the training ends, or the time."""
    began, first = time.monotonic(), None
    for at in progress:
        first = at.resumed_at if first is None else first
        if at.report.step % 100 == 0 or at.report.step == at.steps:
            pace = (time.monotonic() - began) / max(1, at.report.step - first)
            means = {name: round(value, 4) for name, value in at.report.means.items() if "/" not in name}
            print(f"{at.report.step}/{at.steps} {1000 * pace:.1f} ms a step, {means}, {by_term(at)}", flush=True)
        if deadline is not None and time.monotonic() > deadline:
            break  # which saves the state


def by_term(at: Progress) -> dict[str, float]:
    """Return each term's mean over all styles."""
    terms: dict[str, list[float]] = {}
    for name, value in at.report.means.items():
        if "/" in name:
            terms.setdefault(name.split("/")[1], []).append(value)
    return {name: round(sum(values) / len(values), 5) for name, values in terms.items()}


def restore(workspace: Workspace, device: torch.device, photos: torch.Tensor) -> Generator:
    """Return the networks of the last state, written as files as well; `photos` are for the styles' statistics."""
    state = torch.load(workspace.codec / STATE_FILE, map_location="cpu", weights_only=True)
    generator = Generator("unet", list(styles()), 0)
    generator.load_state_dict(state["modules"])
    training = {**json.loads(state["settings"]), "steps_done": int(state["step"])}
    save_generator(generator, workspace, training, photos)
    return generator.to(device).eval().requires_grad_(False)


def measure(generator: Generator, options: argparse.Namespace, device: torch.device) -> None:
    """Write the figures of all styles to figures.json and print them; draw the sheet."""
    shallow, deep = (
        load_network("vgg19", weights=options.folder / "weights" / f"{name}.safetensors").to(device)
        for name in ("vgg19_torchvision_conv3_1", "vgg19_distilled16x_conv5_1")
    )
    meter = QualityMeter(shallow, deep)
    paths = list_pictures(options.folder / "photos_large")[: 2 if options.tiny else None]
    photos = [read_photo(path, 96 if options.tiny else PHOTO_SIZE_PX).to(device) for path in paths]
    seen = [meter.see(photo) for photo in photos]
    steady_on = [pixels(photo) for photo in photos[:GAIN_PHOTOS]]
    figures: dict[str, dict[str, float]] = {}
    shown = [photos[place] for place in SHEET_PHOTOS if place < len(photos)] or photos
    rows = [[small(photo) for photo in shown]]
    for name, entry in styles().items():
        painting = read_style(options.folder / "styles" / entry.picture, STYLE_SIZE_PX).to(device)

        def paint(photo: torch.Tensor, name: str = name) -> torch.Tensor:
            return generator.stylise(photo, name).clamp(0, 1)

        def through(picture: Pixels, name: str = name) -> Pixels:
            unit = torch.from_numpy(to_unit(picture)).to(device)
            return pixels(generator.stylise(unit, name))

        figures[name] = {**asdict(meter.measure(painting, seen, paint))}
        figures[name] |= {
            "noise_gain": noise_gain(through, steady_on),
            "shift_gain": shift_gain(through, steady_on),
        }
        print(name, {key: round(value, 4) for key, value in figures[name].items()}, flush=True)
        rows.append([small(paint(photo)) for photo in shown])
    errors = [float((generator.reconstruct(photo).clamp(0, 1) - photo).square().mean()) for photo in photos]
    print("plain PSNR", round(float(np.mean(-10 * np.log10(errors))), 2), flush=True)
    write_json(options.out / "figures.json", figures)
    write_picture(options.out / "sheet.jpg", tile(rows))


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


def unpack(out: Path, workspace: Path) -> None:
    """Put the archive whose parts lie in `out` into the folder `workspace`."""
    parts = sorted(out.glob(f"{ARCHIVE}.*"))
    with zipfile.ZipFile(io.BytesIO(b"".join(part.read_bytes() for part in parts))) as archive:
        archive.extractall(workspace)
    print(workspace)


if __name__ == "__main__":
    main()
