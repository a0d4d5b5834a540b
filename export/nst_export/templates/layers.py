"""The layers of the student as few and cheap ONNX nodes, in each of the forms that templates have."""

from collections.abc import Sequence
from dataclasses import dataclass

import onnx
import torch
from torch import nn

from nst_export.templates.graph import Graph, Value
from nst_export.templates.kernels import Kernel, repeated
from nst_runtime.contracts.packs import Norm, Port
from nst_student.networks.layers import NormalisedConv

ROWS, COLUMNS = 2, 3
END = 2**62
# Where the border outweighs all else, float32 leaves nothing of a smaller variance.
ROUNDING = 1e-7
# Which of a channel's four phases hold even rows, and even columns.
EVEN = {ROWS: (True, True, False, False), COLUMNS: (True, False, True, False)}


@dataclass(frozen=True)
class Conv:
    """A convolution without padding, of the value `x` by `kernel`."""

    x: str
    kernel: Kernel
    stride: int = 1
    groups: int = 1


@dataclass(frozen=True)
class Affine:
    """Where the scales and biases of a norm are, if not its own: numbers of the input `port`, from these places on.

    A style's file has them as `tensor`.
    """

    port: str
    tensor: str
    scale_start: int
    bias_start: int


def reflect(graph: Graph, x: str, top: int, left: int, bottom: int, right: int) -> str:
    """Add `x` with that many reflected pixels around it."""
    return graph.add("Pad", x, graph.constant([0, 0, top, left, 0, 0, bottom, right]), mode="reflect")


def padded_conv(graph: Graph, x: str, conv: nn.Conv2d) -> Conv:
    """Return `conv` of `x`, to which its reflected margin is added, if it has one."""
    margin = int(conv.padding[0])
    if margin:
        x = reflect(graph, x, margin, margin, margin, margin)
    return Conv(x, Kernel(graph.weight(conv.weight)), conv.stride[0], conv.groups)


def convolve(graph: Graph, conv: Conv, bias: Value | None = None) -> str:
    """Add `conv`, perhaps with a `bias` of C_out numbers."""
    values = [conv.kernel.value.name, *([] if bias is None else [bias.name])]
    return graph.add("Conv", conv.x, *values, strides=[conv.stride, conv.stride], group=conv.groups)


def normalise(graph: Graph, norm: nn.InstanceNorm2d, *convs: Conv, affine: Affine | None = None) -> str:
    """Add ReLU of the instance norm of the sum of `convs`; phases of a channel count as one channel, and stay apart.

    *direct*: the norm itself, by its own scales and biases or by those of `affine`. *staged*: a·x + b with a and b as
    inputs, x being an output. *folded*: a is in the kernels and b is the last convolution's bias.
    """
    width, phases = norm.num_features, convs[0].kernel.phases
    entry = _enter(graph, norm, affine)
    if graph.form == "folded":
        a, b = (graph.weight_named(f"{entry.name}.{letter}", (width,)) for letter in "ab")
        folded = [Conv(c.x, _scaled(graph, c.kernel, a), c.stride, c.groups) for c in convs]
        biases = [None] * (len(folded) - 1) + [repeated(graph, b, phases)]
        return graph.add("Relu", _sum_of(graph, folded, biases))
    x = _sum_of(graph, convs, [None] * len(convs))
    if phases > 1:
        x = view(graph, x, width)
    x = graph.add("Relu", _staged(graph, x, entry) if graph.form == "staged" else _direct(graph, x, norm, affine))
    return view(graph, x, phases * width) if phases > 1 else x


def normalised_conv(graph: Graph, x: str, layer: NormalisedConv, affine: Affine | None = None) -> str:
    """Add `layer` as it is: reflection, convolution, instance norm (by `affine`, as in `normalise`), ReLU."""
    return normalise(graph, layer.norm, padded_conv(graph, x, layer.conv), affine=affine)


def _enter(graph: Graph, norm: nn.InstanceNorm2d, affine: Affine | None) -> Norm:
    """Write the norm down for the manifest."""
    scale, bias = (graph.names.of(norm.weight), graph.names.of(norm.bias)) if affine is None else [affine.tensor] * 2
    starts = (0, 0) if affine is None else (affine.scale_start, affine.bias_start)
    entry = Norm(graph.names.of(norm), norm.num_features, norm.eps, scale, bias, *starts)
    graph.norms.append(entry)
    return entry


