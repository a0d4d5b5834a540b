"""A bundle for apps in C++: the example is compiled, swaps styles, and gives the runtime's pixels."""

import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from nst_export.bundles.manifest import Bundle, Reference, read_bundle
from nst_export.bundles.measuring import largest_difference, psnr_db
from nst_export.bundles.order import Order
from nst_export.bundles.writing import write_mobile_bundle
from nst_runtime.contracts.library import NOWHERE, Library
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.read import read_picture

SOURCE = Path(__file__).parents[2] / "examples" / "mobile" / "cpp" / "stylize.cpp"
STRICT = ("-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic")
Runner = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("g++ is not there")
    out = tmp_path_factory.mktemp("cpp") / "stylize"
    subprocess.run([compiler, *STRICT, str(SOURCE), "-o", str(out), "-ldl"], check=True, timeout=120)
    return out


@pytest.fixture(scope="module", params=["npm", "pip"])
def library(request: pytest.FixtureRequest) -> Path:
    """Return a shared library of onnxruntime: that of the package of npm, or that of the wheel if it has one."""
    if request.param == "pip":
        found = sorted((Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so*"))
        reason = "this version's wheel holds no shared library with the C API"
    else:
        folder = request.getfixturevalue("folder")
        system = f"{platform.system().lower()}/{ {'x86_64': 'x64', 'aarch64': 'arm64'}.get(platform.machine()) }"
        found = sorted((folder / "node_modules" / "onnxruntime-node" / "bin").glob(f"*/{system}/libonnxruntime.so*"))
        reason = "onnxruntime-node has no library for this system"
    if not found:
        pytest.skip(reason)
    path: Path = found[0]
    return path


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("mobile") / "bundle"
    stylizer = Stylizer(Library(read_pack(DEFAULT_PACK), NOWHERE, NOWHERE), RunSettings("cpu", 1))
    order = Order(("waves", "scream"), ((150, 98),), ("coreml", "nnapi", "qnn", "generic"), ("fp32", "int8"))
    assert len(list(write_mobile_bundle(stylizer, order, out))) == 14
    return out


@pytest.fixture
def run(program: Path, library: Path, tmp_path: Path) -> Runner:
    def run_program(*arguments: str | Path, with_library: Path = library) -> "subprocess.CompletedProcess[str]":
        environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
        environment["HOME"] = str(tmp_path / "home")
        command = [str(program), str(with_library), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=100, env=environment, check=False)

    (tmp_path / "home").mkdir()
    return run_program


def _photo(bundle: Path, reference: Reference, to: Path) -> Path:
    Image.open(bundle / reference.picture).save(to)
    return to


def _expected(facts: Bundle, reference: Reference, style: str, form: str) -> str:
    return next(e.file for e in reference.expected if (e.style, e.form) == (style, form))


def test_it_gives_the_runtimes_pixels_of_all_graphs_one_after_the_other(
    run: Runner, bundle: Path, tmp_path: Path
) -> None:
    facts = read_bundle(bundle)
    files = [(model, name) for model in facts.models for name in (model.onnx, model.ort) if name]
    assert len(files) == 28
    for reference in facts.references:
        photo = _photo(bundle, reference, tmp_path / "photo.ppm")
        outs = [tmp_path / f"{place}.ppm" for place in range(len(files))]
        pairs = [part for (_, name), out in zip(files, outs, strict=True) for part in (bundle / name, out)]
        done = run(photo, *pairs)
        assert (done.returncode, done.stderr) == (0, "")
        for (model, name), out in zip(files, outs, strict=True):
            made = np.array(Image.open(out))
            wanted = read_picture(bundle / _expected(facts, reference, model.style, model.form)).rgb
            if model.precision == "fp32":
                assert largest_difference(made, wanted) <= 1, name
            else:
                assert (psnr_db(made, wanted) or 99) > facts.least_psnr_db["int8"], name
    assert not list((tmp_path / "home").rglob("*"))  # what telemetry would leave


def test_it_says_what_is_wrong(run: Runner, bundle: Path, tmp_path: Path) -> None:
    model, out = bundle / "models/generic/waves-150x98-fp32.ort", tmp_path / "out.ppm"
    photo = _photo(bundle, read_bundle(bundle).references[0], tmp_path / "photo.ppm")
    Image.new("RGB", (64, 64)).save(tmp_path / "small.ppm")
    (tmp_path / "cut.ppm").write_bytes(photo.read_bytes()[:-1])
    wrong = {
        "frame has 64x64 pixels, and the graph 152x104: scale the frame first": (tmp_path / "small.ppm", model, out),
        f"cannot open {tmp_path}/none.ppm": (tmp_path / "none.ppm", model, out),
        "ends too early": (tmp_path / "cut.ppm", model, out),
        "is not a PPM of 8 bits": (model, model, out),
        f"cannot open {tmp_path}/none.ort": (photo, tmp_path / "none.ort", out),
        "Protobuf parsing failed": (photo, photo, out),
        "cannot write": (photo, model, tmp_path / "none" / "out.ppm"),
    }
    for said, arguments in wrong.items():
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert said in done.stderr
    assert run(photo).returncode == 2
    assert "cannot open shared object file" in run(photo, model, out, with_library=tmp_path / "none.so").stderr
    assert not out.exists()
