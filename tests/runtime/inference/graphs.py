"""Small graphs whose results can be worked out in one line of numpy."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper


def scaling_graph() -> bytes:
    """Return a graph that makes `scaled` of an `image` 1×2×h×w by a `gain` 2×1×1 from outside, and its mean `gray`."""
    nodes = [
        helper.make_node("Mul", ["image", "gain"], ["scaled"]),
        helper.make_node("ReduceMean", ["scaled"], ["gray"], axes=[1]),
    ]
    gain = TensorProto(name="gain", data_type=TensorProto.FLOAT, dims=[2, 1, 1], data_location=TensorProto.EXTERNAL)
    gain.external_data.add(key="location", value="a file that there is not")
    image, scaled = (value(name, [1, 2, "h", "w"]) for name in ("image", "scaled"))
    return model(nodes, [image], [scaled, value("gray", [1, 1, "h", "w"])], [gain])


def failing_graph() -> bytes:
    """Return a graph that makes 7 values of an `image` 1×2×h×w, which is an error for every image."""
    shape = numpy_helper.from_array(np.array([1, 7]), "shape")
    node = helper.make_node("Reshape", ["image", "shape"], ["seven"])
    return model([node], [value("image", [1, 2, "h", "w"])], [value("seven", [1, 7])], [shape])


def wide_graph(channels: int) -> bytes:
    """Return a graph that holds `channels` planes of the size of its `image` 1×1×h×w while it makes their `mean`."""
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["planes"]),
        helper.make_node("ReduceMean", ["planes"], ["mean"], axes=[1]),
    ]
    kernel = numpy_helper.from_array(np.ones((channels, 1, 1, 1), np.float32), "kernel")
    image, mean = (value(name, [1, 1, "h", "w"]) for name in ("image", "mean"))
    return model(nodes, [image], [mean], [kernel])


def value(name: str, shape: Sequence[int | str]) -> onnx.ValueInfoProto:
    """Return an input or output of floats."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def model(
    nodes: Sequence[NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    tensors: Sequence[TensorProto],
) -> bytes:
    """Return an ONNX file."""
    graph = helper.make_graph(nodes, "graph", inputs, outputs, tensors)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(made.SerializeToString())