def _sum_of(graph: Graph, convs: Sequence[Conv], biases: Sequence[Value | None]) -> str:
    x, *others = [convolve(graph, conv, bias) for conv, bias in zip(convs, biases, strict=True)]
    for other in others:
        x = graph.add("Add", x, other)
    return x


def _scaled(graph: Graph, kernel: Kernel, a: Value) -> Kernel:
    """Add `kernel` with its output channels times `a`, all phases of a channel alike."""
    (width,) = a.shape
    shape = kernel.value.shape
    rows = graph.reshape(kernel.value, width, -1)
    product = graph.add("Mul", rows.name, graph.reshape(a, width, 1).name)
    return Kernel(graph.reshape(Value(product, (width, -1)), *shape), kernel.phases)


def _direct(graph: Graph, x: str, norm: nn.InstanceNorm2d, affine: Affine | None) -> str:
    if affine is None:
        scale, bias = graph.weight(norm.weight).name, graph.weight(norm.bias).name
    else:
        starts = affine.scale_start, affine.bias_start
        scale, bias = (cells(graph, affine.port, 0, start, start + norm.num_features) for start in starts)
    return graph.add("InstanceNormalization", x, scale, bias, epsilon=norm.eps)


def _staged(graph: Graph, x: str, entry: Norm) -> str:
    graph.more_outputs[x] = Port(f"{entry.name}.x", (1, entry.channels, f"{entry.name}.h", f"{entry.name}.w"))
    factors = []
    for letter in "ab":
        graph.more_inputs.append(Port(f"{entry.name}.{letter}", (entry.channels,)))
        shape = graph.constant([1, entry.channels, 1, 1])
        factors.append(graph.add("Reshape", f"{entry.name}.{letter}", shape))
    return graph.add("Add", graph.add("Mul", x, factors[0]), factors[1])


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
        near = graph.add("Where", mask, cells(graph, x, axis, 1, 2), cells(graph, x, axis, 0, 1))
        far = graph.add("Where", mask, cells(graph, x, axis, -1, END), cells(graph, x, axis, -2, -1))
        x = graph.add("Concat", near, x, far, axis=axis)
    return x


def normalise_inner(graph: Graph, x: str, norm: nn.InstanceNorm2d) -> str:
    """Add ReLU of the instance norm of channels given as phases 1×4C×h×w, but for their last row and column.

    These lie past the border: they are there because phases come in fours, and must not count in the statistics. So
    all pixels are normalised first, to z, and then again by the statistics that z has without the border. For the
    *direct* form alone.
    """
    width = norm.num_features
    _enter(graph, norm, None)
    one, zero = graph.constant(torch.ones(width)), graph.constant(torch.zeros(width))
    z = graph.add("InstanceNormalization", view(graph, x, width), one, zero, epsilon=norm.eps)
    mean, variance = _inner_statistics(graph, z, width)
    scale, bias = graph.weight(norm.weight).name, graph.weight(norm.bias).name
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
    column = graph.add("Reshape", cells(graph, phases, COLUMNS, -1, END), graph.constant([2 * width, 2, -1]))
    column = graph.add("Reshape", cells(graph, column, 1, 1, END), graph.constant([width, -1]))
    row = graph.add("Reshape", cells(graph, phases, ROWS, -1, END), graph.constant([width, 2, -1]))
    row = graph.add("Reshape", cells(graph, row, 1, 1, END), graph.constant([width, -1]))
    corner_once = cells(graph, row, 1, 0, -1)
    return graph.add("Concat", column, corner_once, axis=1)


def _sum(graph: Graph, rows: str) -> str:
    """Add the sums of `rows` C×n; of squares, too, as ReduceSumSquare takes longer than Mul and ReduceSum."""
    return graph.add("ReduceSum", rows, graph.constant([1]), keepdims=0)


def _count(graph: Graph, x: str, width: int) -> str:
    """Add the number of values that each of `width` channels has in `x`, as float32."""
    size = graph.add("Cast", graph.add("Size", x), to=onnx.TensorProto.FLOAT)
    return graph.add("Div", size, graph.constant(float(width)))


def cells(graph: Graph, x: str, axis: int, start: int, end: int) -> str:
    """Add the part of `x` from `start` to `end` along `axis`."""
    return graph.add("Slice", x, *(graph.constant([number]) for number in (start, end, axis)))
