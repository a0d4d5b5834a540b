"""What can compute: the devices by name, what onnxruntime calls them, and how a person gets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from nst_runtime.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Collection

DeviceName = Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "xnnpack", "openvino", "webgpu", "directml"]
MOST_THREADS = 1024  # onnxruntime starts them all, and takes minutes to stop 20 000


@dataclass(frozen=True)
class Device:
    """One device: `provider` is onnxruntime's name for it, `install` what to do to have it.

    `helpers` are the providers that take what it cannot do, before the CPU does; `threads_option` is the option of the
    provider that says how many CPU threads it has, where it does not use the session's.
    """

    name: DeviceName
    provider: str
    install: str
    helpers: tuple[str, ...] = ()
    threads_option: str = ""


_REPLACE = "pip uninstall onnxruntime, then pip install"
_NVIDIA = f"{_REPLACE} 'nst-stylebank[gpu]' (Linux or Windows, an NVIDIA card)"

CPU = Device("cpu", "CPUExecutionProvider", "pip install 'nst-stylebank[cpu]'")
DEVICES = (
    CPU,
    Device("cuda", "CUDAExecutionProvider", _NVIDIA),
    Device("tensorrt", "TensorrtExecutionProvider", f"{_NVIDIA} and NVIDIA's TensorRT", ("CUDAExecutionProvider",)),
    Device("coreml", "CoreMLExecutionProvider", "pip install 'nst-stylebank[cpu]' (macOS)"),
    Device("xnnpack", "XnnpackExecutionProvider", "build onnxruntime with it", threads_option="intra_op_num_threads"),
    Device(
        "openvino",
        "OpenVINOExecutionProvider",
        f"{_REPLACE} onnxruntime-openvino (Linux or Windows)",
        threads_option="num_of_threads",
    ),
    Device("webgpu", "WebGpuExecutionProvider", "build onnxruntime with it"),
    Device("directml", "DmlExecutionProvider", f"{_REPLACE} onnxruntime-directml (Windows)"),
)
# What "auto" tries, in this order. The others are for those who ask for them by name.
AUTOMATIC: tuple[DeviceName, ...] = ("cuda", "directml", "coreml", "cpu")

_BY_NAME = {device.name: device for device in DEVICES}


@dataclass(frozen=True)
class RunSettings:
    """What computes: `device`, and the CPU `threads` of each session, None for as many as this process may use.

    `memory_bytes` is what the whole process may take, None for half of the memory that is free when it is needed.
    Raises ValueError for a device that there is not, threads that are not a whole number from 1 to 1024, and memory
    below 1.
    """

    device: DeviceName = "auto"
    threads: int | None = None
    memory_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.device not in get_args(DeviceName):
            raise ValueError(f"device must be one of {', '.join(get_args(DeviceName))}, not {self.device!r}")
        whole = isinstance(self.threads, int) and not isinstance(self.threads, bool)
        if self.threads is not None and not (whole and 1 <= self.threads <= MOST_THREADS):
            raise ValueError(f"threads must be None or a whole number from 1 to {MOST_THREADS}, not {self.threads!r}")
        whole = isinstance(self.memory_bytes, int) and not isinstance(self.memory_bytes, bool)
        if self.memory_bytes is not None and not (whole and self.memory_bytes >= 1):
            raise ValueError(f"memory_bytes must be None or a whole number of bytes, not {self.memory_bytes!r}")


def candidates(asked: DeviceName, providers: Collection[str]) -> tuple[Device, ...]:
    """Return the devices to try in turn for `asked`, of those that an onnxruntime with `providers` has.

    Raises DeviceError when it has none.
    """
    tried = AUTOMATIC if asked == "auto" else (asked,)
    found = tuple(_BY_NAME[name] for name in tried if _BY_NAME[name].provider in providers)
    if not found:
        device = CPU if asked == "auto" else _BY_NAME[asked]
        raise DeviceError(
            f"this onnxruntime does not have the device {device.name}; it has {_names(providers)}", device.install
        )
    return found


def not_started(asked: Device, providers: Collection[str], reason: str) -> DeviceError:
    """Return the error for a device that an onnxruntime with `providers` has, and that did not start for `reason`."""
    return DeviceError(
        f"the device {asked.name} does not start ({reason}); this onnxruntime has {_names(providers)}",
        f"put its driver and libraries right, install it again ({asked.install}), or use `device` cpu",
    )


def _names(providers: Collection[str]) -> str:
    return ", ".join(device.name for device in DEVICES if device.provider in providers) or "none"
