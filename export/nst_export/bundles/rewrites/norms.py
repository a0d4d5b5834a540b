"""Instance norms out of averages: few accelerators have the norm as an operator."""

import numpy as np

from nst_export.bundles.static_graph import StaticGraph, attributes


def average_norms(graph: StaticGraph) -> None:
    """Make each InstanceNormalization of 1×C×h×w a subtraction of an average and a division by another's root."""
    for node in graph.of("InstanceNormalization"):
        value, scale, bias = node.input
        shape = graph.shapes[value]
        channel = (1, shape[1], 1, 1)
        eps = graph.constant(np.full((1, 1, 1, 1), attributes(node).get("epsilon", 1e-5), np.float32))
        scales, biases = (graph.constant(graph.constants[name].reshape(channel)) for name in (scale, bias))
        graph.drop(node)
        mean = graph.add("GlobalAveragePool", value, shape=channel)
        apart = graph.add("Sub", value, mean, shape=shape)
        variance = graph.add("GlobalAveragePool", graph.add("Mul", apart, apart, shape=shape), shape=channel)
        root = graph.add("Sqrt", graph.add("Add", variance, eps, shape=channel), shape=channel)
        factor = graph.add("Div", scales, root, shape=channel)
        graph.add("Add", graph.add("Mul", apart, factor, shape=shape), biases, to=node.output[0])
