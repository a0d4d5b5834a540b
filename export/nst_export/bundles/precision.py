"""A graph in fewer bits: half precision, or whole numbers of 8 bits."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto

from nst_export.bundles.centring import centred
from nst_export.bundles.names import Precision
from nst_export.bundles.static_graph import StaticGraph
from nst_export.bundles.tools import using_tools
from nst_runtime.errors import NstError
from nst_runtime.inference.sessions import load_onnxruntime
from nst_runtime.pictures.arrays import Floats

# The least PSNR against the runtime's picture. Seen side by side: at 29 dB pictures look the same, at 26 colors begin
# to pale, at 24 lights are dull, at 20 details are washed out. Half precision has 50 dB and more; less is a fault.
LEAST_PSNR_DB: dict[Precision, float] = {"fp32": 50.0, "fp16": 45.0, "int8": 28.0}

PERCENTILE = 99.99
CENTRED_EVERY = 4  # of nine pictures, three scenes in three brightnesses, one of each


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with weights and values in float16; raises NstError when it counts its pixels."""
    graph = StaticGraph(model)
    if graph.of("Cast"):
        raise NstError(
            "this pack's network counts pixels, and half precision ends at 65504", "leave the `precision` fp16 out"
        )
    scales = {node.input[2] for node in graph.of("Resize")}  # stay float32, as the operator has them
    for name, array in graph.constants.items():
        if array.dtype == np.float32 and name not in scales:
            graph.constants[name] = array.astype(np.float16)
    for node in graph.nodes:
        node.input[:] = [f"{name}/half" if name == graph.input else name for name in node.input]
        node.output[:] = [f"{name}/half" if name == graph.output else name for name in node.output]
    for name in (graph.input, graph.output):
        graph.shapes[f"{name}/half"] = graph.shapes[name]
    graph.cast(graph.input, f"{graph.input}/half", TensorProto.FLOAT16)
    graph.cast(f"{graph.output}/half", graph.output, TensorProto.FLOAT)
    return graph.model()


def quantized(model: onnx.ModelProto, pictures: Iterable[Floats], *, signed: bool) -> onnx.ModelProto:
    """Return `model` with 8-bit weights, one scale for each channel, and 8-bit values between all operators (QDQ).

    The values are whole numbers from 0 to 255, or from -128 to 127 if they are to be `signed`, as the weights are. What
    is beyond the range of all but one in 10 000 on the `pictures` is clipped, and biases are corrected on some of them.
    """
    load_onnxruntime()  # with its telemetry off
    from onnxruntime.quantization import (  # noqa: PLC0415
        CalibrationDataReader,
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_static,
    )

    shown = list(pictures)

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        """Gives one picture after another."""

        def __init__(self) -> None:
            self._left = iter(shown)

        def get_next(self) -> dict[str, Floats] | None:
            """Return the next picture as what the graph takes; None at the end."""
            return next(({model.graph.input[0].name: picture} for picture in self._left), None)

    with tempfile.TemporaryDirectory() as folder, using_tools("make the graph one of 8 bits"):
        source, target = (Path(folder) / name for name in ("model.onnx", "quantized.onnx"))
        onnx.save(model, source)
        quantize_static(
            source,
            target,
            Reader(),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QInt8 if signed else QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            calibrate_method=CalibrationMethod.Percentile,
            op_types_to_quantize=sorted({node.op_type for node in model.graph.node}),
            extra_options={"WeightSymmetric": True, "ActivationSymmetric": False, "CalibPercentile": PERCENTILE},
        )
        return centred(onnx.load(target), model, shown[::CENTRED_EVERY])


def resized(model: onnx.ModelProto, like: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` for the size of `like`, the same network in whole precision: the shapes in it are that one's."""
    other = onnx.ModelProto()
    other.CopyFrom(model)
    shapes = {tensor.name: tensor for tensor in like.graph.initializer if tensor.data_type == TensorProto.INT64}
    for tensor in other.graph.initializer:
        if tensor.data_type == TensorProto.INT64:
            tensor.CopyFrom(shapes[tensor.name])
    for ports, wanted in ((other.graph.input, like.graph.input), (other.graph.output, like.graph.output)):
        ports[0].CopyFrom(wanted[0])
    del other.graph.value_info[:]
    return onnx.shape_inference.infer_shapes(other, strict_mode=True)
