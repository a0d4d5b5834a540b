"""The student's trainings as the commands run them: settings in, progress out, checkpoints on disk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import torch

from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.errors import NstError
from nst_student.balance import ContentBalance
from nst_student.bank_training import Objective, perceptual_step, pixel_step, stylise
from nst_student.batches import Batches, Pixels
from nst_student.checkpoint import (
    BANK_FILE,
    CODEC_FILE,
    Codec,
    Description,
    first_bank,
    load_bank,
    load_codec,
    save_bank,
)
from nst_student.codec_training import Generator, JointWeights, joint_step, reconstruction_step, save_generator
from nst_student.judges import JudgeSettings, StyleSource, build_objective
from nst_student.loop import Loop, Schedule
from nst_student.network import ArchitectureName
from nst_student.objective import PerceptualWeights
from nst_student.optimizers import OptimizerName
from nst_student.pairs import PixelPair, WholePairs
from nst_student.photos import square_crops
from nst_student.samples import write_grid
from nst_student.session import STATE_FILE, Progress, run_session
from nst_student.step import Step

SAMPLES = 4


@dataclass(frozen=True)
class TrainingSettings:
    """What every training needs: its length, its batches and its pace.

    Photographs are seen in square crops, of the shortest side of all if `crop_px` is None; pairs are not cropped.
    """

    steps: int
    batch: int = 4
    crop_px: int | None = None
    learning_rate: float = 5e-3
    optimizer: OptimizerName = "soap"
    seed: int = 0
    sample_every: int = 500

    def recipe(self) -> dict[str, Any]:
        """Return all settings by name but the crops', which depend on the photographs."""
        return {name: value for name, value in asdict(self).items() if name != "crop_px"}


@dataclass(frozen=True)
class PerceptualSettings:
    """What the judges' losses need: the judges, the terms' weights and how close to the photo to stay."""

    judges: JudgeSettings = field(default_factory=JudgeSettings)
    weights: PerceptualWeights = field(default_factory=PerceptualWeights)
    content_target: float | None = 0.95

    def recipe(self) -> dict[str, Any]:
        """Return all settings as scalars by name."""
        weights = {f"{name}_weight": value for name, value in asdict(self.weights).items()}
        return {**self.judges.recipe(), **weights, "content_target": self.content_target}


def train_codec(
    workspace: Workspace,
    photos: Sequence[Pixels],
    training: TrainingSettings,
    device: torch.device,
    *,
    mode: Literal["reconstruct", "joint"],
    architecture: ArchitectureName = "unet",
    start: Path | None = None,
    styles: Sequence[StyleSource] = (),
    perceptual: PerceptualSettings | None = None,
    start_banks: Mapping[str, Path] = MappingProxyType({}),
    hard: Sequence[Pixels] = (),
    weights: JointWeights = JointWeights(),  # noqa: B008 (frozen)
    fresh: bool = False,
) -> Iterator[Progress]:
    """Train a codec, with the banks of `styles` in joint mode, and write codec.safetensors and the banks.

    `start` is a codec of the same architecture to begin with, such as one that reconstructs, instead of random weights
    (of `unet`, what makes pixels of details then stays as it is, so that photographs are given back as well as before);
    `start_banks` are banks of that codec for styles to begin with. `fresh` leaves what an earlier training left behind.
    Raises NstError when the loss stops being a number, the folder holds a training with other settings, or `start` is
    no such codec.
    """
    crops = square_crops(photos, training.crop_px, training.seed, device, hard)
    recipe = {"mode": mode, "architecture": architecture, **training.recipe(), **crops.recipe()}
    names = [style.name for style in styles]
    first = _first_codec(architecture, start)
    recipe["start_sha256"] = first.sha256 if first else None
    generator = Generator(architecture, names, training.seed, first).to(device)
    balance = ContentBalance(names, perceptual.content_target if perceptual else None, training.steps, device)
    if mode == "joint":
        if perceptual is None or not styles:
            raise NstError("--mode joint needs styles: --styles NAME=PICTURE, once for each")
        if first is not None:
            generator.keep_pixels()
            for name, path in start_banks.items():
                generator.bank(name).load_state_dict(load_bank(path, first).bank.state_dict())
                recipe[f"start_sha256/{name}"] = sha256_of_file(path)
        objective = build_objective(perceptual.judges, perceptual.weights, styles, crops, device)
        step = joint_step(generator, objective, balance, crops, weights, batch=training.batch, seed=training.seed)
        pictures = {f"style_sha256/{style.name}": sha256_of_file(style.picture) for style in styles}
        recipe |= {**perceptual.recipe(), **pictures}
        recipe |= {f"{name}_weight": value for name, value in asdict(weights).items()}
    else:
        step = reconstruction_step(generator, crops, training.batch)
    loop = _loop(generator, step, training, workspace.codec, recipe, balance)
    sample = crops.batch(0, SAMPLES)[0].to(device)
    columns = [generator.reconstruct, *(lambda x, s=style.name: generator.stylise(x, s) for style in styles)]
    yield from run_session(
        workspace.codec,
        loop,
        sample_every=training.sample_every,
        write_sample=lambda path: write_grid(path, sample, columns),
        fresh=fresh,
    )
    save_generator(generator, workspace, recipe)


