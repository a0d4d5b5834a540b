"""The layers of the student as few and cheap ONNX nodes."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import onnx
import torch
from torch import nn

from nst_export.graph import Graph
from nst_student.layers import NormalisedConv

ROWS, COLUMNS = 2, 3
END = 2**62
# Where the border outweighs all else, float32 leaves nothing of a smaller variance.
ROUNDING = 1e-7
# Which of a channel's four phases hold even rows, and even columns.
EVEN = {ROWS: (True, True, False, False), COLUMNS: (True, False, True, False)}


def reflect(graph: Graph, x: str, top: int, left: int, bottom: int, right: int) -> str:
    """Add `x` with that many reflected pixels around it."""
    return graph.add("Pad", x, graph.constant([0, 0, top, left, 0, 0, bottom, right]), mode="reflect")


def convolve(graph: Graph, x: str, *weight_and_bias: str | torch.Tensor, stride: int = 1, groups: int = 1) -> str:
    """Add a convolution of `x` without padding, by a kernel and perhaps a bias, each a value of the graph or new."""
    values = [value if isinstance(value, str) else graph.constant(value) for value in weight_and_bias]
    return graph.add("Conv", x, *values, strides=[stride, stride], group=groups)


Affine = tuple[str, str]


def normalise(graph: Graph, x: str, norm: nn.InstanceNorm2d, affine: Affine | None = None) -> str:
    """Add ReLU of the instance norm of `x`, by the scales and biases `affine` in place of the norm's own."""
    scale, bias = affine or (graph.constant(norm.weight), graph.constant(norm.bias))
    return graph.add("Relu", graph.add("InstanceNormalization", x, scale, bias, epsilon=norm.eps))


def slice_affines(graph: Graph, norms: str, widths: Sequence[int]) -> list[Affine]:
    """Add scales and biases, out of the numbers `norms`, for norms of `widths` channels one after the other."""
    ends = list(accumulate(width for width in widths for _ in range(2)))
    parts = [_cells(graph, norms, 0, start, end) for start, end in pairwise([0, *ends])]
    return list(zip(parts[::2], parts[1::2], strict=True))


def normalised_conv(graph: Graph, x: str, layer: NormalisedConv, affine: Affine | None = None) -> str:
    """Add `layer` as it is: reflection, convolution, instance norm (by `affine`, as in `normalise`), ReLU."""
    conv = layer.conv
    margin = int(conv.padding[0])
    if margin:
        x = reflect(graph, x, margin, margin, margin, margin)
    return normalise(graph, convolve(graph, x, conv.weight, stride=conv.stride[0]), layer.norm, affine)


def view(graph: Graph, x: str, channels: int) -> str:
    """Add `x` 1×C×h×w seen as 1×`channels`×?×w: four phases as one channel, or back; nothing moves in memory."""
    return graph.add("Reshape", x, graph.constant([1, channels, -1, 0]))


def depth_to_space(graph: Graph, x: str, width: int, size: int) -> str:
    """Add what DepthToSpace (CRD) makes of `x`: its width·size² channels of h×w as `width` channels of size·h×size·w.

    By two plain transpositions, of columns and then of rows, which take a third of that node's time. What is between
    them is the same memory seen in other shapes, in which 0 stands for a side that stays and -1 for what is left.
    """
    columns = graph.add("Reshape", x, graph.constant([width * size, size, -1, 0]))
    columns = graph.add("Transpose", columns, perm=[0, 2, 3, 1])
    lines = graph.add("Reshape", columns, graph.constant([0, 0, 1, -1]))
    rows = graph.add("Reshape", lines, graph.constant([width, size, -1, 0]))
    rows = graph.add("Transpose", rows, perm=[0, 2, 1, 3])
    return graph.add("Reshape", rows, graph.constant([1, width, -1, 0]))


