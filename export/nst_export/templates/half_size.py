"""What the architectures share whose banks paint at half the picture's size."""

from collections.abc import Mapping

from nst_export.templates.graph import Graph, Model, Names
from nst_export.templates.kernels import (
    CELL_PX,
    kernel_to_cells_from_pixels,
    kernel_to_phases,
    repeated,
    subpixel_kernel,
)
from nst_export.templates.layers import Conv, convolve, depth_to_space, normalise, reflect
from nst_export.templates.ports import IMAGE, at_fraction
from nst_runtime.contracts.packs import Form, Painted
from nst_student.networks.detailed import DETAILS, DetailedBank, DetailedDecoder
from nst_student.networks.unet import UNetBank, UNetDecoder

# A pixel hangs on one row more; the graph computes 4×4 pixels at a position, so that strips begin at even rows.
PAINTED = Painted(channels=DETAILS, scale_px=2, overlap=2, step=2)


def half_size_decoder(decoder: DetailedDecoder | UNetDecoder, form: Form, metadata: Mapping[str, str]) -> Model:
    """Return the template of `decoder`: ``painted`` to ``image`` 1×3×H×W clipped to [0, 1].

    Raises ValueError when its convolution is of another size than 5 px.
    """
    layer = decoder.up
    if layer.margins != (1, 1) or layer.bias is None:
        raise ValueError(f"the last convolution must be 5 px wide, with a bias, not {layer.kernel_px} px")
    graph = Graph(Names(decoder, "decoder."), form)
    kernel = kernel_to_cells_from_pixels(graph, subpixel_kernel(graph, layer).value)
    bias = repeated(graph, graph.weight(layer.bias), kernel.phases)
    x = convolve(graph, Conv(reflect(graph, "painted", 1, 1, 1, 1), kernel, stride=2), bias)
    x = graph.add("Clip", x, graph.constant(0.0), graph.constant(1.0))
    x = depth_to_space(graph, x, layer.taps.shape[1], CELL_PX)
    return graph.model([at_fraction("painted", layer.taps.shape[0], 2)], {x: IMAGE}, metadata)


def merge_details(graph: Graph, x: str, bank: DetailedBank | UNetBank) -> str:
    """Add ReLU of the norm of `bank.up` of `x` and `bank.fine` of the details: 1×C×2h×2w of `x` of h×w."""
    before, after = bank.up.margins
    coarse = Conv(reflect(graph, x, before, before, after, after), subpixel_kernel(graph, bank.up))
    kernel = kernel_to_phases(graph, graph.weight(bank.fine.weight), 1)
    fine = Conv(reflect(graph, "details", 1, 1, 1, 1), kernel, stride=2)
    return depth_to_space(graph, normalise(graph, bank.norm, coarse, fine), bank.norm.num_features, 2)
