"""A network of Johnson's architecture with random weights: what to measure a small network's time against.

Johnson, Alahi, Fei-Fei, "Perceptual losses for real-time style transfer" (2016), supplementary material, with the
usual changes of its successors: instance norm, and reflection where the paper pads with zeros.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

RESIDUAL_BLOCKS = 5
Weights = npt.NDArray[np.float32]


@dataclass
class _Network:
    """Nodes and weights as they are added; `parameters` counts the trainable numbers."""

    random: np.random.Generator
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    parameters: int = 0

    def weights(self, array: Weights) -> str:
        self.parameters += array.size
        return self.constant(array)

    def constant(self, array: npt.NDArray[np.float32 | np.int64]) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: int | str | list[int]) -> str:
        name = f"{operator}_{len(self.nodes)}"
        node = helper.make_node(operator, list(inputs), [name], name)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return name

    def conv(self, x: str, width_in: int, width_out: int, size: int, stride: int = 1) -> str:
        margin = size // 2
        pads = self.constant(np.array([0, 0, margin, margin] * 2, np.int64))
        padded = self.add("Pad", x, pads, mode="reflect")
        kernel = self.weights(self._kernel((width_out, width_in, size, size), width_in * size * size))
        bias = self.weights(np.zeros(width_out, np.float32))
        return self.add("Conv", padded, kernel, bias, strides=[stride, stride])

    def fractional_conv(self, x: str, width_in: int, width_out: int) -> str:
        kernel = self.weights(self._kernel((width_in, width_out, 3, 3), width_in * 9))
        bias = self.weights(np.zeros(width_out, np.float32))
        return self.add("ConvTranspose", x, kernel, bias, strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])

    def norm(self, x: str, width: int, *, relu: bool = True) -> str:
        scale, bias = (self.weights(np.full(width, value, np.float32)) for value in (1, 0))
        normal = self.add("InstanceNormalization", x, scale, bias)
        return self.add("Relu", normal) if relu else normal

    def residual(self, x: str, width: int) -> str:
        inner = self.norm(self.conv(x, width, width, 3), width)
        return self.add("Add", x, self.norm(self.conv(inner, width, width, 3), width, relu=False))

    def _kernel(self, shape: tuple[int, int, int, int], fan_in: int) -> Weights:
        return self.random.standard_normal(shape, np.float32) * np.float32(fan_in**-0.5)


def johnson_model(seed: int = 0) -> tuple[bytes, int]:
    """Return the ONNX model, ``image`` 1×3×H×W to ``stylised`` of the same shape, and its number of parameters."""
    net = _Network(np.random.default_rng(seed))
    x = net.norm(net.conv("image", 3, 32, 9), 32)
    x = net.norm(net.conv(x, 32, 64, 3, stride=2), 64)
    x = net.norm(net.conv(x, 64, 128, 3, stride=2), 128)
    for _ in range(RESIDUAL_BLOCKS):
        x = net.residual(x, 128)
    x = net.norm(net.fractional_conv(x, 128, 64), 64)
    x = net.norm(net.fractional_conv(x, 64, 32), 32)
    net.conv(x, 32, 3, 9)
    net.nodes[-1].output[0] = "stylised"
    ports = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 3, *sides])
        for name, sides in (("image", ("H", "W")), ("stylised", ("h", "w")))
    ]
    graph = helper.make_graph(net.nodes, "johnson", ports[:1], ports[1:], net.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString()
    return data, net.parameters
