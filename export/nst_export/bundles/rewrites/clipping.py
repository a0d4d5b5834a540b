"""Clipping to 0–1 with a ReLU and a minimum: NNAPI clips to 0–6 and to ±1 alone."""

import numpy as np

from nst_export.bundles.static_graph import StaticGraph


def clip_by_minimum(graph: StaticGraph) -> None:
    """Make each Clip from 0 upwards a ReLU and a Min."""
    for node in graph.of("Clip"):
        value, low, high = node.input
        shape = graph.shapes[value]
        if graph.constants[low] != 0:
            continue
        limit = graph.constant(np.reshape(graph.constants[high], (1,) * len(shape)))
        graph.drop(node)
        graph.add("Min", graph.add("Relu", value, shape=shape), limit, to=node.output[0])
