"""What a phone's accelerator takes of a graph: by onnxruntime's own checker, and by lists where that has none."""

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from nst_export.bundles.placement import Placement
from nst_export.bundles.static_graph import attributes
from nst_runtime.inference.sessions import load_onnxruntime

# What the QNN provider has of the operators in our graphs, by its page in the documentation of onnxruntime.
QNN_OPERATORS = frozenset(
    {
        *("Add", "AveragePool", "Cast", "Clip", "Concat", "Conv", "DepthToSpace", "DequantizeLinear", "Div"),
        *("GlobalAveragePool", "InstanceNormalization", "Min", "Mul", "Pad", "QuantizeLinear", "Relu", "Reshape"),
        *("Resize", "Slice", "Sqrt", "Sub", "Transpose"),
    }
)
QNN_RANK = 5
NNAPI_RANGES = {(0.0, 6.0), (-1.0, 1.0)}


Check = Callable[[onnx.ModelProto], Placement]
Limits = Callable[[onnx.ModelProto], list[str]]


def check_nnapi(model: onnx.ModelProto) -> Placement:
    """Return what NNAPI takes of `model`, whose shapes are fixed."""
    load_onnxruntime()  # with its telemetry off
    from onnxruntime.tools.mobile_helpers.usability_checker import check_nnapi_partitions  # noqa: PLC0415

    return _read("NNAPI", check_nnapi_partitions(model, True), model)


def check_coreml_program(model: onnx.ModelProto) -> Placement:
    """Return what CoreML takes of `model` in its format MLProgram."""
    return _coreml("MLProgram", "coreml_supported_mlprogram_ops.md", model)


def check_coreml_network(model: onnx.ModelProto) -> Placement:
    """Return what CoreML takes of `model` in its older format NeuralNetwork."""
    return _coreml("NeuralNetwork", "coreml_supported_neuralnetwork_ops.md", model)


def _coreml(name: str, operators: str, model: onnx.ModelProto) -> Placement:
    load_onnxruntime()  # with its telemetry off
    from onnxruntime.tools.mobile_helpers.usability_checker import check_coreml_partitions  # noqa: PLC0415

    return _read(name, check_coreml_partitions(model, True, operators), model)


def check_qnn(model: onnx.ModelProto) -> Placement:
    """Return what QNN takes of `model`: the checker's division with this module's list."""
    return _by_list("QNN", model, lambda node: node.op_type in QNN_OPERATORS, QNN_RANK)


def check_xnnpack(model: onnx.ModelProto) -> Placement:
    """Return what XNNPACK takes of `model`: convolutions with fixed weights, the ReLUs and Clips after them, and means.

    In 8 bits it takes a convolution if the picture's numbers are of the weights' type, and no mean. The processor
    computes the rest, in the same memory.
    """
    constants = {tensor.name for tensor in model.graph.initializer}
    makers = {name: node for node in model.graph.node for name in node.output}

    def is_taken(node: onnx.NodeProto) -> bool:
        if node.op_type == "AveragePool":
            return _type_of_values(node.input[0], model, makers) is None
        conv = makers.get(node.input[0]) if node.op_type in {"Relu", "Clip"} else node
        return conv is not None and _is_conv_of_xnnpack(conv, model, constants, makers)

    return _by_list("XNNPACK", model, is_taken, rank=4)


def _is_conv_of_xnnpack(
    node: onnx.NodeProto, model: onnx.ModelProto, constants: set[str], makers: dict[str, onnx.NodeProto]
) -> bool:
    if node.op_type != "Conv":
        return False
    weights = [_origin(name, makers) for name in node.input[1:]]
    group = attributes(node).get("group", 1)
    kernel = next((t for t in model.graph.initializer if weights and t.name == weights[0]), None)
    if kernel is None or not constants.issuperset(weights) or (group > 1 and kernel.dims[1] > 1):
        return False
    return kernel.data_type in {TensorProto.FLOAT, _type_of_values(node.input[0], model, makers)}


def _type_of_values(name: str, model: onnx.ModelProto, makers: dict[str, onnx.NodeProto]) -> int | None:
    """Return the type of the whole numbers that `name` is made of; None if it is not made of such."""
    maker = makers.get(name)
    if maker is None or maker.op_type != "DequantizeLinear":
        return None
    return next((tensor.data_type for tensor in model.graph.initializer if tensor.name == maker.input[2]), None)


def _origin(name: str, makers: dict[str, onnx.NodeProto]) -> str:
    """Return the constant that `name` is, be it stored in whole numbers."""
    maker = makers.get(name)
    return maker.input[0] if maker is not None and maker.op_type == "DequantizeLinear" else name


def _by_list(name: str, model: onnx.ModelProto, is_taken: Callable[[onnx.NodeProto], bool], rank: int) -> Placement:
    load_onnxruntime()  # with its telemetry off
    from onnxruntime.tools.mobile_helpers.usability_checker import check_partitioning  # noqa: PLC0415

    class Operators:
        """What the checker asks of a list of operators."""

        def is_op_supported(self, node: onnx.NodeProto) -> bool:
            """Tell whether the accelerator takes `node`."""
            return is_taken(node)

    return _read(name, check_partitioning(model.graph, Operators(), True, rank), model)


def _read(name: str, found: object, model: onnx.ModelProto) -> Placement:
    groups = found.supported_groups  # type: ignore[attr-defined]
    placed = [node for group in groups for node in group]
    convolutions = sum(node.op_type == "Conv" for node in model.graph.node)
    return Placement(
        name,
        len(groups),
        len(model.graph.node),
        len(placed),
        convolutions,
        sum(node.op_type == "Conv" for node in placed),
    )


def nnapi_limits(model: onnx.ModelProto) -> list[str]:
    """Return what NNAPI does not take of `model` although it has the operator; the checker does not look at that."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    clips = [node for node in model.graph.node if node.op_type == "Clip"]
    return [
        *coreml_limits(model),
        *("Clip to another range than 0–6 or ±1" for node in clips if _range(node, constants) not in NNAPI_RANGES),
    ]


def coreml_limits(model: onnx.ModelProto) -> list[str]:
    """Return the same for CoreML's older format, whose limits are among NNAPI's."""
    found = []
    for node in model.graph.node:
        how = attributes(node)
        if node.op_type == "DepthToSpace" and how.get("mode", b"DCR") != b"DCR":
            found.append("DepthToSpace in another order than DCR")
        if node.op_type == "Pad" and how.get("mode", b"constant") != b"constant":
            found.append("Pad that is not constant")
    return found


def _range(node: onnx.NodeProto, constants: dict[str, onnx.TensorProto]) -> tuple[float, ...]:
    return tuple(float(np.ravel(numpy_helper.to_array(constants[name]))[0]) for name in node.input[1:])
