"""Write fake_pack/: a style pack of a few kB whose result can be worked out in one line of numpy.

    python tests/runtime/make_fake_pack.py        (needs the `train` extra, for onnx)

Its encoder averages blocks of 4×4 pixels, its decoder makes blocks of 4×4 equal pixels; so ``plain`` shows the
picture in blocks, ``negative`` its negative in blocks, ``swapped`` has red and blue exchanged.
"""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from nst_runtime.contracts.files import write_bytes
from nst_runtime.contracts.packs import Codec, GraphFile, PackManifest, Style, write_manifest

FOLDER = Path(__file__).parent / "fake_pack"
CODEC_SHA256 = hashlib.sha256(b"the codec of the fake pack").hexdigest()
CHANNELS = 32
BANKS = {
    "negative": (-np.eye(3), np.ones(3)),
    "plain": (np.eye(3), np.zeros(3)),
    "swapped": (np.eye(3)[::-1], np.zeros(3)),
}


def point_weights(matrix: npt.NDArray[np.float64], outputs: int, inputs: int) -> npt.NDArray[np.float32]:
    """Return the weights of a 1×1 convolution that applies `matrix` 3×3 to the first three channels."""
    weights = np.zeros((outputs, inputs, 1, 1), np.float32)
    weights[:3, :3, 0, 0] = matrix
    return weights


def graph_bytes(
    part: str,
    nodes: Sequence[onnx.NodeProto],
    constants: dict[str, npt.NDArray[np.float32]],
    channels: tuple[int, int],
    metadata: dict[str, str],
) -> bytes:
    """Return an ONNX file with `nodes` from the part's input to its output."""
    names = {"encoder": ("image", "features"), "bank": ("features", "stylised"), "decoder": ("features", "image")}
    inputs, outputs = (
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, count, f"{name}_height", f"{name}_width"])]
        for name, count in zip(names[part], channels, strict=True)
    )
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, part, inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="nst")
    described = {"nst.part": part, "nst.architecture": "fake", "nst.codec_sha256": CODEC_SHA256, **metadata}
    helper.set_model_props(model, {**described, "nst.format_version": "1"})
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def encoder_bytes() -> bytes:
    """Return the encoder: the mean of each 4×4 block in the first three of 32 channels."""
    nodes = [
        helper.make_node("AveragePool", ["image"], ["blocks"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Conv", ["blocks", "weights"], ["features"]),
    ]
    return graph_bytes("encoder", nodes, {"weights": point_weights(np.eye(3), CHANNELS, 3)}, (3, CHANNELS), {})


def decoder_bytes() -> bytes:
    """Return the decoder: the first three channels four times as large, clipped to [0, 1]."""
    nodes = [
        helper.make_node("Conv", ["features", "weights"], ["colours"]),
        helper.make_node("Resize", ["colours", "", "scales"], ["large"], mode="nearest"),
        helper.make_node("Clip", ["large", "zero", "one"], ["image"]),
    ]
    constants = {
        "weights": point_weights(np.eye(3), 3, CHANNELS),
        "scales": np.array([1, 1, 4, 4], np.float32),
        "zero": np.array(0, np.float32),
        "one": np.array(1, np.float32),
    }
    return graph_bytes("decoder", nodes, constants, (CHANNELS, 3), {})


def bank_bytes(style: str, codec_sha256: str = CODEC_SHA256) -> bytes:
    """Return the bank of `style`: a linear map of the three colours."""
    matrix, offset = BANKS[style]
    bias = np.zeros(CHANNELS, np.float32)
    bias[:3] = offset
    constants = {"weights": point_weights(matrix, CHANNELS, CHANNELS)[:, :3], "bias": bias}
    constants |= {"first": np.array([0]), "last": np.array([3]), "axis": np.array([1])}
    nodes = [
        helper.make_node("Slice", ["features", "first", "last", "axis"], ["colours"]),
        helper.make_node("Conv", ["colours", "weights", "bias"], ["stylised"]),
    ]
    metadata = {"nst.style": style, "nst.codec_sha256": codec_sha256}
    return graph_bytes("bank", nodes, constants, (CHANNELS, CHANNELS), metadata)


def write_graph(folder: Path, name: str, data: bytes) -> GraphFile:
    """Write a graph into the pack in `folder` and return its entry in the manifest."""
    write_bytes(folder / name, data)
    return GraphFile(name, hashlib.sha256(data).hexdigest(), len(data))


def make_fake_pack(folder: Path) -> None:
    """Write the fake pack into `folder`."""
    codec = Codec(
        architecture="fake",
        sha256=CODEC_SHA256,
        multiple_px=4,
        minimum_px=16,
        encoder=write_graph(folder, "encoder.onnx", encoder_bytes()),
        decoder=write_graph(folder, "decoder.onnx", decoder_bytes()),
        training={"mode": "none", "steps": 0},
    )
    styles = [
        Style(
            name=name,
            bank=write_graph(folder, f"banks/{name}.onnx", bank_bytes(name)),
            codec_sha256=CODEC_SHA256,
            title=f"Fake {name}",
            artist="nobody",
            year="2025",
            licence="Apache-2.0",
            training={"objective": "none"},
            metrics={"mean": 1.0},
        )
        for name in BANKS
    ]
    write_manifest(folder, PackManifest("fake", codec, tuple(styles)))


if __name__ == "__main__":
    make_fake_pack(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
