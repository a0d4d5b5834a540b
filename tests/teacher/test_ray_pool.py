"""The dispatch of batches when workers die at random: a stand-in for Ray that kills them by a seeded draw.

What Ray itself does is tested on a real cluster, in test_ray_cluster.py, where so many deaths would take too long.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from nst_runtime.errors import NstError
from nst_teacher.engine.engine import Engine, Outcome
from nst_teacher.pairs.batches import Loaded, Step, Stylised
from nst_teacher.pairs.job import Job
from nst_teacher.pairs.ray_cluster import RayCluster
from nst_teacher.pairs.ray_worker import Answer
from nst_teacher.pictures.photos import Photo
from nst_teacher.settings.method import Method

from .conftest import draw_style

NOTHING = np.zeros((1, 1, 3), np.uint8)
POISON = "poison"
METHOD = Method(network="random")
JOB = Job("stripes", Path("style.png"), Path("photos"), 1, 32, Path("pairs"), METHOD)


class DiedError(Exception):
    """What Ray raises for a worker that died."""


class FaultError(DiedError):
    """What Ray raises for a fault in the program."""


@dataclass(frozen=True, eq=False)
class Reference:
    """A result to come: what the call returned, or None where its worker died."""

    answer: Answer | None


class StandIn:
    """As much of the module ray as a cluster uses; every call may kill its worker."""

    exceptions = SimpleNamespace(RayError=DiedError, RayTaskError=FaultError)

    def __init__(self, death: float, *, size: int = 1, seed: int = 0) -> None:
        self.chance, self.death, self.size = random.Random(seed), death, size
        self.workers: list[SimpleNamespace] = []
        self.sent: list[tuple[str, ...]] = []
        self.refusal: NstError | None = None

    def is_initialized(self) -> bool:
        return True

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": self.size}

    def put(self, thing: object) -> object:
        return thing

    def remote(self, _: type) -> SimpleNamespace:
        return SimpleNamespace(options=lambda **_: SimpleNamespace(remote=self.start))

    def start(self) -> SimpleNamespace:
        worker = SimpleNamespace(alive=True, started=True)
        worker.prepare = SimpleNamespace(remote=lambda _: self.call(worker, lambda: Answer(error=self.refusal), ()))
        worker.stylise = SimpleNamespace(remote=lambda batch: self.send(worker, batch))
        self.workers.append(worker)
        return worker

    def send(self, worker: SimpleNamespace, batch: Sequence[Loaded]) -> Reference:
        self.sent.append(tuple(loaded.photo.id for loaded in batch))
        return self.call(worker, lambda: finish(batch), batch)

    def call(self, worker: SimpleNamespace, work: Callable[[], Answer], batch: Sequence[Loaded]) -> Reference:
        poisoned = any(loaded.photo.id == POISON for loaded in batch)
        worker.alive = worker.alive and not poisoned and self.chance.random() >= self.death
        return Reference(work() if worker.alive else None)

    def wait(self, references: list[Reference], timeout: float) -> tuple[list[Reference], list[Reference]]:
        done = self.chance.choice(references)
        return [done], [reference for reference in references if reference is not done]

    def get(self, reference: Reference) -> Answer:
        if reference.answer is None:
            raise DiedError
        return reference.answer

    def kill(self, worker: SimpleNamespace) -> None:
        worker.started = False


def finish(batch: Sequence[Loaded]) -> Answer:
    return Answer(tuple(Outcome(NOTHING, float(loaded.photo.seed), 0, 0, 0, finite=True) for loaded in batch))


def load(name: str, seed: int) -> Loaded:
    return Loaded(Photo(Path(name), "0" * 64, name, seed), NOTHING)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(METHOD, draw_style(), torch.device("cpu"))


@pytest.fixture
def stylise(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Iterator[Step]]:
    """Stylise photos, in batches of a size, on a cluster of the stand-in."""

    def run(ray: StandIn, photos: Sequence[Loaded], batch: int = 1) -> Iterator[Step]:
        monkeypatch.setitem(sys.modules, "ray", ray)
        return RayCluster(None).stylise(replace(JOB, batch=batch), engine, iter(photos))

    return run


@pytest.mark.parametrize("seed", range(30))
def test_every_photo_comes_back_once_whoever_dies(stylise: Callable[..., Iterator[Stylised]], seed: int) -> None:
    chance = random.Random(seed)
    death, count = (0, 0.05, 0.2)[seed % 3], chance.choice([0, 1, 5, 23])
    batch, size = chance.choice([1, 3]), chance.choice([1, 2, 5])
    photos = [load(str(number), number) for number in range(count)]
    poisoned = count > 3 and seed % 2 == 0
    if poisoned:
        photos[2] = load(POISON, 2)
    ray = StandIn(death, size=size, seed=seed)
    found = list(stylise(ray, photos, batch))
    assert sorted(step.loaded.photo.seed for step in found) == list(range(count))
    for step in found:
        if step.outcome is not None:
            assert step.outcome.initial == step.loaded.photo.seed
    if death == 0:
        assert [step.loaded.photo.id for step in found if step.outcome is None] == [POISON] * poisoned
        if not poisoned:
            assert len(ray.workers) == min(size, -(-count // batch))
    assert not any(worker.started for worker in ray.workers)


def test_a_batch_over_which_workers_die_is_tried_again_then_singly_and_then_given_up(
    stylise: Callable[..., Iterator[Stylised]],
) -> None:
    ray = StandIn(death=0)
    found = {step.loaded.photo.id: step for step in stylise(ray, [load("a", 0), load(POISON, 1)], 2)}
    assert Counter(ray.sent) == {("a", POISON): 5, ("a",): 1, (POISON,): 5}
    assert ray.sent[:5] == [("a", POISON)] * 5
    assert found["a"].outcome is not None
    assert (found[POISON].outcome, found[POISON].reason) == (None, "5 workers died over it; look at their logs")


def test_workers_that_never_get_ready_end_the_job(stylise: Callable[..., Iterator[Stylised]]) -> None:
    ray = StandIn(death=1, size=2)
    with pytest.raises(NstError, match="Ray's workers die before they are ready; look at their logs"):
        list(stylise(ray, [load("a", 0)]))
    assert len(ray.workers) == 10  # five for each of the two that there is room for
    assert ray.sent == []


def test_a_workers_error_is_the_jobs(stylise: Callable[..., Iterator[Stylised]]) -> None:
    ray = StandIn(death=0)
    ray.refusal = NstError("not enough memory", "use a smaller `size`")
    with pytest.raises(NstError) as caught:
        list(stylise(ray, [load("a", 0)]))
    assert (caught.value.message, caught.value.hint) == ("not enough memory", "use a smaller `size`")
    assert not any(worker.started for worker in ray.workers)
