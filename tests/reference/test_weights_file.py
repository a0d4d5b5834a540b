"""The templates' weights as one file, weights.bin: for APIs that know no weights by name."""

from pathlib import Path

import numpy as np
import pytest

from nst_runtime.contracts.library import NOWHERE, Library
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack
from nst_runtime.inference.sessions import load_onnxruntime
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import Floats

PACK = read_pack(DEFAULT_PACK)
TEMPLATE = PACK.template("bank", "direct")
LIBRARY = Library(PACK, NOWHERE, NOWHERE)


@pytest.fixture(scope="module")
def data() -> bytes:
    """The weights of a style in the manifest's order, float32, little-endian, nothing between them."""
    tensors = LIBRARY.read("waves").tensors
    return b"".join(tensors[weight.name].astype("<f4").tobytes() for weight in TEMPLATE.weights)


@pytest.fixture(scope="module")
def code() -> list[Floats]:
    random = np.random.default_rng(0)
    return [random.standard_normal((1, *sides), np.float32) for sides in ((32, 16, 12), (8, 32, 24))]


@pytest.fixture(scope="module")
def wanted(code: list[Floats]) -> Floats:
    (painted,) = Stylizer(LIBRARY).network.bank("waves")(*code)
    return painted


def test_beside_the_template_on_disk(tmp_path: Path, data: bytes, code: list[Floats], wanted: Floats) -> None:
    (tmp_path / "template.onnx").write_bytes(PACK.read(TEMPLATE))
    (tmp_path / "weights.bin").write_bytes(data)
    session = load_onnxruntime().InferenceSession(tmp_path / "template.onnx", providers=["CPUExecutionProvider"])
    assert np.array_equal(session.run(None, dict(zip(("features", "details"), code, strict=True)))[0], wanted)


def test_in_memory(data: bytes, code: list[Floats], wanted: Floats) -> None:
    onnxruntime = load_onnxruntime()
    options = onnxruntime.SessionOptions()
    if not hasattr(options, "add_external_initializers_from_files_in_memory"):
        pytest.skip("this onnxruntime takes no files in memory from Python")
    options.add_external_initializers_from_files_in_memory(["weights.bin"], [data], [len(data)])
    session = onnxruntime.InferenceSession(PACK.read(TEMPLATE), options, providers=["CPUExecutionProvider"])
    assert np.array_equal(session.run(None, dict(zip(("features", "details"), code, strict=True)))[0], wanted)
