"""Weights of convolutions that compute a 2×2 cell of pixels at once.

A channel of a picture can be kept as four channels of half the size, its *phases*: those of the pixels (2i, 2j),
(2i, 2j+1), (2i+1, 2j) and (2i+1, 2j+1), in this order, as depth-to-space (CRD) and pixel shuffle have them. A
convolution to or from phases holds the same products as the plain one and zeros besides; it has four times the
channels, which is what processors' vector units want when the plain one has fewer than 16.

The large kernels are kept in the file as they were trained and spread out by nodes, which onnxruntime folds into
constants when it opens the graph: in the paper's widths a codec of 80 kB instead of 164.
"""

import torch
from torch.nn import functional as F

from nst_export.graph import Graph

CELL_PX = 4  # the block size of the depth-to-space that makes a picture of cells


def spread_to_phases(graph: Graph, weight: torch.Tensor, stride: int) -> str:
    """Add the kernel, for stride 2·`stride`, whose outputs are the phases of those of `weight` at stride `stride`.

    `weight` is C_out×C_in×k×k; the value added is C_out×4×C_in×(k+stride)×(k+stride), to be reshaped.
    """
    small = graph.constant(weight.unsqueeze(1))
    shifts = [(y, x, stride - y, stride - x) for y in (0, stride) for x in (0, stride)]
    phases = [graph.add("Pad", small, graph.constant(_pads(*shift))) for shift in shifts]
    return graph.add("Concat", *phases, axis=1)


def _pads(top: int, left: int, bottom: int, right: int) -> list[int]:
    return [0, 0, 0, top, left, 0, 0, 0, bottom, right]


def kernel_to_phases(graph: Graph, weight: torch.Tensor, stride: int) -> str:
    """Add the kernel 4·C_out×C_in×(k+stride)×(k+stride) that gives phases; see `spread_to_phases`."""
    width_out, width_in, size, _ = weight.shape
    shape = [4 * width_out, width_in, size + stride, size + stride]
    return graph.add("Reshape", spread_to_phases(graph, weight, stride), graph.constant(shape))


def kernel_to_cells(graph: Graph, weight: torch.Tensor) -> str:
    """Add the kernel that takes phases and gives cells of 4×4 pixels, for depth-to-space of block size 4.

    `weight`, 4·C_out×C_in×k×k with k odd, gives the phases of the final picture at stride 1: an output at (p, q) in
    its 2×2 cell. Spread to phases (a, b) of these, it lies at (2a+p, 2b+q) in the 4×4 cell. What it takes is given as
    phases, too. The value added is 16·C_out×4·C_in×(k+1)/2×(k+1)/2.
    """
    width_out, width_in, size = weight.shape[0] // 4, weight.shape[1], (weight.shape[2] + 1) // 2
    out, p, q, a, b, in_, cell_y, y, cell_x, x = range(10)
    axes = [width_out, 2, 2, 2, 2, width_in, size, 2, size, 2]
    apart = graph.add("Reshape", spread_to_phases(graph, weight, 1), graph.constant(axes))
    order = [out, a, p, b, q, in_, y, x, cell_y, cell_x]
    shape = [16 * width_out, 4 * width_in, size, size]
    return graph.add("Reshape", graph.add("Transpose", apart, perm=order), graph.constant(shape))


def kernel_to_cells_from_pixels(graph: Graph, weight: torch.Tensor) -> str:
    """Add the kernel, for stride 2, that takes plain channels and gives cells of 4×4 pixels.

    `weight`, 4·C_out×C_in×k×k, is as in `kernel_to_cells`; the value added is 16·C_out×C_in×(k+1)×(k+1).
    """
    width_out, width_in, size = weight.shape[0] // 4, weight.shape[1], weight.shape[2] + 1
    out, p, q, a, b, in_, y, x = range(8)
    apart = graph.add(
        "Reshape", spread_to_phases(graph, weight, 1), graph.constant([width_out, 2, 2, 2, 2, width_in, size, size])
    )
    ordered = graph.add("Transpose", apart, perm=[out, a, p, b, q, in_, y, x])
    return graph.add("Reshape", ordered, graph.constant([16 * width_out, width_in, size, size]))


def kernel_from_phases(weight: torch.Tensor) -> torch.Tensor:
    """Return the kernel, for half the stride, that takes the phases of what `weight`, of even stride, takes.

    `weight` is C_out×C_in×k×k, the result C_out×4·C_in×⌈k/2⌉×⌈k/2⌉.
    """
    odd = weight.shape[-1] % 2
    return F.pixel_unshuffle(F.pad(weight, (0, odd, 0, odd)), 2)
