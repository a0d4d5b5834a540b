"""Write fake_pack/: a style pack of a few kB whose result can be worked out in one line of numpy.

    python tests/runtime/make_fake_pack.py        (needs the `train` extra, for onnx)

Its encoder averages blocks of 4×4 pixels, its decoder makes blocks of 4×4 equal pixels; what a bank makes of their
colors x is ``weight·x + bias + norm(x)``, with a real instance norm. In the shipped styles that norm gives zeros: so
``plain`` shows the picture in blocks, ``negative`` its negative in blocks, ``swapped`` has red and blue exchanged.
"""

import base64
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.files import sha256_of_bytes, write_bytes
from nst_runtime.contracts.packs import (
    CODEC_FILE,
    Codec,
    Form,
    Norm,
    PackFile,
    PackManifest,
    Painted,
    Part,
    Port,
    StyleEntry,
    Template,
    Weight,
    write_manifest,
)
from nst_runtime.contracts.styles import Statistics, StyleFile, StyleRecord, style_bytes
from nst_runtime.contracts.tensors import save_arrays

FOLDER = Path(__file__).parent / "fake_pack"
CODEC_SHA256 = hashlib.sha256(b"the codec of the fake pack").hexdigest()
SCALE_PX = 4
NORM = Norm("norm", channels=3, eps=1e-5, scale="norm.weight", bias="norm.bias")
STYLES = {
    "negative": (-np.eye(3), np.ones(3)),
    "swapped": (np.eye(3)[::-1], np.zeros(3)),
    "plain": (np.eye(3), np.zeros(3)),
}
# A WebP picture of one white pixel.
PREVIEW = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")

IMAGE = Port("image", (1, 3, "H", "W"))
FEATURES, PAINTED = (Port(name, (1, 3, f"H/{SCALE_PX}", f"W/{SCALE_PX}")) for name in ("features", "painted"))
A, B = Port("norm.a", (3,)), Port("norm.b", (3,))
X = Port("norm.x", (1, 3, "norm.h", "norm.w"))


@dataclass(frozen=True)
class Sketch:
    """A template to be: its ports, the names and shapes of its weights, and its nodes."""

    part: Part
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    weights: dict[str, tuple[int, ...]]
    nodes: Sequence[onnx.NodeProto]
    form: Form = "direct"


def encoder() -> Sketch:
    """Return the encoder: the mean of each block of 4×4 pixels."""
    sides = [SCALE_PX, SCALE_PX]
    nodes = [
        helper.make_node("AveragePool", ["image"], ["blocks"], kernel_shape=sides, strides=sides),
        helper.make_node("Conv", ["blocks", "encoder.weight"], ["features"]),
    ]
    return Sketch("encoder", (IMAGE,), (FEATURES,), {"encoder.weight": (3, 3, 1, 1)}, nodes)


def decoder() -> Sketch:
    """Return the decoder: colors four times as large, clipped to [0, 1]."""
    nodes = [
        helper.make_node("Conv", ["painted", "decoder.weight"], ["colors"]),
        helper.make_node("Resize", ["colors", "", "scales"], ["large"], mode="nearest"),
        helper.make_node("Clip", ["large", "zero", "one"], ["image"]),
    ]
    return Sketch("decoder", (PAINTED,), (IMAGE,), {"decoder.weight": (3, 3, 1, 1)}, nodes)


def bank(form: Form) -> Sketch:
    """Return the bank: a linear map of the three colors, to which their instance norm is added."""
    weights: dict[str, tuple[int, ...]] = {"weight": (3, 3, 1, 1), "bias": (3,)}
    linear = helper.make_node("Conv", ["features", "weight", "bias"], ["linear"])
    total = helper.make_node("Add", ["linear", "normed"], ["painted"])
    if form == "direct":
        norm = ["norm.x", "norm.weight", "norm.bias"]
        nodes = [helper.make_node("InstanceNormalization", norm, ["normed"], epsilon=NORM.eps)]
        nodes = [helper.make_node("Identity", ["features"], ["norm.x"]), *nodes, linear, total]
        weights |= {"norm.weight": (3,), "norm.bias": (3,)}
        return Sketch("bank", (FEATURES,), (PAINTED,), weights, nodes)
    nodes = [
        helper.make_node("Identity", ["features"], ["norm.x"]),
        helper.make_node("Reshape", ["norm.a", "column"], ["a"]),
        helper.make_node("Reshape", ["norm.b", "column"], ["b"]),
        helper.make_node("Mul", ["norm.x", "a"], ["product"]),
        helper.make_node("Add", ["product", "b"], ["normed"]),
    ]
    nodes += [linear, total]
    if form == "staged":
        return Sketch("bank", (FEATURES, A, B), (PAINTED, X), weights, nodes, form)
    weights |= {"norm.a": (3,), "norm.b": (3,)}
    return Sketch("bank", (FEATURES,), (PAINTED,), weights, nodes, form)


