"""Run the stages of a recipe, each of which begins with what the one before it ended with."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

import torch

from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.workspace import Workspace
from nst_student.data.batches import Pixels
from nst_student.data.pairs import PixelPair
from nst_student.networks.checkpoint import CODEC_FILE
from nst_student.recipes.settings import Objective, StudentSettings, StyleSource
from nst_student.training.jobs import train_bank, train_codec
from nst_student.training.session import Progress

Stages = Sequence[tuple[str, StudentSettings]]
"""Names and settings, in their order; the last one ends in the workspace itself."""
ItemT = TypeVar("ItemT")
Read = Callable[[], Sequence[ItemT]]


def train_bank_in_stages(
    workspace: Workspace,
    style: StyleSource,
    stages: Stages,
    device: torch.device,
    *,
    objective: Objective,
    photos: Read[Pixels],
    pairs: Read[PixelPair],
    start: Path | None = None,
    fresh: bool = False,
) -> Iterator[tuple[str, Iterator[Progress]]]:
    """Yield each stage's name and its training, to be run to its end before the next; see `jobs.train_bank`."""
    photos, pairs = cache(photos), cache(pairs)
    for name, place, settings in _places(workspace, stages):
        if place.root != workspace.root:
            place.codec.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(workspace.codec / CODEC_FILE, place.codec / CODEC_FILE)
        yield name, train_bank(
            place, style, settings.training, device,
            objective=objective, photos=photos, pairs=pairs, perceptual=settings.perceptual,
            pixel_weight=settings.pixels, steady_weight=settings.joint.steady, start=start,
            info=settings.info.of(style.name), fresh=fresh,
        )  # fmt: skip
        start = place.style(style.name)


def train_codec_in_stages(
    workspace: Workspace,
    styles: Sequence[StyleSource],
    stages: Stages,
    device: torch.device,
    *,
    photos: Read[Pixels],
    infos: Mapping[str, StyleInfo],
    start: Path | None = None,
    fresh: bool = False,
) -> Iterator[tuple[str, Iterator[Progress]]]:
    """Yield each stage's name and its training, to be run to its end before the next; see `jobs.train_codec`.

    A joint stage begins with the banks of the stage before, if that was a joint one.
    """
    photos, banks = cache(photos), dict[str, Path]()
    for name, place, settings in _places(workspace, stages):
        joint = settings.mode == "joint"
        yield name, train_codec(
            place, photos, settings.training, device,
            mode=settings.mode, architecture=settings.architecture, start=start, styles=styles if joint else (),
            perceptual=settings.perceptual, start_banks=banks, weights=settings.joint, infos=infos, fresh=fresh,
        )  # fmt: skip
        start = place.codec / CODEC_FILE
        banks = {style.name: place.style(style.name) for style in styles} if joint else {}


def _places(workspace: Workspace, stages: Stages) -> Iterator[tuple[str, Workspace, StudentSettings]]:
    """Yield each stage with the workspace that it works in: the last in the workspace itself, the others below it."""
    for number, (name, settings) in enumerate(stages, 1):
        last = number == len(stages)
        yield name, workspace if last else Workspace(workspace.root / "stages" / name), settings