def reflect_phases(graph: Graph, x: str, width: int) -> str:
    """Add `x`, the phases of `width` channels, with a cell around it that holds two reflected pixels each way.

    The pixels -1 and -2 mirror 1 and 2: an odd phase repeats its border cell where an even one mirrors the next. At
    the far end it is the other way round.
    """
    for axis, even in EVEN.items():
        mask = graph.constant(torch.tensor(even * width).reshape(1, -1, 1, 1))
        near = graph.add("Where", mask, _cells(graph, x, axis, 1, 2), _cells(graph, x, axis, 0, 1))
        far = graph.add("Where", mask, _cells(graph, x, axis, -1, END), _cells(graph, x, axis, -2, -1))
        x = graph.add("Concat", near, x, far, axis=axis)
    return x


def normalise_inner(graph: Graph, x: str, norm: nn.InstanceNorm2d) -> str:
    """Add ReLU of the instance norm of channels given as phases 1×4C×h×w, but for their last row and column.

    These lie past the border: they are there because phases come in fours, and must not count in the statistics. So
    all pixels are normalised first, to z, and then again by the statistics that z has without the border.
    """
    width = norm.num_features
    one, zero = graph.constant(torch.ones(width)), graph.constant(torch.zeros(width))
    z = graph.add("InstanceNormalization", view(graph, x, width), one, zero, epsilon=norm.eps)
    mean, variance = _inner_statistics(graph, z, width)
    scale, bias = graph.constant(norm.weight), graph.constant(norm.bias)
    inner = graph.add("BatchNormalization", z, scale, bias, mean, variance, epsilon=0.0)
    return view(graph, graph.add("Relu", inner), 4 * width)


def _inner_statistics(graph: Graph, z: str, width: int) -> tuple[str, str]:
    """Add mean and variance (C each) of `z` 1×C×4h×w without its border; eps is in the variance, in the units of z.

    z has mean 0 and mean square v/(v + eps), v being the variance before, so 1 minus that is eps/(v + eps).
    """
    border = _border(graph, view(graph, z, 4 * width), width)
    squares = _sum(graph, graph.add("Reshape", graph.add("Mul", z, z), graph.constant([width, -1])))
    border_squares = _sum(graph, graph.add("Mul", border, border))
    border_sum = _sum(graph, border)
    count = _count(graph, z, width)
    inner_count = graph.add("Sub", count, _count(graph, border, width))
    mean = graph.add("Neg", graph.add("Div", border_sum, inner_count))
    mean_square = graph.add("Div", graph.add("Sub", squares, border_squares), inner_count)
    variance = graph.add("Sub", mean_square, graph.add("Mul", mean, mean))
    eps = graph.add("Sub", graph.constant(1.0), graph.add("Div", squares, count))
    return mean, graph.add("Max", graph.add("Add", variance, eps), graph.constant(ROUNDING))


def _border(graph: Graph, phases: str, width: int) -> str:
    """Add the last row and column of the C channels whose `phases` are given, as C×n."""
    column = graph.add("Reshape", _cells(graph, phases, COLUMNS, -1, END), graph.constant([2 * width, 2, -1]))
    column = graph.add("Reshape", _cells(graph, column, 1, 1, END), graph.constant([width, -1]))
    row = graph.add("Reshape", _cells(graph, phases, ROWS, -1, END), graph.constant([width, 2, -1]))
    row = graph.add("Reshape", _cells(graph, row, 1, 1, END), graph.constant([width, -1]))
    corner_once = _cells(graph, row, 1, 0, -1)
    return graph.add("Concat", column, corner_once, axis=1)


def _sum(graph: Graph, rows: str) -> str:
    """Add the sums of `rows` C×n; of squares, too, as ReduceSumSquare takes longer than Mul and ReduceSum."""
    return graph.add("ReduceSum", rows, graph.constant([1]), keepdims=0)


def _count(graph: Graph, x: str, width: int) -> str:
    """Add the number of values that each of `width` channels has in `x`, as float32."""
    size = graph.add("Cast", graph.add("Size", x), to=onnx.TensorProto.FLOAT)
    return graph.add("Div", size, graph.constant(float(width)))


def _cells(graph: Graph, x: str, axis: int, start: int, end: int) -> str:
    return graph.add("Slice", x, *(graph.constant([number]) for number in (start, end, axis)))