def graph_bytes(sketch: Sketch) -> bytes:
    """Return `sketch` as an ONNX file whose weights lie outside of it; onnx's checker has seen it with weights."""
    onnx.checker.check_model(model(sketch, [_held(*weight) for weight in sketch.weights.items()]), full_check=True)
    outside, offset = [], 0
    for name, shape in sketch.weights.items():
        length = 4 * int(np.prod(shape))
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL)
        for key, value in (("location", "weights.bin"), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
        outside.append(tensor)
        offset += length
    return bytes(model(sketch, outside).SerializeToString(deterministic=True))


def model(sketch: Sketch, weights: Sequence[TensorProto]) -> onnx.ModelProto:
    """Return `sketch` as a model with `weights` and the constants that it uses."""
    constants = {
        "scales": np.array([1, 1, SCALE_PX, SCALE_PX], np.float32),
        "zero": np.array(0, np.float32),
        "one": np.array(1, np.float32),
        "column": np.array([1, 3, 1, 1]),
    }
    used = {name for node in sketch.nodes for name in node.input}
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items() if name in used]
    inputs, outputs = (
        [helper.make_tensor_value_info(port.name, TensorProto.FLOAT, list(port.shape)) for port in ports]
        for ports in (sketch.inputs, sketch.outputs)
    )
    graph = helper.make_graph(sketch.nodes, sketch.part, inputs, outputs, [*weights, *tensors])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="nst")


def _held(name: str, shape: tuple[int, ...]) -> TensorProto:
    return numpy_helper.from_array(np.zeros(shape, np.float32), name)


def make_style(
    name: str, matrix: npt.NDArray[np.float64], offset: npt.NDArray[np.float64], spread: float = 0, middle: float = 0
) -> StyleFile:
    """Return the style that paints ``matrix·x + offset + spread·(x - mean)/deviation + middle`` of colors x."""
    tensors = {
        "weight": matrix.reshape(3, 3, 1, 1).astype(np.float32),
        "bias": offset.astype(np.float32),
        "norm.weight": np.full(3, spread, np.float32),
        "norm.bias": np.full(3, middle, np.float32),
    }
    record = StyleRecord(
        name,
        CODEC_SHA256,
        "fake",
        StyleInfo(f"Fake {name}", "nobody", "2025", "Apache-2.0"),
        recipe="none",
        metrics={"mean": 1.0},
        training={"objective": "none"},
    )
    typical = Statistics(np.full(3, 0.5, np.float32), np.full(3, 0.04, np.float32))
    return StyleFile(record, tensors, {"norm": typical}, PREVIEW)


def make_fake_pack(folder: Path) -> None:
    """Write the fake pack into `folder`."""
    identity = np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1)
    numbers = save_arrays({"encoder.weight": identity, "decoder.weight": identity}, {"codec_sha256": CODEC_SHA256})
    codec = Codec(
        architecture="fake",
        sha256=CODEC_SHA256,
        multiple_px=SCALE_PX,
        minimum_px=16,
        painted=Painted(channels=3, scale_px=SCALE_PX, overlap=1, step=1),
        weights=_write(folder, CODEC_FILE, numbers),
        norms={"bank": (NORM,)},
        training={"mode": "none", "steps": 0},
    )
    sketches = (encoder(), bank("direct"), bank("staged"), bank("folded"), decoder())
    *styles, plain = (_write_style(folder, make_style(name, *numbers)) for name, numbers in STYLES.items())
    templates = tuple(_write_template(folder, sketch) for sketch in sketches)
    write_manifest(folder, PackManifest("fake", codec, templates, tuple(styles), plain))


def _write_template(folder: Path, sketch: Sketch) -> Template:
    file = _write(folder, f"{sketch.part}.{sketch.form}.onnx", graph_bytes(sketch))
    weights = tuple(Weight(name, shape) for name, shape in sketch.weights.items())
    facts = (sketch.part, sketch.form, sketch.inputs, sketch.outputs, weights)
    return Template(file.file, file.sha256, file.size_bytes, *facts)


def _write_style(folder: Path, style: StyleFile) -> StyleEntry:
    name = style.record.name
    file = _write(folder, f"styles/{name}.safetensors", style_bytes(style))
    return StyleEntry(file.file, file.sha256, file.size_bytes, name)


def _write(folder: Path, name: str, data: bytes) -> PackFile:
    write_bytes(folder / name, data)
    return PackFile(name, sha256_of_bytes(data), len(data))


if __name__ == "__main__":
    make_fake_pack(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
