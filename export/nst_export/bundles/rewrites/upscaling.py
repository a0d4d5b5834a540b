"""Pixels twice, without Resize: a convolution that makes each of them four times."""

import numpy as np

from nst_export.bundles.static_graph import StaticGraph, attributes


def repeat_by_depth(graph: StaticGraph) -> None:
    """Make each Resize to whole multiples by the nearest pixel, of a convolution alone, a DepthToSpace of it."""
    for node in graph.of("Resize"):
        conv = graph.producer(node.input[0])
        before, after = graph.shapes[node.input[0]], graph.shapes[node.output[0]]
        size = after[2] // before[2]
        how = attributes(node)
        is_nearest = (how["mode"], how["nearest_mode"]) == (b"nearest", b"floor")
        is_whole = after == (*before[:2], before[2] * size, before[3] * size)
        if conv is None or conv.op_type != "Conv" or attributes(conv).get("group", 1) > 1:
            continue
        if is_nearest and is_whole and how["coordinate_transformation_mode"] == b"asymmetric":
            if graph.only_user(node.input[0]) is None:
                continue
            for place, name in enumerate(conv.input[1:], start=1):
                conv.input[place] = graph.constant(np.concatenate([graph.constants[name]] * size**2))
            graph.shapes[conv.output[0]] = (1, before[1] * size**2, *before[2:])
            graph.drop(node)
            graph.add("DepthToSpace", conv.output[0], to=node.output[0], blocksize=size, mode="DCR")
