"""Sessions: what they compute, on what, and what is said when they cannot."""

import ast
import sys
import threading
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst_runtime.errors import DeviceError, NstError, PackError
from nst_runtime.inference.devices import DeviceName, RunSettings
from nst_runtime.inference.machine import usable_cpus
from nst_runtime.inference.sessions import Session, load_onnxruntime
from nst_runtime.pictures.arrays import Floats

REPOSITORY = Path(__file__).parents[3]
GAIN = np.array([[[2]], [[-3]]], np.float32)
CUDA = ["CUDAExecutionProvider", "CPUExecutionProvider"]


def image(height: int = 3, width: int = 5) -> Floats:
    return np.random.default_rng(0).random((1, 2, height, width), dtype=np.float32)


@pytest.fixture
def session(scaling: bytes) -> Session:
    return Session(scaling, {"gain": GAIN}, RunSettings("cpu", 1), "scaling.onnx")


def test_weights_from_outside_are_what_the_graph_computes_with(session: Session) -> None:
    (scaled,) = session.run({"image": image()}, ["scaled"])
    assert np.array_equal(scaled, image() * GAIN)
    assert scaled.dtype == np.float32
    assert (session.inputs, session.outputs) == (("image",), ("scaled", "gray"))
    assert (session.device, session.threads, session.note) == ("cpu", 1, "")


def test_weights_may_be_laid_out_in_any_way(scaling: bytes) -> None:
    gain = np.broadcast_to(np.float32(4), (2, 1, 1))
    (scaled,) = Session(scaling, {"gain": gain}, RunSettings("cpu"), "x").run({"image": image()}, ["scaled"])
    assert np.array_equal(scaled, image() * 4)


def test_a_graph_may_hold_its_own_weights(wide: bytes) -> None:
    whole = np.arange(12, dtype=np.float32).reshape(1, 1, 3, 4)
    (mean,) = Session(wide, {}, RunSettings("cpu"), "wide.onnx").run({"image": whole})
    assert np.array_equal(mean, whole)


def test_outputs_come_in_the_order_asked_for(session: Session) -> None:
    scaled, gray = session.run({"image": image()})
    assert [array.shape for array in session.run({"image": image()}, ["gray", "scaled"])] == [gray.shape, scaled.shape]
    assert np.allclose(gray, scaled.mean(axis=1, keepdims=True))
    assert len(session.run({"image": image()}, ["gray"])) == 1


def test_a_graph_that_fails_is_one_line_and_nothing_on_stderr(
    failing: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    session = Session(failing, {}, RunSettings("cpu"), "failing.onnx")
    with pytest.raises(PackError, match=r"^failing\.onnx does not run \([^\n]*Reshape[^\n]*\)") as caught:
        session.run({"image": image()})
    assert caught.value.hint == "get the pack again"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("feeds", "outputs", "error", "said"),
    [
        ({}, None, ValueError, "scaling.onnx takes image, not nothing"),
        ({"picture": image()}, None, ValueError, "scaling.onnx takes image, not picture"),
        ({"image": image(), "mask": image()}, None, ValueError, "scaling.onnx takes image, not image, mask"),
        ({"image": image().astype(np.float64)}, None, TypeError, "image must be a float32 array, not float64"),
        ({"image": image().tolist()}, None, TypeError, "image must be a float32 array, not list"),
        ({"image": image()[0]}, None, ValueError, "image must be 1×2×h×w, not 2×3×5"),
        ({"image": image()[:, :1]}, None, ValueError, "image must be 1×2×h×w, not 1×1×3×5"),
        ({"image": image()}, ["painted"], ValueError, "scaling.onnx gives scaled, gray, not painted"),
        ({"image": image()}, [], ValueError, "scaling.onnx gives scaled, gray, not nothing"),
        ({"image": image()}, ["scaled"] * 2, ValueError, "scaling.onnx gives scaled, gray, not scaled, scaled"),
    ],
)
def test_a_caller_s_mistake_is_not_the_pack_s(
    session: Session, feeds: dict[str, Any], outputs: Sequence[str] | None, error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as caught:
        session.run(feeds, outputs)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "weights", [{}, {"gain": GAIN, "more": GAIN}, {"gain": GAIN[:1]}, {"gain": GAIN[0]}, {"Gain": GAIN}]
)
def test_weights_that_do_not_fit_are_the_pack_s_fault(scaling: bytes, weights: dict[str, Floats]) -> None:
    with pytest.raises(PackError, match=r"^bank\.onnx is not a graph that onnxruntime can run \(.*\); get it again$"):
        Session(scaling, weights, RunSettings("cpu"), "bank.onnx")


def test_names_that_are_not_text_are_the_pack_s_fault(scaling: bytes) -> None:
    with pytest.raises(PackError, match=r"^bank\.onnx is damaged: a name in it is not text; get the pack again$"):
        Session(scaling.replace(b"gray", b"\xffray"), {"gain": GAIN}, RunSettings("cpu"), "bank.onnx")


def test_weights_of_another_type_are_the_program_s_fault(scaling: bytes) -> None:
    with pytest.raises(TypeError, match="gain must be a float32 array, not float16"):
        Session(scaling, {"gain": GAIN.astype(np.float16)}, RunSettings("cpu"), "x")


