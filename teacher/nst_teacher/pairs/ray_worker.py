"""A worker of the Ray cluster: one process with one engine, which stylises the batches that it is sent."""

import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import torch

from nst_features.device import pick_device, set_arithmetic
from nst_runtime.errors import NstError
from nst_teacher.engine.compiled import CompiledLoss
from nst_teacher.engine.engine import Engine, Outcome
from nst_teacher.engine.style_picture import StylePicture
from nst_teacher.pairs.batches import Batcher, Loaded, Stylised
from nst_teacher.settings.method import Method

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class Order:
    """All that a worker needs to make its engine; `files` are those that `method` names, by their path there."""

    method: Method
    files: Mapping[str, bytes]
    styles: Sequence[StylePicture]
    batch: int
    threads: int
    gpu: bool
    compiled: bool = False


@dataclass(frozen=True)
class Answer:
    """The outcomes of a batch, or the error that says why there are none."""

    outcomes: tuple[Outcome, ...] = ()
    error: NstError | None = None


class RayWorker:
    """Runs in a process of its own on some machine of the cluster."""

    def __init__(self) -> None:
        self._batcher: Batcher | None = None

    def prepare(self, order: Order) -> Answer:
        """Load the networks and measure the style, once for all batches."""
        torch.set_num_threads(order.threads)
        torch.backends.cudnn.deterministic = True
        set_arithmetic(order.method.precision)
        try:
            with tempfile.TemporaryDirectory(prefix="nst-") as folder:
                method = unpack_files(order.method, order.files, Path(folder))
                compiled = CompiledLoss(logging.getLogger(__name__).warning) if order.compiled else None
                engine = Engine(method, order.styles, pick_device("cuda" if order.gpu else "cpu"), compiled)
        except NstError as error:
            return Answer(error=NstError(error.message, error.hint))  # without its frames, and the memory they hold
        self._batcher = Batcher(engine, order.batch)
        return Answer()

    def stylise(self, batch: Sequence[Loaded]) -> Answer:
        """Return the outcomes of `batch`, in its order."""
        if self._batcher is None:
            raise RuntimeError("prepare comes first")
        try:
            steps = list(self._batcher.run(batch))
        except NstError as error:
            return Answer(error=NstError(error.message, error.hint))  # without its frames, and the memory they hold
        found = (step.outcome for step in steps if isinstance(step, Stylised))
        return Answer(tuple(outcome for outcome in found if outcome is not None))


def pack_files(settings: Any) -> dict[str, bytes]:  # noqa: ANN401 (any dataclass)
    """Return the bytes of every file that `settings`, a dataclass of dataclasses, names by a path."""
    files: dict[str, bytes] = {}
    for value in (getattr(settings, field.name) for field in fields(settings)):
        if isinstance(value, Path) and value.is_file():
            files[str(value)] = value.read_bytes()
        elif is_dataclass(value):
            files |= pack_files(value)
    return files


def unpack_files(settings: Settings, files: Mapping[str, bytes], folder: Path) -> Settings:
    """Return `settings` with the files that they name written into `folder`."""
    changes: dict[str, Any] = {}
    for field in fields(settings):  # type: ignore[arg-type]
        value = getattr(settings, field.name)
        if isinstance(value, Path) and str(value) in files:
            changes[field.name] = folder / str(sorted(files).index(str(value)))
            changes[field.name].write_bytes(files[str(value)])
        elif is_dataclass(value):
            changes[field.name] = unpack_files(value, files, folder)
    return replace(settings, **changes)  # type: ignore[type-var]
