"""Make the pairs of a style, going on where an earlier run stopped."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.contracts.names import check_name
from nst_runtime.contracts.pairs import Network, Pair, StyleSource
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels, resize
from nst_runtime.pictures.read import read_picture
from nst_teacher.engine.compiled import CompiledLoss
from nst_teacher.engine.engine import Engine
from nst_teacher.engine.style_picture import StylePicture
from nst_teacher.pairs.batches import Loaded, Stylised, ThisProcess, Workers
from nst_teacher.pairs.disk import QUEUED, READERS, PairWriter, map_ahead, prepare_photo
from nst_teacher.pairs.job import BatchHalved, Event, Generated, Iterated, Job, PairReady, PhotoFailed, Started
from nst_teacher.pairs.pair_folder import SHEET, PairFolder
from nst_teacher.pairs.shard_parts import Part, gather_pairs, hash_job, write_part
from nst_teacher.pictures.photos import check_other_pictures, check_sides, choose_photos
from nst_teacher.pictures.sheets import write_sheet
from nst_teacher.settings.identity import describe
from nst_teacher.settings.method import Method
from nst_teacher.settings.style_file import check_weights

__all__ = [
    "BatchHalved", "Event", "Generated", "Iterated", "Job", "PairReady", "PhotoFailed", "Started", "generate",
]  # fmt: skip

# What two jobs may differ in and make the same pair of a photo: how the style is called, which photos, where and when.
IGNORED = frozenset({"style", "title", "content", "count", "out", "batch", "fresh", "shard"})

Found = tuple[Event, Path | None]


def generate(
    job: Job, device: torch.device, workers: Workers | None = None, compiled: CompiledLoss | None = None
) -> Iterator[Event]:
    """Do `job`, yielding what happens: first Started, last Generated.

    Only missing pairs are made, on `device` in this process or by `workers`. A pair follows from its photo and the
    settings alone: on one processor, with one number of threads, to the bit (in batches, and `compiled`, to rounding).
    A photo that cannot be read, or whose loss stops being a number, is reported and left out. Raises NstError when the
    job as a whole cannot be done: style pictures (one of them among the photos), weights, layers, too few photos, other
    settings in the folder, a full disk.
    """
    check_name(job.style)
    if job.fresh and not job.shard.whole:
        raise NstError(
            f"`fresh` in shard {job.shard} would remove the other shards' pairs",
            f"remove {job.out} first, and leave `fresh` out",
        )
    chosen = choose_photos(job.content, job.count, job.method.seed)
    paths = [path for path in chosen if job.shard.holds(path)]
    styles = _read_styles(job)
    check_other_pictures(chosen, [style.path for style in job.styles])
    engine = Engine(job.method, styles, device, compiled)
    settings = describe_job(job, engine.method)
    folder = PairFolder(job.out, settings)
    with folder.opened(fresh=job.fresh, shard=job.shard):
        yield Started(len(paths))
        ready: dict[Path, Pair] = {}
        failures: list[PhotoFailed] = []
        for event, path in _Run(job, folder, engine, workers or ThisProcess()).events(paths):
            if isinstance(event, PairReady) and path is not None:
                ready[path] = event.pair
            elif isinstance(event, PhotoFailed):
                failures.append(event)
            yield event
        pairs = [ready[path] for path in paths if path in ready]
        source = StyleSource(job.style, job.style_picture.name, settings["style_sha256"], job.title)
        complete = _gather(job, folder, chosen, pairs)
        manifest = _finish(folder, source, settings, _beside_each_other(styles), complete) if complete else None
    yield Generated(manifest, tuple(pairs), tuple(failures))


def _read_styles(job: Job) -> list[StylePicture]:
    check_weights(job.styles)
    pictures = [StylePicture(read_picture(style.path).rgb, style.weight) for style in job.styles]
    for style, picture in zip(job.styles, pictures, strict=True):
        check_sides(style.path, picture.rgb)
    return pictures


def describe_job(job: Job, method: Method) -> dict[str, Any]:
    """Return all of `job` that its pairs depend on, as settings, with the `method` that the engine makes of its own."""
    others = [field.name for field in fields(job) if field.name not in IGNORED | {"style_picture", "blend", "method"}]
    settings = {"style_sha256": sha256_of_file(job.style_picture), **{name: getattr(job, name) for name in others}}
    if job.blend:
        settings["blend_sha256"] = [sha256_of_file(style.path) for style in job.blend]
        settings["blend_weights"] = [float(style.weight) for style in job.blend]
    return settings | describe(method)


def _beside_each_other(styles: Sequence[StylePicture]) -> Pixels:
    height = min(len(style.rgb) for style in styles)
    scaled = [resize(s.rgb, max(1, round(s.rgb.shape[1] * height / len(s.rgb))), height) for s in styles]
    return np.concatenate(scaled, axis=1)


def _gather(job: Job, folder: PairFolder, chosen: Sequence[Path], pairs: list[Pair]) -> list[Pair]:
    """Return the pairs of the whole job in the order of its photos, none while another shard is to come."""
    if job.shard.whole:
        return pairs
    job_sha256 = hash_job(folder.settings_sha256, job.style, chosen)
    write_part(folder.root, job.shard, Part(job_sha256, tuple(pairs)))
    place = {path.name: index for index, path in enumerate(chosen)}
    return sorted(gather_pairs(folder.root, job.shard, job_sha256) or (), key=lambda pair: place[pair.source])


def _finish(
    folder: PairFolder, source: StyleSource, settings: dict[str, Any], style: Pixels, pairs: list[Pair]
) -> Path:
    write_sheet(folder.root / SHEET, style, folder.root, pairs)
    return folder.finish(source, Network(settings["network"], settings["weights_sha256"]), pairs)


class _Run:
    """The way of the photos from their files through the workers to the pairs' files."""

    def __init__(self, job: Job, folder: PairFolder, engine: Engine, workers: Workers) -> None:
        self._job, self._folder, self._engine, self._workers = job, folder, engine, workers
        self._aside: list[Found] = []

    def events(self, paths: Sequence[Path]) -> Iterator[Found]:
        """Yield what happens to each photo, with its path; pairs appear once they are on disk."""
        with PairWriter(self._folder) as writer:
            for step in self._workers.stylise(self._job, self._engine, self._missing(paths)):
                yield from self._take_aside()
                if not isinstance(step, Stylised):
                    yield step, None
                elif step.outcome is not None and step.outcome.finite:
                    writer.save(step.loaded, step.outcome)
                else:
                    yield _failure(step), step.loaded.photo.path
                yield from _written(writer)
            yield from self._take_aside()
            yield from _written(writer, leave=0)

    def _missing(self, paths: Sequence[Path]) -> Iterator[Loaded]:
        """Yield the photos without a pair; what is found out about the others is put aside for `events`."""
        prepare = partial(prepare_photo, seed=self._job.method.seed, size_px=self._job.size_px, folder=self._folder)
        for path, found in zip(paths, map_ahead(prepare, paths, 2 * self._job.batch + READERS), strict=True):
            if isinstance(found, Loaded):
                yield found
            else:
                self._aside.append((found, path))

    def _take_aside(self) -> Iterator[Found]:
        found, self._aside = self._aside, []
        yield from found


def _written(writer: PairWriter, leave: int = QUEUED) -> Iterator[Found]:
    for loaded, pair in writer.finished(leave):
        yield PairReady(pair, reused=False), loaded.photo.path


def _failure(step: Stylised) -> PhotoFailed:
    path = step.loaded.photo.path
    return PhotoFailed(path.name, f"{path}: {step.reason or 'the loss is not a number (NaN or infinite)'}")
