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
# Fewer numbers than these are not worth the node that turns them back into float32.
WORTH_HALVING = 256


@dataclass(frozen=True)
class Port:
    """A graph's input or output: float32 1×`channels`×`height`×`width`, the last two being names of free sizes."""

    name: str
    channels: int
    height: str
    width: str


@dataclass(frozen=True)
class Numbers:
    """A graph's input or output: `count` float32 numbers."""

    name: str
    count: int


Gate = Port | Numbers


@dataclass
class Graph:
    """A growing graph; values are known by their names, which follow from the order of the calls."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, value: Constant) -> str:
        """Add a constant and return its name: tensors as they are, float as float32, whole numbers as int64.

        Many numbers that float16 holds exactly take half the room: onnxruntime casts them when it opens the graph.
        """
        array = _as_array(value)
        if array.dtype == np.float32 and array.size >= WORTH_HALVING and _fits_in_half(array):
            return self.add("Cast", self._store(array.astype(np.float16)), to=onnx.TensorProto.FLOAT)
        return self._store(array)

    def _store(self, array: Array) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """Add a node with one output and return the output's name."""
        name = f"{operator}_{len(self.nodes)}"
        node = helper.make_node(operator, list(inputs), [name], name)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return name

    def model(self, entries: Sequence[Gate], exits: Mapping[str, Gate], metadata: Mapping[str, str]) -> bytes:
        """Return the finished model, which gives the values `exits` under their names, looked over by onnx's checker.

        The bytes follow from the calls alone. Raises ValueError when a value of `exits` is no node's.
        """
        made = {node.output[0]: node for node in self.nodes}
        for value, gate in exits.items():
            if value not in made:
                raise ValueError(f"{value} is no node's value")
            made[value].output[0] = gate.name
            for node in self.nodes:
                node.input[:] = [gate.name if name == value else name for name in node.input]
        inputs, outputs = [_info(gate) for gate in entries], [_info(gate) for gate in exits.values()]
        graph = helper.make_graph(self.nodes, "nst", inputs, outputs, self.constants)
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


def _fits_in_half(array: Array) -> bool:
    with np.errstate(over="ignore"):
        return np.array_equal(array.astype(np.float16).astype(np.float32), array)


def _info(gate: Gate) -> onnx.ValueInfoProto:
    shape: list[str | int | None]
    shape = [gate.count] if isinstance(gate, Numbers) else [1, gate.channels, gate.height, gate.width]
    return helper.make_tensor_value_info(gate.name, onnx.TensorProto.FLOAT, shape)
