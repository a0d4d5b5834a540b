"""Stylise a stream of photos by the batch, in smaller ones where memory is short."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from nst_runtime.pictures.arrays import Pixels
from nst_teacher.engine.engine import Engine, Outcome, outcomes
from nst_teacher.engine.memory import NotEnoughMemoryError, release_memory
from nst_teacher.pairs.job import BatchHalved, Iterated, Job
from nst_teacher.pictures.photos import Photo


@dataclass(frozen=True)
class Loaded:
    """A photo and its pixels, uint8 size×size×3."""

    photo: Photo
    pixels: Pixels


@dataclass(frozen=True)
class Stylised:
    """A photo and its outcome; no outcome and a `reason` where it could not be tried."""

    loaded: Loaded
    outcome: Outcome | None
    reason: str = ""


Step = Iterated | BatchHalved | Stylised


class Workers(Protocol):
    """Who stylises: this process, or a cluster."""

    def stylise(self, job: Job, engine: Engine, photos: Iterator[Loaded]) -> Iterator[Step]:
        """Take `photos`, not many more at a time than are worked on, and yield each of them once, Stylised.

        `engine` is made ready for the job's style; workers elsewhere make their own from its method and style pictures.
        """
        ...


class ThisProcess:
    """Stylises here, one batch after another."""

    def stylise(self, job: Job, engine: Engine, photos: Iterator[Loaded]) -> Iterator[Step]:
        """Yield the steps of all `photos`, in their order."""
        batcher = Batcher(engine, job.batch)
        while batch := list(islice(photos, batcher.size)):
            yield from batcher.run(batch)


class Batcher:
    """Runs batches through an engine; when memory runs out, `size` halves and stays so."""

    def __init__(self, engine: Engine, size: int) -> None:
        self.size = size
        self._engine = engine

    def run(self, batch: Sequence[Loaded]) -> Iterator[Step]:
        """Yield the steps of `batch`, halved until it fits; raises NotEnoughMemoryError when one picture does not."""
        rest = list(batch)
        while rest:
            some, results = rest[: self.size], list[Stylised]()
            try:
                yield from self._try(some, results)
            except NotEnoughMemoryError:
                if len(some) == 1:
                    raise
            if results:
                rest = rest[len(some) :]
                yield from results
                continue
            # Only here, with the error and all that its frames held let go, is the memory free again.
            release_memory(self._engine.device)
            self.size = (len(some) + 1) // 2
            if self._engine.compiled is not None:
                self._engine.compiled.start_over()
            yield BatchHalved(len(some), self.size)

    def _try(self, batch: list[Loaded], results: list[Stylised]) -> Iterator[Iterated]:
        """Yield how far `batch` is and put its outcomes into `results`; nothing is read back before its last step."""
        method = self._engine.method
        pixels, seeds = [one.pixels for one in batch], [one.photo.seed for one in batch]
        for iterate in self._engine.run(pixels, seeds):
            if iterate.iteration == 0:
                first = iterate.losses
            yield Iterated(iterate.iteration, method.plan.iterations, len(batch))
        found = outcomes(first, iterate, method.content_weight)
        results += [Stylised(one, outcome) for one, outcome in zip(batch, found, strict=True)]
