"""Which devices there are, and what a person reads who asks for one that is not there."""

from typing import get_args

import pytest

from nst_runtime.errors import DeviceError
from nst_runtime.inference.devices import AUTOMATIC, CPU, DEVICES, DeviceName, RunSettings, candidates, not_started

CPU_ONLY = ["AzureExecutionProvider", "CPUExecutionProvider"]
CUDA = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]


def test_every_name_but_auto_is_a_device_of_the_table() -> None:
    assert {device.name for device in DEVICES} == set(get_args(DeviceName)) - {"auto"}
    assert len({device.provider for device in DEVICES}) == len(DEVICES)


@pytest.mark.parametrize(
    ("asked", "providers", "names"),
    [
        ("auto", CPU_ONLY, ["cpu"]),
        ("auto", CUDA, ["cuda", "cpu"]),
        ("auto", ["CPUExecutionProvider", "DmlExecutionProvider"], ["directml", "cpu"]),
        ("auto", ["CoreMLExecutionProvider", "XnnpackExecutionProvider", "CPUExecutionProvider"], ["coreml", "cpu"]),
        ("tensorrt", CUDA, ["tensorrt"]),
        ("cpu", CUDA, ["cpu"]),
    ],
)
def test_auto_tries_in_turn_and_a_name_is_what_runs(asked: DeviceName, providers: list[str], names: list[str]) -> None:
    assert [device.name for device in candidates(asked, providers)] == names


def test_the_cpu_is_tried_last() -> None:
    assert AUTOMATIC[-1] == CPU.name


@pytest.mark.parametrize(
    ("asked", "install"),
    [
        ("cuda", "pip uninstall onnxruntime, then pip install 'nst-stylebank[gpu]'"),
        ("tensorrt", "'nst-stylebank[gpu]' (Linux or Windows, an NVIDIA card) and NVIDIA's TensorRT"),
        ("coreml", "pip install 'nst-stylebank[cpu]' (macOS)"),
        ("xnnpack", "build onnxruntime with it"),
        ("openvino", "pip uninstall onnxruntime, then pip install onnxruntime-openvino"),
        ("webgpu", "build onnxruntime with it"),
        ("directml", "pip uninstall onnxruntime, then pip install onnxruntime-directml (Windows)"),
    ],
)
def test_a_device_that_is_not_there_says_what_is_and_how_to_get_it(asked: DeviceName, install: str) -> None:
    with pytest.raises(DeviceError) as caught:
        candidates(asked, CPU_ONLY)
    assert caught.value.message == f"this onnxruntime does not have the device {asked}; it has cpu"
    assert install in caught.value.hint


def test_a_device_that_does_not_start_says_why() -> None:
    (cuda,) = (device for device in DEVICES if device.name == "cuda")
    error = not_started(cuda, CUDA, "no driver")
    assert error.message == "the device cuda does not start (no driver); this onnxruntime has cpu, cuda, tensorrt"
    assert "or use `device` cpu" in error.hint


def test_an_onnxruntime_without_devices_of_ours() -> None:
    with pytest.raises(DeviceError, match="does not have the device cpu; it has none"):
        candidates("auto", ["AzureExecutionProvider"])


@pytest.mark.parametrize("threads", [0, -1, 1025, 2.0, True, "2"])
def test_threads_are_a_whole_number_from_1_to_1024(threads: object) -> None:
    with pytest.raises(ValueError, match="threads must be None or a whole number from 1 to 1024, not "):
        RunSettings(threads=threads)  # type: ignore[arg-type]


@pytest.mark.parametrize("threads", [None, 1, 1024])
def test_settings_that_are_right(threads: int | None) -> None:
    assert RunSettings("cpu", threads).threads == threads


def test_an_unknown_device_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match=r"device must be one of auto, cpu, cuda, .*, not 'gpu'"):
        RunSettings(device="gpu")  # type: ignore[arg-type]
