"""An ONNX graph of fixed shapes, open for rewriting."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[Any]
OPSET, IR_VERSION = 17, 8  # as the templates have


class StaticGraph:
    """Nodes in any order, constants and shapes by name; `model` puts them in order again and leaves out the unused."""

    def __init__(self, model: onnx.ModelProto) -> None:
        """Take `model` apart, all of whose shapes can be inferred and whose constants are initialisers."""
        graph = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
        self.nodes: list[onnx.NodeProto] = list(graph.node)
        self.constants: dict[str, Array] = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        self.input, self.output = graph.input[0].name, graph.output[0].name
        values = [*graph.input, *graph.value_info, *graph.output]
        self.shapes = {v.name: tuple(d.dim_value for d in v.type.tensor_type.shape.dim) for v in values}
        self._made = 0

    def of(self, operator: str) -> list[onnx.NodeProto]:
        """Return the nodes that compute `operator`, as they are now."""
        return [node for node in self.nodes if node.op_type == operator]

    def producer(self, name: str) -> onnx.NodeProto | None:
        """Return the node that computes the value `name`; None for constants and the input."""
        return next((node for node in self.nodes if name in node.output), None)

    def users(self, name: str) -> list[onnx.NodeProto]:
        """Return the nodes that take the value `name`."""
        return [node for node in self.nodes if name in node.input]

    def only_user(self, name: str) -> onnx.NodeProto | None:
        """Return the node that takes the value `name`, if it is one and the graph does not give the value out."""
        users = self.users(name)
        return users[0] if len(users) == 1 and name != self.output else None

    def constant(self, value: Array) -> str:
        """Add a constant and return its name."""
        name = self._new_name("constant")
        self.constants[name] = value
        return name

    def add(self, operator: str, *inputs: str, to: str = "", shape: Sequence[int] = (), **attributes: Any) -> str:  # noqa: ANN401
        """Add a node for `operator` that computes the value `to`, a new one if that is empty, of `shape`."""
        name = to or self.value(shape)
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def value(self, shape: Sequence[int]) -> str:
        """Return a new name for a value of `shape`."""
        name = self._new_name("value")
        self.shapes[name] = tuple(shape)
        return name

    def cast(self, name: str, to: str, kind: int) -> None:
        """Add the value `to`, which is the value `name` as numbers of `kind`, one of TensorProto's."""
        self.nodes.append(helper.make_node("Cast", [name], [to], name=f"{to}/cast", to=kind))

    def drop(self, *nodes: onnx.NodeProto) -> None:
        """Take `nodes` out."""
        gone = {id(node) for node in nodes}
        self.nodes = [node for node in self.nodes if id(node) not in gone]

    def model(self) -> onnx.ModelProto:
        """Return the graph as a checked model with all shapes."""
        nodes = self._in_order()
        used = {name for node in nodes for name in node.input}
        constants = [numpy_helper.from_array(a, name) for name, a in self.constants.items() if name in used]
        ports = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, self.shapes[name])
            for name in (self.input, self.output)
        ]
        graph = helper.make_graph(nodes, "style", ports[:1], ports[1:], constants)
        model = as_model(graph)
        onnx.checker.check_model(model)
        return onnx.shape_inference.infer_shapes(model, strict_mode=True)

    def _in_order(self) -> list[onnx.NodeProto]:
        """Return the nodes that the output hangs on, each after those whose values it takes."""
        makers = {name: node for node in self.nodes for name in node.output}
        done: dict[str, onnx.NodeProto] = {}
        waiting = [self.output]
        while waiting:
            node = makers[waiting[-1]]
            before = [name for name in node.input if name in makers and makers[name].output[0] not in done]
            if before:
                waiting += before
                continue
            done.setdefault(node.output[0], node)
            waiting.pop()
        return list(done.values())

    def _new_name(self, kind: str) -> str:
        while True:
            self._made += 1
            name = f"bundle/{kind}_{self._made}"
            if name not in self.constants and name not in self.shapes:
                return name


def as_model(graph: onnx.GraphProto) -> onnx.ModelProto:
    """Return `graph` as a model of the templates' version of ONNX."""
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def compact(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with short names inside and without the shapes that onnxruntime finds itself."""
    small = onnx.ModelProto()
    small.CopyFrom(model)
    graph = small.graph
    del graph.value_info[:]
    names = {"": "", **{port.name: port.name for port in (*graph.input, *graph.output)}}
    for tensor in graph.initializer:
        tensor.name = names.setdefault(tensor.name, f"c{len(names)}")
    for place, node in enumerate(graph.node):
        node.name = f"{node.op_type}{place}"
        node.output[:] = [names.setdefault(name, f"v{len(names)}") for name in node.output]
        node.input[:] = [names[name] for name in node.input]
    return small


def attributes(node: onnx.NodeProto) -> Mapping[str, Any]:
    """Return the attributes of `node` by name; texts are bytes."""
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


Rewrite = Callable[[StaticGraph], None]
"""What changes the graph in place and computes the same."""
