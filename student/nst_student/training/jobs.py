"""The student's trainings as the commands run them: settings in, progress out, checkpoints on disk.

All that can be wrong is looked at before anything slow: photographs are read last, and measured after that.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import torch

from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.contracts.styles import StyleRecord
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.errors import NstError
from nst_student.data.batches import Batches, Pixels
from nst_student.data.hard.pictures import hard_pictures
from nst_student.data.pairs import PixelPair, WholePairs
from nst_student.data.photos import Crops, check_crop_px, square_crops
from nst_student.losses.balance import ContentBalance, hold_content
from nst_student.losses.judges import Judging
from nst_student.networks.checkpoint import CODEC_FILE, Codec, load_codec
from nst_student.networks.style_files import finish_style, first_bank, load_bank
from nst_student.recipes.settings import (
    ArchitectureName,
    CodecMode,
    JointWeights,
    Objective,
    PerceptualSettings,
    StudentSettings,
    StyleSource,
    TrainingSettings,
)
from nst_student.training.bank import perceptual_step, pixel_step, stylise
from nst_student.training.codec import Generator, joint_step, reconstruction_step, save_generator
from nst_student.training.loop import Loop, Report, Schedule, check_settings
from nst_student.training.session import STATE_FILE, Progress, run_session, write_grid
from nst_student.training.step import Step

SAMPLES = 4
TYPICAL = 16  # pictures whose statistics a style file has
ItemT = TypeVar("ItemT")
# What a training learns from, or a function that reads it, which is called when everything else has been checked.
Source = Sequence[ItemT] | Callable[[], Sequence[ItemT]]


def train_codec(
    workspace: Workspace,
    photos: Source[Pixels],
    training: TrainingSettings,
    device: torch.device,
    *,
    mode: CodecMode,
    architecture: ArchitectureName = StudentSettings.architecture,
    start: Path | None = None,
    styles: Sequence[StyleSource] = (),
    perceptual: PerceptualSettings = PerceptualSettings(),  # noqa: B008 (frozen)
    start_banks: Mapping[str, Path] = MappingProxyType({}),
    hard: Sequence[Pixels] | None = None,
    weights: JointWeights = JointWeights(),  # noqa: B008 (frozen)
    infos: Mapping[str, StyleInfo] = MappingProxyType({}),
    fresh: bool = False,
    keep_finished: bool = False,
) -> Iterator[Progress]:
    """Train a codec, with the banks of `styles` in joint mode, and write codec.safetensors and the style files.

    `start` is a codec of the same architecture to begin with, such as one that reconstructs, instead of random weights
    (of `unet`, what makes pixels of details then stays as it is, so that photographs are given back as well as before);
    `start_banks` are banks of that codec for styles to begin with. `hard` are pictures of what photographs lack; if
    None, they are drawn as the `training` says. `infos` are what the style files say of styles, by name. `fresh` leaves
    what an earlier training left behind. With `keep_finished` a training that is at its end stays as it is, and no
    photograph is read. Raises NstError when the loss stops being a number, the folder holds a
    training with other settings, `start` is not such a codec, or weights or pictures are missing.
    """
    if mode == "joint" and not styles:
        raise NstError("a joint training needs styles and their pictures", "give one or more in `styles`")
    check_crop_px(training.crop_px)
    first = _first_codec(architecture, start)
    generator = Generator(architecture, [style.name for style in styles], training.seed, first)
    recipe = {"mode": mode, "architecture": architecture, **training.recipe()}
    recipe["start_sha256"] = first.sha256 if first else None
    judging = None
    if mode == "joint":
        if first is not None:
            recipe |= _begin_with(generator, first, start_banks)
        judging = Judging(perceptual.judges, perceptual.weights, styles, device)
        recipe |= _joint_recipe(styles, perceptual, weights)
    done = _refuse_other_settings(workspace.codec, recipe, fresh=fresh)
    if keep_finished and done == training.steps and (workspace.codec / CODEC_FILE).exists():
        yield Progress(Report(done, {}), done, done)
        return
    crops = _crops(photos, training, device, hard)
    recipe |= crops.recipe()
    _refuse_other_settings(workspace.codec, recipe, fresh=fresh)
    generator.to(device)
    objective = judging.objective(crops) if judging else None
    balance = hold_content(objective, perceptual.content_target, len(generator.banks), training.steps, device)
    step = (
        reconstruction_step(generator, crops, training.batch)
        if objective is None
        else joint_step(
            generator, objective, balance, crops, weights, batch=training.batch, seed=training.seed,
            hard_style=perceptual.hard_style,
        )
    )  # fmt: skip
    loop = _loop(generator, step, training, workspace.codec, recipe, balance)
    sample = crops.batch(0, SAMPLES)[0].to(device)
    columns = [generator.reconstruct, *(lambda x, s=style.name: generator.stylise(x, s) for style in styles)]
    yield from run_session(
        workspace.codec,
        loop,
        sample_every=training.sample_every,
        write_sample=lambda path: write_grid(path, sample, columns),
        fresh=fresh,
        pictures=training.batch * max(1, len(generator.banks)),
    )
    save_generator(generator, workspace, recipe, crops.batch(0, TYPICAL)[0], infos)


def train_bank(
    workspace: Workspace,
    style: StyleSource,
    training: TrainingSettings,
    device: torch.device,
    *,
    objective: Objective,
    photos: Source[Pixels] = (),
    pairs: Source[PixelPair] = (),
    perceptual: PerceptualSettings = PerceptualSettings(),  # noqa: B008 (frozen)
    hard: Sequence[Pixels] | None = None,
    pixel_weight: float = StudentSettings.pixels,
    steady_weight: float = JointWeights.steady,
    start: Path | None = None,
    info: StyleInfo | None = None,
    fresh: bool = False,
    keep_finished: bool = False,
) -> Iterator[Progress]:
    """Train the bank of `style` for the workspace's codec, whose file stays as it is, and write its style file.

    The perceptual objective learns from `photos`, and `hard` pictures as in train_codec, the others from `pairs`.
    `start` is a bank of the same codec to begin with instead of random weights; `info` is what the file says of the
    style; `fresh` and `keep_finished` are as for train_codec. Raises NstError as train_codec does, or when the codec is
    missing.
    """
    check_crop_px(training.crop_px)
    codec = load_codec(workspace.codec / CODEC_FILE).to(device)
    bank = first_bank(codec, training.seed, start).to(device)
    judged = objective != "pixels"
    judging = Judging(perceptual.judges, perceptual.weights, [style], device) if judged else None
    recipe = {"objective": objective, **training.recipe(), "codec_sha256": codec.sha256}
    recipe["start_sha256"] = sha256_of_file(start) if start else None
    if judged:
        recipe |= {**perceptual.recipe(), "style_sha256": sha256_of_file(style.picture), "steady_weight": steady_weight}
    if objective == "hybrid":
        recipe["pixel_weight"] = pixel_weight
    folder = workspace.bank(style.name)
    done = _refuse_other_settings(folder, recipe, fresh=fresh)
    if keep_finished and done == training.steps and workspace.style(style.name).exists():
        yield Progress(Report(done, {}), done, done)
        return
    batches: Batches = (
        _crops(photos, training, device, hard)
        if objective == "perceptual"
        else WholePairs(_read(pairs), training.seed, codec.architecture.multiple_px, device)
    )
    recipe |= batches.recipe()
    _refuse_other_settings(folder, recipe, fresh=fresh)
    judged_by = judging.objective(batches) if judging else None
    balance = hold_content(judged_by, perceptual.content_target, 1, training.steps, device)
    step = (
        pixel_step(codec, bank, batches, training.batch)
        if judged_by is None
        else perceptual_step(
            codec, bank, judged_by, balance, batches, batch=training.batch, seed=training.seed,
            pixel_weight=pixel_weight, steady_weight=steady_weight, hard_style=perceptual.hard_style,
        )
    )  # fmt: skip
    loop = _loop(bank, step, training, folder, recipe, balance)
    sample = batches.batch(0, SAMPLES)[0].to(device)
    yield from run_session(
        folder,
        loop,
        sample_every=training.sample_every,
        write_sample=lambda path: write_grid(path, sample, [lambda x: stylise(codec, bank, x)]),
        fresh=fresh,
        pictures=training.batch,
    )
    about = info or StyleInfo(style.name)
    record = StyleRecord(style.name, codec.sha256, codec.record.architecture, about, recipe=objective, training=recipe)
    finish_style(workspace.style(style.name), codec, bank, record, batches.batch(0, TYPICAL)[0])


def _read(source: Source[ItemT]) -> list[ItemT]:
    """Return what a training learns from; raises ValueError when that is nothing."""
    items = list(source() if callable(source) else source)
    if not items:
        raise ValueError("a training needs photographs, or pairs where the objective has pixels")
    return items


def _crops(
    photos: Source[Pixels], training: TrainingSettings, device: torch.device, hard: Sequence[Pixels] | None
) -> Crops:
    """Read `photos` and return the crops of them and of `hard` pictures, which are drawn if None."""
    read = _read(photos)
    if hard is None:
        smallest_px = min(min(photo.shape[:2]) for photo in read)
        hard = hard_pictures(smallest_px, training.hard_pictures, training.seed)
    return square_crops(read, training.crop_px, training.seed, device, hard)


def _refuse_other_settings(folder: Path, recipe: Mapping[str, Any], *, fresh: bool) -> int:
    """Return how many steps of a training in `folder` are done, 0 where it is to begin again.

    Raises NstError when it is to go on, and has another value of what the `recipe` names.
    """
    return 0 if fresh else check_settings(folder / STATE_FILE, recipe)


def _first_codec(architecture: str, start: Path | None) -> Codec | None:
    if start is None:
        return None
    codec = load_codec(start)
    if codec.record.architecture != architecture:
        raise NstError(
            f"{start} is a codec of architecture {codec.record.architecture}, not {architecture}",
            f"set `architecture` to {codec.record.architecture}, or give another codec in `start`",
        )
    return codec


def _begin_with(generator: Generator, first: Codec, banks: Mapping[str, Path]) -> dict[str, str]:
    """Let `generator` keep the pixels of `first` and begin with `banks` of it; return what the recipe says of them."""
    generator.keep_pixels()
    for name, path in banks.items():
        generator.bank(name).load_state_dict(load_bank(path, first).bank.state_dict())
    return {f"start_sha256/{name}": sha256_of_file(path) for name, path in banks.items()}


def _joint_recipe(
    styles: Sequence[StyleSource], perceptual: PerceptualSettings, weights: JointWeights
) -> dict[str, Any]:
    pictures = {f"style_sha256/{style.name}": sha256_of_file(style.picture) for style in styles}
    return {**perceptual.recipe(), **pictures, **{f"{name}_weight": value for name, value in asdict(weights).items()}}


def _loop(
    modules: torch.nn.Module,
    step: Step,
    training: TrainingSettings,
    folder: Path,
    recipe: dict[str, Any],
    balance: ContentBalance,
) -> Loop:
    return Loop(
        modules,
        step,
        Schedule(training.steps, training.learning_rate),
        state_file=folder / STATE_FILE,
        settings=recipe,
        controls={"content_balance": balance.log_weights},
        optimizer=training.optimizer,
    )
