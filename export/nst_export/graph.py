"""Write ONNX graphs node by node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import helper, numpy_helper

# 17 is what onnxruntime has read since 1.12; nothing here needs a later one.
OPSET = 17
IR_VERSION = 8
Array = npt.NDArray[np.generic]
Attribute = int | float | str | list[int]
Constant = torch.Tensor | Sequence[int] | float


@dataclass(frozen=True)
class Port:
    """A graph's input or output: float32 1×`channels`×`height`×`width`, the last two being names of free sizes."""

    name: str
    channels: int
    height: str
    width: str


@dataclass
class Graph:
    """A growing graph; values are known by their names, which follow from the order of the calls."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, value: Constant) -> str:
        """Add a constant and return its name: tensors as they are, float as float32, whole numbers as int64."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(_as_array(value), name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """Add a node with one output and return the output's name."""
        name = f"{operator}_{len(self.nodes)}"
        node = helper.make_node(operator, list(inputs), [name], name)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return name

    def model(self, entry: Port, result: str, exit_: Port, metadata: Mapping[str, str]) -> bytes:
        """Return the finished model, which gives the value `result` as `exit_`, looked over by onnx's checker.

        The bytes follow from the calls alone. Raises ValueError when `result` is not the last value added.
        """
        last = self.nodes[-1]
        if last.output[0] != result:
            raise ValueError(f"{result} is not the last value of the graph, {last.output[0]}")
        last.output[0] = exit_.name
        graph = helper.make_graph(self.nodes, "nst", [_info(entry)], [_info(exit_)], self.constants)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="nst-export")
        helper.set_model_props(model, dict(metadata))
        onnx.checker.check_model(model, full_check=True)
        data: bytes = model.SerializeToString(deterministic=True)
        return data


def _as_array(value: Constant) -> Array:
    if isinstance(value, torch.Tensor):
        return np.ascontiguousarray(value.detach().cpu().numpy())
    return np.array(value, np.float32 if isinstance(value, float) else np.int64)


def _info(port: Port) -> onnx.ValueInfoProto:
    shape: list[str | int | None] = [1, port.channels, port.height, port.width]
    return helper.make_tensor_value_info(port.name, onnx.TensorProto.FLOAT, shape)
