"""Sessions of onnxruntime, which no other module imports."""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from nst_runtime.errors import NstError, PackError
from nst_runtime.inference.machine import usable_cpus
from nst_runtime.inference.opening import Opened, Source, first_line, is_out_of_memory, open_source, share_memory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from nst_runtime.inference.devices import RunSettings
    from nst_runtime.pictures.arrays import Floats

_INSTALL = "pip install 'nst-stylebank[cpu]'"


def keep_telemetry_off() -> None:
    """Set ORT_DISABLE_TELEMETRY=1 unless it has a value: onnxruntime writes a device id as soon as it is imported."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


keep_telemetry_off()  # already now, for apps that import onnxruntime themselves


def load_onnxruntime() -> ModuleType:
    """Return the module onnxruntime, its telemetry off unless the environment's ORT_DISABLE_TELEMETRY says otherwise.

    Raises NstError when it is not installed, or damaged.
    """
    keep_telemetry_off()
    try:
        import onnxruntime  # noqa: PLC0415 (0.15 s that `import nst_runtime` does not take)
    except ImportError as error:
        raise NstError(f"onnxruntime cannot be loaded ({first_line(error)})", _INSTALL) from error
    if not hasattr(onnxruntime, "InferenceSession"):  # two of its packages were installed, and one removed
        raise NstError("onnxruntime is there only in part", f"pip uninstall onnxruntime, then {_INSTALL}")
    module: ModuleType = onnxruntime
    return module


class Session:
    """A graph that is ready to run; safe to call from several threads, and in processes forked from this one.

    `inputs` and `outputs` are the graph's names, `device` is what computes, `threads` how many CPU threads it has, and
    `note` says why it is not a better device where one did not start ("" otherwise).
    """

    def __init__(self, data: bytes, weights: Mapping[str, Floats], settings: RunSettings, where: str) -> None:
        """Open the ONNX graph `data`, whose external initializers are `weights`, float32; `where` names it in errors.

        The arrays are used where they are, as long as the session lives: do not change them. `weights` are empty for a
        graph that holds its own. Raises PackError when onnxruntime cannot run it, DeviceError when the device is not
        there or does not start, NstError when onnxruntime is missing or memory runs out, TypeError for other arrays.
        """
        for name, array in weights.items():
            _check_type(name, array)
        kept = {name: np.require(array, requirements="C") for name, array in weights.items()}
        self._source = Source(data, kept, where)
        self._settings = settings
        self.threads = settings.threads or _process.cpus()
        self._fork = _process.forks
        self._opened = self._open()
        try:
            self._shapes = {node.name: tuple(node.shape) for node in self._opened.session.get_inputs()}
            self.outputs = tuple(node.name for node in self._opened.session.get_outputs())
        except UnicodeDecodeError as error:
            raise PackError(f"{where} is damaged: a name in it is not text", "get the pack again") from error
        self.inputs = tuple(self._shapes)
        _process.sessions.add(self)

    @property
    def device(self) -> str:
        """What computes, such as ``cpu`` or ``cuda``."""
        return self._opened.device

    @property
    def note(self) -> str:
        """Why not a better device computes, where "auto" was asked for and one did not start; else ""."""
        return self._opened.note

    def run(self, feeds: Mapping[str, Floats], outputs: Sequence[str] | None = None) -> list[Floats]:
        """Return the arrays of `outputs`, in that order (None for all of them), for the inputs `feeds`, all float32.

        The whole graph is computed, whatever is asked for: ``only_execute_path_to_fetches`` does nothing in released
        builds of onnxruntime. Raises ValueError or TypeError when `feeds` or `outputs` do not fit the graph, NstError
        when memory runs out, PackError when the graph does not run.
        """
        names = self.outputs if outputs is None else tuple(outputs)
        self._check(feeds, names)
        session = self._session()
        try:
            result: list[Floats] = session.run(list(names), dict(feeds))
        except Exception as error:  # onnxruntime's own errors share no base class but Exception
            raise _explain(error, self._source.where, feeds) from error
        return result

    def _check(self, feeds: Mapping[str, Floats], names: tuple[str, ...]) -> None:
        where = self._source.where
        if feeds.keys() != self._shapes.keys():
            raise ValueError(f"{where} takes {', '.join(self.inputs)}, not {', '.join(feeds) or 'nothing'}")
        if not names or len(set(names)) < len(names) or not set(names) <= set(self.outputs):
            raise ValueError(f"{where} gives {', '.join(self.outputs)}, not {', '.join(names) or 'nothing'}")
        for name, array in feeds.items():
            _check_type(name, array)
            _check_shape(name, array.shape, self._shapes[name])

    def _session(self) -> Any:  # noqa: ANN401 (onnxruntime has no types)
        """Return onnxruntime's session; in a forked process a new one, as the threads of the old do not run there."""
        if self._fork != _process.forks:
            with _process.lock:
                if self._fork != _process.forks:
                    self._opened = self._open()
                    self._fork = _process.forks
        return self._opened.session

    def _open(self) -> Opened:
        onnxruntime = load_onnxruntime()
        shared = _process.shares_memory(onnxruntime)
        return open_source(onnxruntime, self._source, self._settings.device, threads=self.threads, shared_memory=shared)

    def _abandon(self) -> None:
        """Keep onnxruntime's session for ever, in a forked process: to delete it there would be a crash.

        It would wait for threads that only the parent has.
        """
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._opened.session))


class _Process:
    """What a process has once, and a process that is forked from it must make again."""

    def __init__(self) -> None:
        self.sessions: weakref.WeakSet[Session] = weakref.WeakSet()
        self.forks = 0
        self._forget()

    def _forget(self) -> None:
        self.lock = threading.RLock()
        self._cpus: int | None = None
        self._shares_memory: bool | None = None

    def cpus(self) -> int:
        """Return `usable_cpus`, which takes 0.2 ms."""
        if self._cpus is None:
            self._cpus = usable_cpus()
        return self._cpus

    def shares_memory(self, onnxruntime: ModuleType) -> bool:
        """Return whether the sessions of this process share an arena, which the first call makes."""
        with self.lock:
            if self._shares_memory is None:
                self._shares_memory = share_memory(onnxruntime)
            return self._shares_memory

    def begin_as_child(self) -> None:
        """Forget what is the parent's, locks included, which a thread may have held that is not there any more."""
        for session in tuple(self.sessions):
            session._abandon()
        self.forks += 1
        self._forget()


_process = _Process()
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_process.begin_as_child)


def _check_type(name: str, array: object) -> None:
    if not isinstance(array, np.ndarray) or array.dtype != np.float32:
        raise TypeError(f"{name} must be a float32 array, not {getattr(array, 'dtype', type(array).__name__)}")


def _check_shape(name: str, shape: tuple[int, ...], wanted: tuple[object, ...]) -> None:
    """Raise ValueError when `shape` is not `wanted`, which has numbers where the graph fixes a side."""
    if len(shape) != len(wanted) or any(isinstance(b, int) and a != b for a, b in zip(shape, wanted, strict=True)):
        described = ["×".join(str(side) for side in sides) for sides in (wanted, shape)]
        raise ValueError(f"{name} must be {described[0]}, not {described[1]}")


def _explain(error: Exception, where: str, feeds: Mapping[str, Floats]) -> NstError:
    if is_out_of_memory(error):
        sizes = ", ".join("×".join(map(str, array.shape)) for array in feeds.values())
        return NstError(f"not enough memory for a picture of this size ({sizes} values)", "make the picture smaller")
    return PackError(f"{where} does not run ({first_line(error)})", "get the pack again")
