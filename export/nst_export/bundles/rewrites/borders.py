"""Reflected borders out of slices: accelerators pad with constants alone."""

import numpy as np

from nst_export.bundles.static_graph import StaticGraph, attributes


def slice_borders(graph: StaticGraph) -> None:
    """Make each reflecting Pad of rows and columns a Concat of the value and one-pixel slices of it."""
    for node in graph.of("Pad"):
        if attributes(node).get("mode") != b"reflect":
            continue
        begin, end = np.split(graph.constants[node.input[1]], 2)
        axes = [axis for axis in range(len(begin)) if begin[axis] or end[axis]]
        graph.drop(node)
        value = node.input[0]
        for axis in axes:
            to = node.output[0] if axis == axes[-1] else ""
            value = _around(graph, value, axis, int(begin[axis]), int(end[axis]), to)


def _around(graph: StaticGraph, value: str, axis: int, before: int, after: int, to: str) -> str:
    """Add `value` with that many reflected lines along `axis`."""
    shape = list(graph.shapes[value])
    length = shape[axis]
    first = [_line(graph, value, axis, place) for place in range(before, 0, -1)]
    last = [_line(graph, value, axis, length - 2 - place) for place in range(after)]
    shape[axis] += before + after
    return graph.add("Concat", *first, value, *last, to=to, shape=shape, axis=axis)


def _line(graph: StaticGraph, value: str, axis: int, place: int) -> str:
    shape = list(graph.shapes[value])
    shape[axis] = 1
    bounds = [graph.constant(np.array([number], np.int64)) for number in (place, place + 1, axis)]
    return graph.add("Slice", value, *bounds, shape=shape)
