"""Write ONNX graph templates node by node: graphs whose weights lie outside, by the names of a module's tensors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import helper, numpy_helper
from torch import nn

from nst_runtime.contracts.packs import Form, Norm, Port, Weight

# 17 is what onnxruntime has read since 1.12; nothing here needs a later one.
OPSET = 17
IR_VERSION = 8
# A consumer without an interface for weights in memory puts them, in the manifest's order, into a file of this name.
WEIGHTS_FILE = "weights.bin"
FLOAT_BYTES = 4
Array = npt.NDArray[np.generic]
Attribute = int | float | str | list[int]
Constant = torch.Tensor | Sequence[int] | float


@dataclass(frozen=True)
class Value:
    """A value of a graph whose shape is known: its name and sides."""

    name: str
    shape: tuple[int, ...]


class Names:
    """The names that the parameters and the norms of a module have in files, each after `prefix`."""

    def __init__(self, module: nn.Module, prefix: str = "") -> None:
        self._parameters = {id(p): prefix + name for name, p in module.named_parameters()}
        self._modules = {id(m): prefix + name for name, m in module.named_modules()}

    def of(self, thing: nn.Parameter | torch.Tensor | nn.Module) -> str:
        """Return the name of `thing`; raises ValueError when it is not a parameter or a part of the module."""
        name = self._parameters.get(id(thing)) or self._modules.get(id(thing))
        if name is None:
            raise ValueError("a template holds the parameters of its module alone")
        return name


@dataclass
class Graph:
    """A growing template in one `form`; values are known by their names, which follow from the order of the calls."""

    names: Names
    form: Form = "direct"
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    weights: dict[str, tuple[int, ...]] = field(default_factory=dict)
    norms: list[Norm] = field(default_factory=list)
    more_inputs: list[Port] = field(default_factory=list)
    more_outputs: dict[str, Port] = field(default_factory=dict)

    def constant(self, value: Constant) -> str:
        """Add a constant and return its name: tensors as they are, float as float32, whole numbers as int64."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(_as_array(value), name))
        return name

    def weight(self, parameter: torch.Tensor) -> Value:
        """Add a weight, to be filled from the file that has the module's tensors, and return it."""
        return self.weight_named(self.names.of(parameter), tuple(parameter.shape))

    def weight_named(self, name: str, shape: tuple[int, ...]) -> Value:
        """Add the weight `name` of `shape`; the same one may be added again."""
        if self.weights.setdefault(name, shape) != shape:
            raise ValueError(f"{name} has two shapes: {shape} and {self.weights[name]}")
        return Value(name, shape)

    def add(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """Add a node with one output and return the output's name."""
        name = f"{operator}_{len(self.nodes)}"
        node = helper.make_node(operator, list(inputs), [name], name)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return name

    def reshape(self, value: Value, *shape: int) -> Value:
        """Add `value` seen in another shape, or return it where it has that shape."""
        if value.shape == shape:
            return value
        return Value(self.add("Reshape", value.name, self.constant(list(shape))), shape)

    def transpose(self, value: Value, *axes: int) -> Value:
        """Add `value` with its axes in another order."""
        return Value(self.add("Transpose", value.name, perm=list(axes)), tuple(value.shape[axis] for axis in axes))

    def model(self, inputs: Sequence[Port], outputs: Mapping[str, Port], metadata: Mapping[str, str]) -> "Model":
        """Return the finished template, which gives the values `outputs` under their names; onnx's checker has seen it.

        The bytes follow from the calls alone. Raises ValueError when a value of `outputs` is not a node's.
        """
        inputs = (*inputs, *self.more_inputs)
        outputs = {**outputs, **self.more_outputs}
        self._rename(outputs)
        helds = [numpy_helper.from_array(np.zeros(shape, np.float32), name) for name, shape in self.weights.items()]
        onnx.checker.check_model(self._proto(inputs, outputs, helds, metadata), full_check=True)
        proto = self._proto(inputs, outputs, self._outside(), metadata)
        weights = tuple(Weight(name, shape) for name, shape in self.weights.items())
        data: bytes = proto.SerializeToString(deterministic=True)
        return Model(data, tuple(inputs), tuple(outputs.values()), weights, tuple(self.norms))

    def _rename(self, outputs: Mapping[str, Port]) -> None:
        made = {node.output[0]: node for node in self.nodes}
        for value, port in outputs.items():
            if value not in made:
                raise ValueError(f"{value} is not a node's value")
            made[value].output[0] = port.name
            for node in self.nodes:
                node.input[:] = [port.name if name == value else name for name in node.input]

    def _outside(self) -> list[onnx.TensorProto]:
        """Return the weights as tensors whose numbers lie in WEIGHTS_FILE, one after the other."""
        tensors, offset = [], 0
        for name, shape in self.weights.items():
            length = int(np.prod(shape)) * FLOAT_BYTES
            tensor = onnx.TensorProto(name=name, data_type=onnx.TensorProto.FLOAT, dims=shape)
            tensor.data_location = onnx.TensorProto.EXTERNAL
            for key, value in (("location", WEIGHTS_FILE), ("offset", offset), ("length", length)):
                tensor.external_data.add(key=key, value=str(value))
            tensors.append(tensor)
            offset += length
        return tensors

    def _proto(
        self,
        inputs: Sequence[Port],
        outputs: Mapping[str, Port],
        weights: Sequence[onnx.TensorProto],
        metadata: Mapping[str, str],
    ) -> onnx.ModelProto:
        ports = [_info(port) for port in inputs], [_info(port) for port in outputs.values()]
        graph = helper.make_graph(self.nodes, "nst", *ports, [*weights, *self.constants])
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="nst-export")
        helper.set_model_props(model, dict(metadata))
        return model


@dataclass(frozen=True)
class Model:
    """A template's bytes, and what the manifest says of it."""

    data: bytes
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    weights: tuple[Weight, ...]
    norms: tuple[Norm, ...]


def _as_array(value: Constant) -> Array:
    if isinstance(value, torch.Tensor):
        return np.ascontiguousarray(value.detach().cpu().numpy())
    return np.array(value, np.float32 if isinstance(value, float) else np.int64)


def _info(port: Port) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(port.name, onnx.TensorProto.FLOAT, list(port.shape))
