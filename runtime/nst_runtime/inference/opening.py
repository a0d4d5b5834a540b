"""Open a graph with onnxruntime: on which device, with which options, in which memory."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from nst_runtime.errors import DeviceError, NstError, PackError
from nst_runtime.inference.devices import CPU, candidates, not_started

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from nst_runtime.inference.devices import Device, DeviceName
    from nst_runtime.pictures.arrays import Floats

# Passes over the graph that find nothing in templates, which have no node and no number twice; they take 0.4 ms of 4.
_IDLE_PASSES = ["ConstantSharing", "CommonSubexpressionElimination"]


@dataclass(frozen=True)
class Source:
    """What a session is made of: an ONNX graph `data`, the `weights` that it wants from outside, and its name."""

    data: bytes
    weights: Mapping[str, Floats]
    where: str


@dataclass(frozen=True)
class Opened:
    """A session of onnxruntime, the device that computes, and why it is not a better one ("" where it is the best)."""

    session: Any
    device: str
    note: str


def open_source(
    onnxruntime: ModuleType, source: Source, asked: DeviceName, *, threads: int, shared_memory: bool
) -> Opened:
    """Return a session for `source` on the device that was `asked` for, or on the first that starts for "auto".

    Raises PackError when onnxruntime cannot run the graph, DeviceError when the device is not there or does not start,
    NstError when memory runs out.
    """
    providers = onnxruntime.get_available_providers()
    tried = candidates(asked, providers)
    reasons: list[str] = []
    for device in tried:
        try:
            session = _start(onnxruntime, source, device, threads, shared_memory)
        except Exception as error:  # onnxruntime's own errors share no base class but Exception
            if device is CPU:
                raise _explain(error, source.where) from error
            reasons.append(first_line(error))
            continue
        skipped = [f"{device.name} does not start ({reason})" for device, reason in zip(tried, reasons, strict=False)]
        return Opened(session, device.name, f"{', '.join(skipped)}: {device.name} computes" if skipped else "")
    # Is it the device, or does the graph not run anywhere?
    open_source(onnxruntime, source, "cpu", threads=threads, shared_memory=shared_memory)
    raise not_started(tried[0], providers, reasons[0])


def _start(onnxruntime: ModuleType, source: Source, device: Device, threads: int, shared_memory: bool) -> Any:  # noqa: ANN401
    options = _options(onnxruntime, threads)
    if shared_memory and device is CPU:
        options.add_session_config_entry("session.use_env_allocators", "1")
    if source.weights:
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in source.weights.values()]
        options.add_external_initializers(list(source.weights), values)
    own = {device.threads_option: str(threads)} if device.threads_option else {}
    session = _strict(onnxruntime)(
        source.data,
        options,
        providers=[(device.provider, own), *device.helpers],
        disabled_optimizers=_IDLE_PASSES if source.weights else None,
    )
    started = session.get_providers()[0]
    if started != device.provider:
        raise DeviceError(f"onnxruntime takes {started} instead")
    return session


def _options(onnxruntime: ModuleType, threads: int) -> Any:  # noqa: ANN401 (onnxruntime has no types)
    """Return options for a chain of sessions and pictures of many sizes.

    Pools do not spin, lest the idle threads of one slow the next one; memory is not planned by the size seen first,
    which takes far more of it (at 1920×1080 a peak of 455 MB against 282) and saves no time.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False
    options.log_severity_level = 4
    # A weight that is not filled must be missing, not read from a file of some name in the working directory.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
    return options


@cache
def _strict(onnxruntime: ModuleType) -> Any:  # noqa: ANN401
    """Return the class of sessions that never take another provider by themselves, with a notice on stdout."""
    never = property(lambda _: False, lambda _, value: None)
    return type("StrictSession", (onnxruntime.InferenceSession,), {"_enable_fallback": never})


def share_memory(onnxruntime: ModuleType) -> bool:
    """Make one memory arena for the sessions of this process; return whether they can use it.

    They run one after the other, so that each need not keep an arena of its own: at 1920×1080 the peak is 225 MB, not
    285. Not all versions can: some have no arena to share off x86-64, or in a process where one was made before.
    """
    info = onnxruntime.OrtMemoryInfo
    if not hasattr(info, "create_v2") and platform.machine().lower() not in {"x86_64", "amd64"}:
        return False
    cpu = info("Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT)
    try:
        onnxruntime.create_and_register_allocator(cpu, onnxruntime.OrtArenaCfg({"arena_extend_strategy": 0}))
    except (AttributeError, RuntimeError):
        return False
    return True


def _explain(error: Exception, where: str) -> NstError:
    if is_out_of_memory(error):
        return NstError(f"not enough memory to open {where}", "close other programs")
    return PackError(f"{where} is not a graph that onnxruntime can run ({first_line(error)})", "get it again")


def is_out_of_memory(error: Exception) -> bool:
    """Return whether memory ran out; onnxruntime has neither a class nor a code for that, only these words.

    It raises Fail or RuntimeException, by version, as it does for a node that cannot be computed.
    """
    said = str(error)
    words = ("Failed to allocate memory", "bad_alloc", "bad allocation", "out of memory", "OUTOFMEMORY", "ALLOC_FAILED")
    return isinstance(error, MemoryError) or any(word in said for word in words)


def first_line(error: BaseException) -> str:
    """Return the first line of what `error` says, 200 characters at most; its class where it says nothing."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
