"""Stylise on a Ray cluster: one worker for each GPU (or processor), batches sent out and sent again when one dies."""

import logging
import os
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from typing import Any, Literal

from nst_runtime.errors import NstError
from nst_teacher.engine.engine import Engine
from nst_teacher.pairs.batches import Loaded, Step, Stylised
from nst_teacher.pairs.job import Job
from nst_teacher.pairs.ray_worker import Answer, Order, RayWorker, pack_files

ATTEMPTS = 5
LOOK_S = 5.0
CONNECT_S = 10.0
Ray = Any
"""The module ray, which comes with an extra and is loaded only where it is wanted; it has no types to speak of."""


class RayCluster:
    """The workers of a Ray cluster. Photos are read and pairs written by the process that owns this object."""

    def __init__(self, address: str | None, worker_cpus: int = 1) -> None:
        """Connect to the cluster at `address`; None is what RAY_ADDRESS or this machine has, else a new one here.

        Without GPUs, each worker has `worker_cpus` processors. Raises NstError when Ray is not installed or the cluster
        cannot be reached.
        """
        self._ray, self._cpus = connect(address), worker_cpus
        self._gpus = int(self._ray.cluster_resources().get("GPU", 0))

    @property
    def device_type(self) -> Literal["cuda", "cpu"]:
        """What the workers compute on: GPUs where the cluster has any."""
        return "cuda" if self._gpus else "cpu"

    def stylise(self, job: Job, engine: Engine, photos: Iterator[Loaded]) -> Iterator[Step]:
        """Yield the outcome of each of `photos` once, in the order in which they are done."""
        files, compiled = pack_files(job.method), engine.compiled is not None
        order = Order(job.method, files, engine.styles, job.batch, self._cpus, bool(self._gpus), compiled)
        pool = _Pool(self._ray, order, self._size())
        try:
            yield from pool.work(photos)
        finally:
            pool.close()

    def _size(self) -> int:
        size = self._gpus or int(self._ray.cluster_resources().get("CPU", 0)) // self._cpus
        if size < 1:
            raise NstError(f"the Ray cluster has no {self._cpus} processors for a worker", "give fewer `worker_cpus`")
        return size


def connect(address: str | None) -> Ray:
    """Return the module ray, connected; raises NstError where that cannot be."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray = import_module("ray")
    except ModuleNotFoundError as error:
        raise NstError("Ray is not installed", "pip install 'nst-stylebank[cpu,train,ray]'") from error
    if not ray.is_initialized():
        _check_reachable(address or os.environ.get("RAY_ADDRESS"))
        try:
            ray.init(address=address, logging_level=logging.CRITICAL, log_to_driver=False)
        except (ConnectionError, ValueError, RuntimeError) as error:
            where = address or "RAY_ADDRESS"
            raise NstError(f"cannot reach a Ray cluster at {where}", "start one with ray start --head") from error
    return ray


def _check_reachable(address: str | None) -> None:
    """Raise NstError where nothing listens at a ``HOST:PORT``: Ray itself would try again for many minutes."""
    host, _, port = (address or "").rpartition(":")
    if not host or "//" in host or not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), timeout=CONNECT_S).close()
    except (OSError, OverflowError) as error:
        raise NstError(f"cannot reach a Ray cluster at {address}", "start one with ray start --head") from error


@dataclass
class _Batch:
    """Photos on their way to an outcome, and how many workers have died over them."""

    photos: list[Loaded]
    attempts: int = 0


@dataclass(frozen=True)
class _Task:
    """What a worker is doing: a batch, or getting ready where that is None."""

    worker: Any
    batch: _Batch | None


class _Pool:
    """The workers of one job; a dead one is replaced, and its batch goes to another.

    A worker is bound to its GPU for life and keeps its engine. A new one in place of the dead waits, in Ray, until some
    machine has room for it; until then the others do the work.
    """

    def __init__(self, ray: Ray, order: Order, size: int) -> None:
        self._ray, self._size, self._batch_size = ray, size, order.batch
        self._order = ray.put(order)
        resources = {"num_gpus": 1, "num_cpus": 1} if order.gpu else {"num_cpus": order.threads}
        self._startable = ray.remote(RayWorker).options(max_restarts=0, **resources)
        self._tasks: dict[Any, _Task] = {}
        self._idle: list[Any] = []
        self._again: deque[_Batch] = deque()
        self._failed_starts = 0

    def work(self, photos: Iterator[Loaded]) -> Iterator[Stylised]:
        """Yield the outcome of each of `photos`, which are taken as workers get ready for them."""
        for _ in range(self._size):  # no more workers than batches
            batch = self._take(photos)
            if batch is None:
                break
            self._again.append(batch)
            self._start_worker()
        while self._has_work(photos):
            done, _ = self._ray.wait(list(self._tasks), timeout=LOOK_S)
            for answer in done:
                yield from self._settle(answer, self._tasks.pop(answer))
            self._send(photos)

    def close(self) -> None:
        """End all workers."""
        for worker in (*self._idle, *(task.worker for task in self._tasks.values())):
            self._ray.kill(worker)

    def _has_work(self, photos: Iterator[Loaded]) -> bool:
        if not self._again and not any(task.batch for task in self._tasks.values()):
            batch = self._take(photos)  # left over when the last busy worker has died over photos that were given up
            self._again.extend([batch] if batch else [])
            return batch is not None
        return True

    def _take(self, photos: Iterator[Loaded]) -> _Batch | None:
        some = list(islice(photos, self._batch_size))
        return _Batch(some) if some else None

    def _start_worker(self) -> None:
        worker = self._startable.remote()
        self._tasks[worker.prepare.remote(self._order)] = _Task(worker, None)

    def _send(self, photos: Iterator[Loaded]) -> None:
        while self._idle:
            batch = self._again.popleft() if self._again else self._take(photos)
            if batch is None:
                return
            worker = self._idle.pop()
            self._tasks[worker.stylise.remote(batch.photos)] = _Task(worker, batch)

    def _settle(self, reference: Any, task: _Task) -> Iterator[Stylised]:  # noqa: ANN401 (an ObjectRef)
        """Take a worker's answer, or its death, and see to what is next."""
        faults = self._ray.exceptions
        try:
            answer: Answer = self._ray.get(reference)
        except faults.RayTaskError:  # a fault in the program: it would happen again anywhere
            raise
        except faults.RayError:
            with suppress(faults.RayError):
                self._ray.kill(task.worker)
            self._failed_starts += task.batch is None
            if self._failed_starts >= ATTEMPTS * self._size:
                raise NstError("Ray's workers die before they are ready", "look at their logs below /tmp/ray") from None
            self._start_worker()
            if task.batch is not None:
                yield from self._retry(task.batch)
            return
        self._idle.append(task.worker)
        if answer.error is not None:
            raise answer.error
        self._failed_starts = 0
        if task.batch is not None:
            for loaded, outcome in zip(task.batch.photos, answer.outcomes, strict=True):
                yield Stylised(loaded, outcome)

    def _retry(self, batch: _Batch) -> Iterator[Stylised]:
        """Let another worker try; one picture after the other where many have died over them together."""
        if batch.attempts + 1 < ATTEMPTS:
            self._again.append(_Batch(batch.photos, batch.attempts + 1))
        elif len(batch.photos) > 1:
            self._again.extend(_Batch([loaded]) for loaded in batch.photos)
        else:
            yield Stylised(batch.photos[0], None, f"{ATTEMPTS} workers died over it; look at their logs")
