"""A matrix product of channels as the convolution of one pixel that it is."""

import numpy as np
import onnx

from nst_export.bundles.static_graph import Array, StaticGraph, attributes


def convolve_products(graph: StaticGraph) -> None:
    """Make each ``Reshape(Gemm(matrix, Reshape(x), Reshape(y)))`` of 1×C×h×w a 1×1 convolution of x plus y."""
    for gemm in graph.of("Gemm"):
        after = graph.only_user(gemm.output[0])
        before = [graph.producer(name) for name in gemm.input[1:]]
        matrix = graph.constants.get(gemm.input[0])
        views = [node for node in (after, *before) if node is not None and node.op_type == "Reshape"]
        if matrix is None or after is None or len(views) < 3:
            continue
        x, y = (node.input[0] for node in views[1:])
        if _is_plain(gemm, matrix) and graph.shapes[y] == graph.shapes[after.output[0]] and len(graph.shapes[x]) == 4:
            graph.drop(gemm, after)
            kernel = graph.constant(np.ascontiguousarray(matrix[:, :, None, None]))
            shape = graph.shapes[y]
            graph.add("Add", y, graph.add("Conv", x, kernel, shape=shape), to=after.output[0])


def _is_plain(gemm: onnx.NodeProto, matrix: Array) -> bool:
    plain = {"transA": 0, "transB": 0, "alpha": 1.0, "beta": 1.0}
    return matrix.ndim == 2 and all(plain[name] == value for name, value in attributes(gemm).items())
