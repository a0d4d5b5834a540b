"""Graphs for XNNPACK, run by onnxruntime's own provider: it takes all convolutions, and gives the runtime's pixels."""

import os
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from nst_export.bundles.manifest import Bundle, Model, read_bundle
from nst_export.bundles.measuring import largest_difference, psnr_db
from nst_export.bundles.order import Order
from nst_export.bundles.writing import write_mobile_bundle
from nst_runtime.contracts.library import NOWHERE, Library
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import from_network, to_network
from nst_runtime.pictures.read import read_picture

WIDTH, HEIGHT = 150, 98
ON_XNNPACK = {"fp32": {"Conv": 23, "AveragePool": 2}, "int8": {"QLinearConv": 23}}
ON_PROCESSOR = {"fp32": {"Pad", "Add", "DepthToSpace", "Relu", "Transpose"}}
ON_PROCESSOR["int8"] = ON_PROCESSOR["fp32"] - {"Relu"} | {
    *("AveragePool", "QLinearAdd", "QuantizeLinear", "DequantizeLinear")
}
PLACED = re.compile(r"VerifyEachNodeIsAssignedToAnEp\]\s+(?:Node\(s\) placed on \[(\w+)\]|(\w+) \()")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("xnnpack") / "bundle"
    stylizer = Stylizer(Library(read_pack(DEFAULT_PACK), NOWHERE, NOWHERE), RunSettings("cpu", 1))
    order = Order(("waves",), ((WIDTH, HEIGHT),), ("xnnpack",), ("fp32", "int8"))
    assert len(list(write_mobile_bundle(stylizer, order, out))) == 2
    return out


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_it_takes_all_convolutions_and_the_processor_what_xnnpack_has_not(
    folder: Path, bundle: Path, tmp_path: Path, precision: str
) -> None:
    if not (folder / "node_modules" / "onnxruntime-web").is_dir():
        pytest.skip("onnxruntime-web is not there")
    facts = read_bundle(bundle)
    (model,) = (model for model in facts.models if model.precision == precision)
    reference = facts.references[0]
    to_network(read_picture(bundle / reference.picture).rgb, 8).tofile(tmp_path / "image.raw")
    placed = _placed(_run(folder, bundle / model.onnx, tmp_path))
    assert placed["XnnpackExecutionProvider"] == ON_XNNPACK[precision]
    assert set(placed["CPUExecutionProvider"]) == ON_PROCESSOR[precision]
    _check_pixels(bundle, facts, model, tmp_path / "out.raw")


def _run(folder: Path, graph: Path, tmp_path: Path) -> str:
    command = ["node", str(folder / "xnnpack.mjs"), str(graph), str(tmp_path / "image.raw")]
    command += [str(HEIGHT + 6), str(WIDTH + 2), str(tmp_path / "out.raw")]
    environment = os.environ | {"ORT_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


def _placed(log: str) -> Mapping[str, Counter[str]]:
    """Return how many nodes of each operator are placed on each provider, as the session's log says it."""
    found: dict[str, Counter[str]] = {}
    for provider, operator in PLACED.findall(log):
        if provider:
            now = found.setdefault(provider, Counter())
        elif found:
            now[operator] += 1
    return found


def _check_pixels(bundle: Path, facts: Bundle, model: Model, out: Path) -> None:
    made = from_network(np.fromfile(out, np.float32).reshape(1, 3, HEIGHT + 6, WIDTH + 2), HEIGHT, WIDTH)
    (expected,) = facts.references[0].expected
    wanted = read_picture(bundle / expected.file).rgb
    if model.precision == "fp32":
        assert largest_difference(made, wanted) <= 1
    else:
        assert (psnr_db(made, wanted) or 99) > facts.least_psnr_db["int8"]