def train_bank(
    workspace: Workspace,
    style: StyleSource,
    training: TrainingSettings,
    device: torch.device,
    *,
    objective: Objective,
    photos: Sequence[Pixels] = (),
    pairs: Sequence[PixelPair] = (),
    perceptual: PerceptualSettings | None = None,
    hard: Sequence[Pixels] = (),
    pixel_weight: float = 10.0,
    steady_weight: float = 30.0,
    start: Path | None = None,
    fresh: bool = False,
) -> Iterator[Progress]:
    """Train the bank of `style` for the workspace's codec, whose file stays as it is, and write bank.safetensors.

    `photos` are the training photographs, `pairs` what an objective with pixels learns from in their place. `start`
    is a bank of the same codec to begin with instead of random weights; `fresh` is as for train_codec. Raises NstError
    as train_codec does, or when the codec is missing.
    """
    codec = load_codec(workspace.codec / CODEC_FILE).to(device)
    bank = first_bank(codec, training.seed, start).to(device)
    batches: Batches = (
        square_crops(photos, training.crop_px, training.seed, device, hard)
        if photos
        else WholePairs(list(pairs), training.seed, codec.architecture.multiple_px, device)
    )
    recipe = {
        "objective": objective.value,
        **training.recipe(),
        **batches.recipe(),
        "codec_sha256": codec.sha256,
    }
    recipe["start_sha256"] = sha256_of_file(start) if start else None
    balance = ContentBalance([style.name], perceptual.content_target if perceptual else None, training.steps, device)
    if objective is Objective.PIXELS:
        step = pixel_step(codec, bank, batches, training.batch)
    else:
        if perceptual is None:
            raise ValueError("an objective with judges needs their settings")
        judged = build_objective(perceptual.judges, perceptual.weights, [style], batches, device)
        step = perceptual_step(
            codec, bank, judged, balance, batches, batch=training.batch, seed=training.seed,
            pixel_weight=pixel_weight, steady_weight=steady_weight,
        )  # fmt: skip
        recipe |= {**perceptual.recipe(), "style_sha256": sha256_of_file(style.picture)}
        recipe["steady_weight"] = steady_weight
        if objective is Objective.HYBRID:
            recipe["pixel_weight"] = pixel_weight
    folder = workspace.bank(style.name)
    loop = _loop(bank, step, training, folder, recipe, balance)
    sample = batches.batch(0, SAMPLES)[0].to(device)
    yield from run_session(
        folder,
        loop,
        sample_every=training.sample_every,
        write_sample=lambda path: write_grid(path, sample, [lambda x: stylise(codec, bank, x)]),
        fresh=fresh,
    )
    description = Description("bank", codec.description.architecture, style.name, codec.sha256, recipe)
    save_bank(folder / BANK_FILE, bank, description)


def _first_codec(architecture: str, start: Path | None) -> Codec | None:
    if start is None:
        return None
    codec = load_codec(start)
    if codec.description.architecture != architecture:
        raise NstError(f"{start} is of architecture {codec.description.architecture}; add --architecture to match it")
    return codec


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
