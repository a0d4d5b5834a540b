"""Make the pairs of a style, going on where an earlier run stopped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nst_runtime.errors import NstError
from nst_runtime.files import sha256_of_file
from nst_runtime.images import Pixels, read_picture
from nst_runtime.names import check_name
from nst_runtime.pairs import Network, Pair, StyleSource
from nst_teacher.engine import Engine, Outcome, outcomes
from nst_teacher.method import Method, describe
from nst_teacher.pair_folder import SHEET, PairFolder
from nst_teacher.photos import Photo, choose_photos, identify, read_square
from nst_teacher.sheet import write_sheet


@dataclass(frozen=True)
class Job:
    """Which photos to stylise how, and where to: `count` pictures of the folder `content`, as squares of `size_px`."""

    style: str
    style_picture: Path
    content: Path
    count: int
    size_px: int
    out: Path
    method: Method
    title: str | None = None
    batch: int = 1
    fresh: bool = False


@dataclass(frozen=True)
class Iterated:
    """The batch in work has gone through `iteration` of `iterations`."""

    iteration: int
    iterations: int
    pictures: int


@dataclass(frozen=True)
class PairReady:
    """A pair is on disk; `reused` when an earlier run made it."""

    pair: Pair
    reused: bool


@dataclass(frozen=True)
class PhotoFailed:
    """A photo without a pair, and why."""

    source: str
    reason: str


@dataclass(frozen=True)
class Generated:
    """The end: the manifest (None when there is no pair) and its pairs in the order of the photos."""

    manifest: Path | None
    pairs: tuple[Pair, ...]
    failures: tuple[PhotoFailed, ...]


Event = Iterated | PairReady | PhotoFailed | Generated
Loaded = tuple[Photo, Pixels]


def generate(job: Job, device: torch.device) -> Iterator[Event]:
    """Do `job`, yielding what happens; the last event is Generated.

    Only missing pairs are made. A pair follows from its photo and the settings alone: on one processor, with one number
    of threads, to the bit (in batches to rounding). A photo that cannot be read, or whose loss stops being a number, is
    reported and left out. Raises NstError when the job as a whole cannot be done: style picture, weights, layers, too
    few photos, other settings in the folder, a full disk.
    """
    check_name(job.style)
    paths = choose_photos(job.content, job.count, job.method.seed)
    style = read_picture(job.style_picture).rgb
    style_sha256 = sha256_of_file(job.style_picture)
    engine = Engine(job.method, style, device)
    settings = {"style_sha256": style_sha256, "size_px": job.size_px, **describe(engine.method)}
    folder = PairFolder(job.out, settings)
    with folder.opened(fresh=job.fresh):
        ready: dict[Path, Pair] = {}
        failures: list[PhotoFailed] = []
        for event, path in _each_pair(job, paths, engine, folder):
            if isinstance(event, PairReady):
                ready[path] = event.pair
            elif isinstance(event, PhotoFailed):
                failures.append(event)
            yield event
        pairs = [ready[path] for path in paths if path in ready]
        source = StyleSource(job.style, job.style_picture.name, style_sha256, job.title)
        manifest = _finish(folder, source, settings, style, pairs) if pairs else None
    yield Generated(manifest, tuple(pairs), tuple(failures))


def _finish(
    folder: PairFolder, source: StyleSource, settings: dict[str, Any], style: Pixels, pairs: list[Pair]
) -> Path:
    write_sheet(folder.root / SHEET, style, folder.root, pairs)
    return folder.finish(source, Network(settings["network"], settings["weights_sha256"]), pairs)


def _each_pair(job: Job, paths: Sequence[Path], engine: Engine, folder: PairFolder) -> Iterator[tuple[Event, Path]]:
    """Yield what happens to each photo: first those that are there already, then the rest batch by batch."""
    missing: list[Photo] = []
    for path in paths:
        try:
            photo = identify(path, job.method.seed)
        except NstError as error:
            yield PhotoFailed(path.name, str(error)), path
            continue
        pair = folder.find(photo)
        if pair is None:
            missing.append(photo)
        else:
            yield PairReady(pair, reused=True), path
    waiting: list[Loaded] = []
    for photo in missing:
        try:
            waiting.append((photo, read_square(photo.path, job.size_px)))
        except NstError as error:
            yield PhotoFailed(photo.path.name, str(error)), photo.path
        if len(waiting) == job.batch:
            yield from _make(waiting, engine, folder)
            waiting = []
    if waiting:
        yield from _make(waiting, engine, folder)


def _make(batch: list[Loaded], engine: Engine, folder: PairFolder) -> Iterator[tuple[Event, Path]]:
    """Stylise one batch and write its pairs."""
    for iterate in engine.run([pixels for _, pixels in batch], [photo.seed for photo, _ in batch]):
        if iterate.iteration == 0:
            first = iterate.losses
        yield Iterated(iterate.iteration, engine.method.plan.iterations, len(batch)), batch[0][0].path
    results = outcomes(first, iterate, engine.method.content_weight)
    for (photo, pixels), outcome in zip(batch, results, strict=True):
        yield _keep(photo, pixels, outcome, folder), photo.path


def _keep(photo: Photo, pixels: Pixels, outcome: Outcome, folder: PairFolder) -> Event:
    if not outcome.finite:
        return PhotoFailed(photo.path.name, f"{photo.path}: the loss is no number (NaN or infinite)")
    return PairReady(folder.save(photo, pixels, outcome), reused=False)
