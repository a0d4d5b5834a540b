"""Pixels twice, without Resize: a convolution that makes each of them four times."""

import numpy as np
import onnx

from nst_export.bundles.static_graph import StaticGraph, attributes

NEAREST = {"mode": b"nearest", "nearest_mode": b"floor", "coordinate_transformation_mode": b"asymmetric"}


def repeat_by_depth(graph: StaticGraph) -> None:
    """Make each Resize to whole multiples by the nearest pixel, of a convolution alone, a DepthToSpace of it."""
    for node in graph.of("Resize"):
        conv = graph.producer(node.input[0])
        size = _multiple(graph, node)
        if conv is None or conv.op_type != "Conv" or not size or graph.only_user(node.input[0]) is None:
            continue
        if attributes(conv).get("group", 1) > 1:
            continue
        for place, name in enumerate(conv.input[1:], start=1):
            conv.input[place] = graph.constant(np.concatenate([graph.constants[name]] * size**2))
        _, channels, *sides = graph.shapes[conv.output[0]]
        graph.shapes[conv.output[0]] = (1, channels * size**2, *sides)
        graph.drop(node)
        graph.add("DepthToSpace", conv.output[0], to=node.output[0], blocksize=size, mode="DCR")


def _multiple(graph: StaticGraph, node: onnx.NodeProto) -> int:
    """Return how many times a Resize repeats each pixel each way; 0 if that is not what it does."""
    before, after = graph.shapes[node.input[0]], graph.shapes[node.output[0]]
    size = after[2] // before[2]
    is_whole = after == (*before[:2], before[2] * size, before[3] * size)
    return size if is_whole and NEAREST.items() <= attributes(node).items() else 0
