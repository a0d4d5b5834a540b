"""Run the stages of a recipe, each of which begins with what the one before it ended with."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import torch

from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.workspace import Workspace
from nst_student.data.batches import Pixels
from nst_student.data.pairs import PixelPair
from nst_student.data.photos import check_crop_px
from nst_student.losses.judges import Judging
from nst_student.networks.checkpoint import CODEC_FILE
from nst_student.recipes.settings import JudgeSettings, Objective, PhotoSettings, StudentSettings, StyleSource
from nst_student.training.jobs import train_bank, train_codec
from nst_student.training.session import Progress, start_over

Stages = Sequence[tuple[str, StudentSettings]]
"""Names and settings, in their order; the last one ends in the workspace itself."""
ReadPhotos = Callable[[PhotoSettings], Sequence[Pixels]]
ReadPairs = Callable[[], Sequence[PixelPair]]


def train_bank_in_stages(
    workspace: Workspace,
    style: StyleSource,
    stages: Stages,
    device: torch.device,
    *,
    objective: Objective,
    photos: ReadPhotos,
    pairs: ReadPairs,
    start: Path | None = None,
    fresh: bool = False,
) -> Iterator[tuple[str, Iterator[Progress]]]:
    """Yield each stage's name and its training, to be run to its end before the next; see `jobs.train_bank`.

    A stage that is at its end is passed over. What later stages need is looked at before the first begins.
    """
    _look_ahead([settings for _, settings in stages[1:]] if objective != "pixels" else [], [style], device)
    read, pairs = cache(photos), cache(pairs)
    below = workspace.bank(style.name)
    _begin([place_of(workspace, stages, name, below).bank(style.name) for name, _ in stages], fresh=fresh)
    for name, settings in stages:
        place = place_of(workspace, stages, name, below)
        if place != workspace:
            place.codec.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(workspace.codec / CODEC_FILE, place.codec / CODEC_FILE)
        yield name, train_bank(
            place, style, settings.training, device,
            objective=objective, photos=_reader(read, settings.photos), pairs=pairs, perceptual=settings.perceptual,
            pixel_weight=settings.pixels, steady_weight=settings.joint.steady, start=start,
            info=settings.info.of(style.name), fresh=fresh, keep_finished=place != workspace,
        )  # fmt: skip
        start = place.style(style.name)


def train_codec_in_stages(
    workspace: Workspace,
    styles: Sequence[StyleSource],
    stages: Stages,
    device: torch.device,
    *,
    photos: ReadPhotos,
    infos: Mapping[str, StyleInfo],
    start: Path | None = None,
    fresh: bool = False,
) -> Iterator[tuple[str, Iterator[Progress]]]:
    """Yield each stage's name and its training, to be run to its end before the next; see `jobs.train_codec`.

    A joint stage begins with the banks of the stage before, if that was a joint one. Otherwise as
    train_bank_in_stages.
    """
    _look_ahead([settings for _, settings in stages[1:] if settings.mode == "joint"], styles, device)
    read, banks = cache(photos), dict[str, Path]()
    _begin([place_of(workspace, stages, name).codec for name, _ in stages], fresh=fresh)
    for name, settings in stages:
        place, joint = place_of(workspace, stages, name), settings.mode == "joint"
        yield name, train_codec(
            place, _reader(read, settings.photos), settings.training, device,
            mode=settings.mode, architecture=settings.architecture, start=start, styles=styles if joint else (),
            perceptual=settings.perceptual, start_banks=banks, weights=settings.joint, infos=infos, fresh=fresh,
            keep_finished=place != workspace,
        )  # fmt: skip
        start = place.codec / CODEC_FILE
        banks = {style.name: place.style(style.name) for style in styles} if joint else {}


def place_of(workspace: Workspace, stages: Stages, name: str, below: Path | None = None) -> Workspace:
    """Return the workspace that the stage `name` works in: the last in `workspace` itself, the others `below`.

    That is the folder of the codec, if nothing else is said.
    """
    return workspace if name == stages[-1][0] else Workspace((below or workspace.codec) / "stages" / name)


def _look_ahead(later: Sequence[StudentSettings], styles: Sequence[StyleSource], device: torch.device) -> None:
    """Raise NstError for crops, weights, layers or pictures that stages could not begin with, hours from now."""
    judges = dict[JudgeSettings, StudentSettings]()
    for settings in later:
        check_crop_px(settings.training.crop_px)
        judges.setdefault(settings.perceptual.judges, settings)
    for settings in judges.values():
        Judging(settings.perceptual.judges, settings.perceptual.weights, styles, device)


def _begin(folders: Sequence[Path], *, fresh: bool) -> None:
    """If `fresh`, remove what earlier trainings left: a stage must not find what began with another one before it."""
    for folder in folders if fresh else ():
        start_over(folder)


def _reader(read: ReadPhotos, wanted: PhotoSettings) -> Callable[[], Sequence[Pixels]]:
    return lambda: read(wanted)
