"""Channels to pixels by one DepthToSpace (DCR), where the templates have chains of reshapes and transpositions.

What a chain does is found by sending numbers through it, whatever its nodes are.
"""

from collections.abc import Iterator

import numpy as np
import onnx

from nst_export.bundles.static_graph import Array, StaticGraph, attributes

MOVES = {"Reshape", "Transpose"}
CHANNEL_BY_CHANNEL = {"Relu", "Clip", "Add"}


def shuffle_by_depth(graph: StaticGraph) -> None:
    """Make each chain of moves that turns C·k² channels into C of k times the sides a DepthToSpace of block size k.

    An instance norm of such pixels that stands in the middle of a chain comes after it. The order of the channels
    before it is changed in the convolutions that make them.
    """
    _norms_after_moves(graph)
    for chain in list(_chains(graph)):
        start, end = chain[0].input[0], chain[-1].output[0]
        size = _block_size(graph, chain)
        if size and _phases_first(graph, start, size):
            graph.drop(*chain)
            graph.add("DepthToSpace", start, to=end, blocksize=size, mode="DCR")


def _norms_after_moves(graph: StaticGraph) -> None:
    """Let the moves come first where a norm and a ReLU stand between them: both treat all pixels of a channel alike."""
    for norm in graph.of("InstanceNormalization"):
        before, relu = graph.producer(norm.input[0]), graph.only_user(norm.output[0])
        if before is None or before.op_type not in MOVES or relu is None or relu.op_type != "Relu":
            continue
        chain = next((c for c in _chains(graph) if c[0].input[0] == relu.output[0]), None)
        if chain is None or not _keeps_channels(graph, chain):
            continue
        end = chain[-1].output[0]
        moved = graph.value(graph.shapes[end])
        chain[0].input[0], chain[-1].output[0] = before.output[0], moved
        norm.input[0], relu.output[0] = moved, end
        graph.shapes[norm.output[0]] = graph.shapes[end]


def _chains(graph: StaticGraph) -> Iterator[list[onnx.NodeProto]]:
    """Yield the longest chains of moves of one value."""
    for node in list(graph.nodes):
        before = graph.producer(node.input[0]) if node.op_type in MOVES else node
        if before is not None and before.op_type in MOVES and graph.only_user(before.output[0]) is not None:
            continue
        if node.op_type not in MOVES:
            continue
        chain = [node]
        while (after := graph.only_user(chain[-1].output[0])) is not None and after.op_type in MOVES:
            chain.append(after)
        yield chain


def _sent(graph: StaticGraph, chain: list[onnx.NodeProto], numbers: Array) -> Array:
    """Return what `chain` makes of `numbers`."""
    for node in chain:
        if node.op_type == "Transpose":
            numbers = numbers.transpose(attributes(node)["perm"])
        numbers = numbers.reshape(graph.shapes[node.output[0]])
    return numbers


def _keeps_channels(graph: StaticGraph, chain: list[onnx.NodeProto]) -> bool:
    before, after = graph.shapes[chain[0].input[0]], graph.shapes[chain[-1].output[0]]
    if before[:2] != after[:2]:
        return False
    channels = np.arange(before[1], dtype=np.int32).reshape(1, -1, 1, 1)
    sent = _sent(graph, chain, np.broadcast_to(channels, before))
    return bool((sent == channels).all())


def _block_size(graph: StaticGraph, chain: list[onnx.NodeProto]) -> int:
    """Return the block size of the DepthToSpace (CRD) that `chain` is; 0 if it is not one."""
    before, after = graph.shapes[chain[0].input[0]], graph.shapes[chain[-1].output[0]]
    size = after[2] // before[2] if len(before) == len(after) == 4 else 0
    if size < 2 or after != (1, before[1] // size**2, before[2] * size, before[3] * size):
        return 0
    numbers = np.arange(np.prod(before), dtype=np.int32).reshape(before)
    cells = numbers.reshape(after[1], size, size, before[2], before[3]).transpose(0, 3, 1, 4, 2)
    return size if np.array_equal(_sent(graph, chain, numbers), cells.reshape(after)) else 0


def _phases_first(graph: StaticGraph, value: str, size: int) -> bool:
    """Put all channels of a phase together in `value`, where each channel's phases are; False where that cannot be."""
    convs = _makers(graph, value)
    if not convs:
        return False
    for conv in convs:
        for place, name in enumerate(conv.input[1:], start=1):
            array = graph.constants[name]
            apart = array.reshape(-1, size**2, *array.shape[1:]).swapaxes(0, 1)
            conv.input[place] = graph.constant(np.ascontiguousarray(apart.reshape(array.shape)))
    return True


def _makers(graph: StaticGraph, value: str) -> list[onnx.NodeProto]:
    """Return the convolutions whose channels are those of `value`, which nothing else takes; none if others are."""
    node = graph.producer(value)
    if node is None or graph.only_user(value) is None:
        return []
    if node.op_type == "Conv":
        return [node] if attributes(node).get("group", 1) == 1 else []
    if node.op_type not in CHANNEL_BY_CHANNEL:
        return []
    found = [_makers(graph, name) for name in node.input if name not in graph.constants]
    return [conv for convs in found for conv in convs] if all(found) else []
