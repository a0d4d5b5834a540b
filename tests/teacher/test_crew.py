"""The dispatch of batches when workers die at random: a stand-in for Ray that kills them by a seeded draw.

What Ray itself does is tested on a real cluster, in test_ray_cluster.py, where so many deaths would take too long.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nst_teacher.batches import Loaded
from nst_teacher.engine import Outcome
from nst_teacher.method import Method
from nst_teacher.photos import Photo
from nst_teacher.ray_cluster import _Crew
from nst_teacher.ray_worker import Answer, Order

NOTHING = np.zeros((1, 1, 3), np.uint8)
POISON = "poison"


class DiedError(Exception):
    """What Ray raises for a worker that died."""


class FaultError(DiedError):
    """What Ray raises for a fault in the program."""


@dataclass(frozen=True, eq=False)
class Reference:
    """A result to come: what the call returned, or None where its worker died."""

    answer: Answer | None


class StandIn:
    """As much of the module ray as a crew uses; every call may kill its worker."""

    exceptions = SimpleNamespace(RayError=DiedError, RayTaskError=FaultError)

    def __init__(self, chance: random.Random, death: float) -> None:
        self.chance, self.death = chance, death
        self.workers: list[SimpleNamespace] = []

    def put(self, thing: object) -> object:
        return thing

    def remote(self, _: type) -> SimpleNamespace:
        return SimpleNamespace(options=lambda **_: SimpleNamespace(remote=self.hire))

    def hire(self) -> SimpleNamespace:
        worker = SimpleNamespace(alive=True, hired=True)
        worker.prepare = SimpleNamespace(remote=lambda _: self.call(worker, Answer, ()))
        worker.stylise = SimpleNamespace(remote=lambda batch: self.call(worker, lambda: finish(batch), batch))
        self.workers.append(worker)
        return worker

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
        worker.hired = False


def finish(batch: Sequence[Loaded]) -> Answer:
    return Answer(tuple(Outcome(NOTHING, float(loaded.photo.seed), 0, 0, 0, finite=True) for loaded in batch))


def load(name: str, seed: int) -> Loaded:
    return Loaded(Photo(Path(name), "0" * 64, name, seed), NOTHING)


@pytest.mark.parametrize("seed", range(30))
def test_every_photo_comes_back_once_whoever_dies(seed: int) -> None:
    chance = random.Random(seed)
    death, count = (0, 0.05, 0.2)[seed % 3], chance.choice([0, 1, 5, 23])
    batch, size = chance.choice([1, 3]), chance.choice([1, 2, 5])
    photos = [load(str(number), number) for number in range(count)]
    poisoned = count > 3 and seed % 2 == 0
    if poisoned:
        photos[2] = load(POISON, 2)
    ray: Any = StandIn(chance, death)
    crew = _Crew(ray, Order(Method(), {}, [], batch, 1, gpu=False), size)
    found = list(crew.work(iter(photos)))
    crew.dismiss()
    assert sorted(step.loaded.photo.seed for step in found) == list(range(count))
    for step in found:
        if step.outcome is not None:
            assert step.outcome.initial == step.loaded.photo.seed
    if death == 0:
        assert [step.loaded.photo.id for step in found if step.outcome is None] == [POISON] * poisoned
        if not poisoned:
            assert len(ray.workers) == min(size, -(-count // batch))
    assert not any(worker.hired for worker in ray.workers)


def test_workers_that_never_get_ready_end_the_job() -> None:
    ray: Any = StandIn(random.Random(0), death=1)
    crew = _Crew(ray, Order(Method(), {}, [], 1, 1, gpu=False), 2)
    with pytest.raises(Exception, match="die before they are ready"):
        list(crew.work(iter([load("a", 0)])))


def test_a_workers_one_line_is_the_jobs() -> None:
    ray: Any = StandIn(random.Random(0), death=0)
    ray.call = lambda *_: Reference(Answer(error="not enough memory; use a smaller --size"))
    crew = _Crew(ray, Order(Method(), {}, [], 1, 1, gpu=False), 2)
    with pytest.raises(Exception, match=r"^not enough memory; use a smaller --size$"):
        list(crew.work(iter([load("a", 0)])))
