"""One static graph for a style: encoder, bank and decoder merged, weights inside, of a fixed size."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from nst_export.bundles.names import INPUT, OUTPUT
from nst_export.bundles.static_graph import as_model
from nst_export.bundles.tools import using_tools
from nst_runtime.contracts.packs import Form, Part
from nst_runtime.inference.chain import PARTS, Parts
from nst_runtime.inference.look_statistics import LookStatistics
from nst_runtime.inference.sessions import load_onnxruntime
from nst_runtime.inference.statistics import affine, affine_tensors
from nst_runtime.inference.templates import Affine


def merged(
    parts: Parts, form: Form, height: int, width: int, statistics: LookStatistics | None = None
) -> onnx.ModelProto:
    """Return the network of `parts` in `form` as one graph: ``image`` to ``stylized``, both 1×3×height×width.

    The sides are multiples of the codec's. The *folded* form wants the look's `statistics`. What hangs on weights and
    shapes alone is computed here. Raises PackError when the templates do not fit the numbers.
    """
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []
    given = [INPUT]
    for part in PARTS:
        graph, given = _renamed(parts, part, form, given, _tensors(parts, part, form, statistics))
        nodes += graph.node
        constants += graph.initializer
    nodes.append(helper.make_node("Identity", given[:1], [OUTPUT]))
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, height, width]) for name in (INPUT, OUTPUT)]
    graph = helper.make_graph(nodes, "style", ports[:1], ports[1:], constants)
    return folded(onnx.shape_inference.infer_shapes(as_model(graph)))


def _tensors(parts: Parts, part: Part, form: Form, statistics: LookStatistics | None) -> dict[str, np.ndarray]:
    tensors = dict(parts.tensors(part))
    if form == "folded" and statistics is not None:
        affines: dict[str, Affine] = {
            norm.name: affine(norm, statistics.of(norm.name), tensors) for norm in parts.norms(part)
        }
        tensors |= affine_tensors(affines)
    return tensors


def _renamed(
    parts: Parts, part: Part, form: Form, given: Sequence[str], tensors: Mapping[str, np.ndarray]
) -> tuple[onnx.GraphProto, list[str]]:
    """Return the template of `part`, filled, with names of its own, and its outputs; it takes what was `given`."""
    template = parts.pack.template(part, form)
    graph = onnx.load_model_from_string(parts.pack.read(template)).graph
    weights = template.select(tensors, str(parts.pack.folder))
    names = dict(zip((port.name for port in template.inputs), given, strict=False)) | {"": ""}
    for place, tensor in enumerate(graph.initializer):
        if tensor.name in weights:
            graph.initializer[place].CopyFrom(numpy_helper.from_array(weights[tensor.name], tensor.name))
        tensor.name = names.setdefault(tensor.name, f"{part}/{tensor.name}")
    for node in graph.node:
        node.input[:] = [names.get(name, f"{part}/{name}") for name in node.input]
        node.output[:] = [f"{part}/{name}" for name in node.output]
        node.name = node.output[0]
    return graph, [f"{part}/{port.name}" for port in template.outputs]


def folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` as onnxruntime's basic optimisation makes it: standard operators, constants computed."""
    onnxruntime = load_onnxruntime()
    with tempfile.TemporaryDirectory() as folder, using_tools("compute the constants of the network"):
        path = Path(folder) / "optimized.onnx"
        options = onnxruntime.SessionOptions()
        options.optimized_model_filepath = os.fspath(path)
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.log_severity_level = 4
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return onnx.load(path)
