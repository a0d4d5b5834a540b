"""Kernels of convolutions that compute a 2×2 or 4×4 cell of pixels at once, made from the ones that were trained.

A channel of a picture can be kept as four channels of half the size, its *phases*: those of the pixels (2i, 2j),
(2i, 2j+1), (2i+1, 2j) and (2i+1, 2j+1), in this order, as depth-to-space (CRD) and pixel shuffle have them. A
convolution to or from phases holds the same products as the plain one and zeros besides; it has four times the
channels, which is what processors' vector units want when the plain one has fewer than 16.

Style files keep the kernels as they were trained. The nodes that are added here make the others of them; nothing else
enters them, so that onnxruntime computes them once, when it opens the template.
"""

from dataclasses import dataclass

import torch

from nst_export.templates.graph import Graph, Value
from nst_student.networks.layers import FractionalConv

CELL_PX = 4  # the block size of the depth-to-space that makes a picture of cells


@dataclass(frozen=True)
class Kernel:
    """A convolution's weight C_out×C_in×k×k (C_in of its group), and how many of C_out are phases of one channel."""

    value: Value
    phases: int = 1


def subpixel_kernel(graph: Graph, layer: FractionalConv) -> Kernel:
    """Add the stride-1 kernel 4·C_out×C_in×m×m whose pixel shuffle is `layer`.

    It is linear in the layer's taps, and one matrix makes it of them, whatever a layer's rule is.
    """
    taps = graph.weight(layer.taps)
    width_in, width_out, size = taps.shape[:3]
    matrix = _matrix_of(layer)
    reach = round((matrix.shape[1] // 4) ** 0.5)
    flat = graph.reshape(taps, width_in * width_out, size * size)
    made = Value(graph.add("MatMul", flat.name, graph.constant(matrix)), (width_in * width_out, matrix.shape[1]))
    apart = graph.transpose(graph.reshape(made, width_in, width_out, 4, reach, reach), 1, 2, 0, 3, 4)
    return Kernel(graph.reshape(apart, 4 * width_out, width_in, reach, reach), 4)


def _matrix_of(layer: FractionalConv) -> torch.Tensor:
    """Return taps² × 4·m²: what the stride-1 kernel of one channel is for each tap alone."""
    one = type(layer)(1, 1, layer.kernel_px).double()
    size = one.taps.shape[-1]
    rows = []
    with torch.no_grad():
        for tap in torch.eye(size * size, dtype=torch.float64):
            one.taps.copy_(tap.reshape(1, 1, size, size))
            rows.append(one.subpixel_weight().flatten())
    return torch.stack(rows).float()


def _spread_to_phases(graph: Graph, weight: Value, stride: int) -> Value:
    """Add the kernel, for stride 2·`stride`, whose outputs are the phases of those of `weight` at stride `stride`.

    `weight` is C_out×C_in×k×k; the value added is C_out×4×C_in×(k+stride)×(k+stride), to be reshaped.
    """
    width_out, width_in, size, _ = weight.shape
    small = graph.reshape(weight, width_out, 1, width_in, size, size)
    shifts = [(y, x, stride - y, stride - x) for y in (0, stride) for x in (0, stride)]
    phases = [graph.add("Pad", small.name, graph.constant(_pads(*shift))) for shift in shifts]
    shape = (width_out, 4, width_in, size + stride, size + stride)
    return Value(graph.add("Concat", *phases, axis=1), shape)


def _pads(top: int, left: int, bottom: int, right: int) -> list[int]:
    return [0, 0, 0, top, left, 0, 0, 0, bottom, right]


def kernel_to_phases(graph: Graph, weight: Value, stride: int) -> Kernel:
    """Add the kernel 4·C_out×C_in×(k+stride)×(k+stride), for stride 2·`stride`, that gives the phases of `weight`'s."""
    spread = _spread_to_phases(graph, weight, stride)
    width_out, _, width_in, size, _ = spread.shape
    return Kernel(graph.reshape(spread, 4 * width_out, width_in, size, size), 4)


def kernel_to_cells(graph: Graph, weight: Value) -> Kernel:
    """Add the kernel that takes phases and gives cells of 4×4 pixels, for depth-to-space of block size 4.

    `weight`, 4·C_out×C_in×k×k with k odd, gives the phases of the final picture at stride 1: an output at (p, q) in
    its 2×2 cell. Spread to phases (a, b) of these, it lies at (2a+p, 2b+q) in the 4×4 cell. What it takes is given as
    phases, too. The value added is 16·C_out×4·C_in×(k+1)/2×(k+1)/2.
    """
    width_out, width_in, size = weight.shape[0] // 4, weight.shape[1], (weight.shape[2] + 1) // 2
    out, p, q, a, b, in_, cell_y, y, cell_x, x = range(10)
    spread = _spread_to_phases(graph, weight, 1)
    apart = graph.reshape(spread, width_out, 2, 2, 2, 2, width_in, size, 2, size, 2)
    ordered = graph.transpose(apart, out, a, p, b, q, in_, y, x, cell_y, cell_x)
    return Kernel(graph.reshape(ordered, 16 * width_out, 4 * width_in, size, size), 16)


def kernel_to_cells_from_pixels(graph: Graph, weight: Value) -> Kernel:
    """Add the kernel, for stride 2, that takes plain channels and gives cells of 4×4 pixels.

    `weight`, 4·C_out×C_in×k×k, is as in `kernel_to_cells`; the value added is 16·C_out×C_in×(k+1)×(k+1).
    """
    width_out, width_in, size = weight.shape[0] // 4, weight.shape[1], weight.shape[2] + 1
    out, p, q, a, b, in_, y, x = range(8)
    apart = graph.reshape(_spread_to_phases(graph, weight, 1), width_out, 2, 2, 2, 2, width_in, size, size)
    ordered = graph.transpose(apart, out, a, p, b, q, in_, y, x)
    return Kernel(graph.reshape(ordered, 16 * width_out, width_in, size, size), 16)


def kernel_from_phases(graph: Graph, weight: Value) -> Kernel:
    """Add the kernel, for half the stride, that takes the phases of what `weight`, of even stride, takes.

    `weight` is C_out×C_in×k×k, the value added C_out×4·C_in×⌈k/2⌉×⌈k/2⌉.
    """
    width_out, width_in, size, _ = weight.shape
    half, odd = (size + 1) // 2, size % 2
    if odd:
        weight = Value(graph.add("Pad", weight.name, graph.constant([0, 0, 0, 0, 0, 0, 1, 1])), weight.shape)
    apart = Value(
        graph.add("Reshape", weight.name, graph.constant([width_out, width_in, half, 2, half, 2])),
        (width_out, width_in, half, 2, half, 2),
    )
    ordered = graph.transpose(apart, 0, 1, 3, 5, 2, 4)
    return Kernel(graph.reshape(ordered, width_out, 4 * width_in, half, half))


def repeated(graph: Graph, numbers: Value, times: int) -> Value:
    """Add `numbers` C, each of them `times` times: C·times."""
    if times == 1:
        return numbers
    (count,) = numbers.shape
    column = graph.reshape(numbers, count, 1)
    wide = Value(graph.add("Expand", column.name, graph.constant([count, times])), (count, times))
    return graph.reshape(wide, count * times)