@pytest.mark.parametrize("device", ["auto", "cpu"])
@pytest.mark.parametrize("data", [b"", b"not a graph"])
def test_what_is_not_a_graph_is_one_line(data: bytes, device: DeviceName) -> None:
    with pytest.raises(PackError, match=r"^x\.onnx is not a graph that onnxruntime can run \([^\n]*\); get it again$"):
        Session(data, {}, RunSettings(device), "x.onnx")


def test_threads_are_all_that_the_process_may_use_unless_a_number_is_given(scaling: bytes) -> None:
    assert Session(scaling, {"gain": GAIN}, RunSettings("cpu"), "x").threads == usable_cpus()
    assert Session(scaling, {"gain": GAIN}, RunSettings("cpu", 3), "x").threads == 3


def test_one_session_serves_many_threads(session: Session) -> None:
    found: dict[int, Floats] = {}

    def work(number: int) -> None:
        for _ in range(20):
            (found[number],) = session.run({"image": image() + number}, ["scaled"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(found[number], (image() + number) * GAIN) for number in range(4))


def test_a_device_that_is_not_there_is_an_error_and_not_the_cpu(scaling: bytes) -> None:
    if "CUDAExecutionProvider" in load_onnxruntime().get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    with pytest.raises(DeviceError, match=r"^this onnxruntime does not have the device cuda; it has .*cpu"):
        Session(scaling, {"gain": GAIN}, RunSettings("cuda"), "x")


@pytest.fixture
def broken_cuda(monkeypatch: pytest.MonkeyPatch) -> str:
    """An onnxruntime that says it has CUDA, and raises where it should start; returns what it says then."""
    onnxruntime = load_onnxruntime()
    create = onnxruntime.InferenceSession._create_inference_session

    def fail(self: object, providers: Sequence[Any], *rest: object) -> None:
        if "CUDAExecutionProvider" in str(providers):
            raise RuntimeError("no driver\nmore of it")
        create(self, providers, *rest)

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: CUDA)
    monkeypatch.setattr(onnxruntime.InferenceSession, "_create_inference_session", fail)
    return "no driver"


def test_auto_takes_the_next_device_and_says_why(
    scaling: bytes, broken_cuda: str, capfd: pytest.CaptureFixture[str]
) -> None:
    session = Session(scaling, {"gain": GAIN}, RunSettings("auto"), "x")
    assert (session.device, session.note) == ("cpu", f"cuda does not start ({broken_cuda}): cpu computes")
    assert np.array_equal(session.run({"image": image()}, ["scaled"])[0], image() * GAIN)
    assert capfd.readouterr() == ("", "")


def test_a_device_asked_for_by_name_that_does_not_start_is_an_error(scaling: bytes, broken_cuda: str) -> None:
    with pytest.raises(DeviceError) as caught:
        Session(scaling, {"gain": GAIN}, RunSettings("cuda"), "x")
    assert caught.value.message == f"the device cuda does not start ({broken_cuda}); this onnxruntime has cpu, cuda"


@pytest.mark.usefixtures("broken_cuda")
@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_a_graph_that_runs_nowhere_is_not_the_device_s_fault(device: DeviceName) -> None:
    with pytest.raises(PackError, match="is not a graph"):
        Session(b"not a graph", {}, RunSettings(device), "x")


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_onnxruntime_that_takes_the_cpu_by_itself_is_found_out(scaling: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    if "CUDAExecutionProvider" in load_onnxruntime().get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    monkeypatch.setattr(load_onnxruntime(), "get_available_providers", lambda: CUDA)
    session = Session(scaling, {"gain": GAIN}, RunSettings("auto"), "x")
    reason = "onnxruntime takes CPUExecutionProvider instead"
    assert session.note == f"cuda does not start ({reason}): cpu computes"
    with pytest.raises(DeviceError, match=f"the device cuda does not start \\({reason}\\)"):
        Session(scaling, {"gain": GAIN}, RunSettings("cuda"), "x")


def test_without_onnxruntime_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(NstError, match="onnxruntime cannot be loaded") as caught:
        load_onnxruntime()
    assert caught.value.hint == "pip install 'nst-stylebank[cpu]'"


def test_the_rest_of_an_onnxruntime_that_was_removed_is_not_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", types.ModuleType("onnxruntime"))
    with pytest.raises(NstError, match="onnxruntime is there only in part"):
        load_onnxruntime()


def imports_onnxruntime(file: Path) -> bool:
    for node in ast.walk(ast.parse(file.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        if any(name.split(".")[0] == "onnxruntime" for name in names):
            return True
    return False


def test_one_module_alone_imports_onnxruntime() -> None:
    folders = ("runtime", "student", "teacher", "export", "features", "benchmarks", "assets")
    files = [file for folder in folders for file in (REPOSITORY / folder).rglob("*.py")]
    found = [file for file in files if imports_onnxruntime(file)]
    own = REPOSITORY / "runtime/nst_runtime/inference/sessions.py"
    of_its_tools = [file for file in found if file != own]
    assert own in found
    assert {file.parent.name for file in of_its_tools} == {"bundles"}
    assert all("    load_onnxruntime()  # with its telemetry off\n" in file.read_text() for file in of_its_tools)
