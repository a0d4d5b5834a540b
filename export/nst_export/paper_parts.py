"""The graphs of the paper's architecture in their cheapest exact form.

What ships is not what was trained, layer by layer, but computes the same to rounding:

- a convolution of fractional stride is a plain one, then depth-to-space;
- the first convolution and the last, which have 8 and 3 channels at many pixels, compute 2×2 and 4×4 pixels at a time
  (`nst_export.phases`), and what lies between them and the next convolution works on phases as they are;
- pixels are clipped before the depth-to-space, where the clip is a part of the convolution.

On one core the last two take 0.9 of the time of the first alone with AVX-512, 0.95 with AVX2.
"""

from nst_export.graph import Gate, Graph, Numbers, Port
from nst_export.layers import (
    Affine,
    convolve,
    depth_to_space,
    normalise,
    normalise_inner,
    normalised_conv,
    reflect,
    reflect_phases,
    slice_affines,
    view,
)
from nst_export.phases import CELL_PX, kernel_from_phases, kernel_to_cells, kernel_to_phases
from nst_export.ports import Metadata, features_port
from nst_student.layers import FractionalConv, NormalisedConv
from nst_student.paper import ENCODER_MARGIN, PaperBank, PaperDecoder, PaperEncoder


def paper_encoder_model(encoder: PaperEncoder, metadata: Metadata) -> bytes:
    """Return `encoder` as an ONNX model: ``image`` 1×3×H×W in [0, 1] to ``features`` 1×C×H/4×W/4, float32.

    The first convolution gives phases, whose last row and column lie past the border; the second ignores these.
    """
    graph = Graph()
    left, right, top, bottom = ENCODER_MARGIN
    first, second = encoder.down1.conv, encoder.down2.conv
    stride = first.stride[0]
    x = reflect(graph, "image", top, left, bottom + stride, right + stride)
    x = convolve(graph, x, kernel_to_phases(graph, first.weight, stride), stride=2 * stride)
    x = normalise_inner(graph, x, encoder.down1.norm)
    x = normalise(graph, convolve(graph, x, kernel_from_phases(second.weight)), encoder.down2.norm)
    x = normalised_conv(graph, x, encoder.conv3)
    width = encoder.conv3.conv.out_channels
    return graph.model([Port("image", 3, "H", "W")], {x: features_port("features", width)}, metadata)


def paper_bank_model(bank: PaperBank, metadata: Metadata) -> bytes:
    """Return `bank` as an ONNX model: ``features`` 1×C×h×w to ``stylised`` of the same shape, float32.

    A bank that has the decoder's norms gives these as ``norms``, a vector that depends on nothing.
    """
    graph = Graph()
    layers = [layer for layer in bank.layers if isinstance(layer, NormalisedConv)]
    x = "features"
    for layer in layers:
        x = normalised_conv(graph, x, layer)
    width = layers[-1].conv.out_channels
    exits: dict[str, Gate] = {x: features_port("stylised", width)}
    if bank.norms is not None:
        exits[graph.add("Identity", graph.constant(bank.norms))] = Numbers("norms", bank.norms.numel())
    return graph.model([features_port("features", width)], exits, metadata)


def paper_decoder_model(decoder: PaperDecoder, metadata: Metadata, *, conditional: bool) -> bytes:
    """Return `decoder` as an ONNX model: ``features`` 1×C×h×w to ``image`` 1×3×4h×4w clipped to [0, 1], float32.

    If it is `conditional`, it also takes a bank's ``norms``, in place of its own.
    """
    graph = Graph()
    up2 = decoder.up2
    entries: list[Gate] = [features_port("features", decoder.conv1.conv.in_channels)]
    first: Affine | None = None
    second: Affine | None = None
    if conditional:
        entries.append(Numbers("norms", sum(decoder.norms_sizes)))
        first, second = slice_affines(graph, "norms", [size // 2 for size in decoder.norms_sizes])
    x = normalised_conv(graph, "features", decoder.conv1, first)
    before, after = up2.margins
    x = convolve(graph, reflect(graph, x, before, before, after, after), up2.subpixel_weight())
    width = decoder.norm2.num_features
    x = view(graph, normalise(graph, view(graph, x, width), decoder.norm2, second), 4 * width)
    x = _last_convolution(graph, reflect_phases(graph, x, width), decoder.up3)
    x = graph.add("Clip", x, graph.constant(0.0), graph.constant(1.0))
    x = depth_to_space(graph, x, decoder.up3.taps.shape[1], CELL_PX)
    return graph.model(entries, {x: Port("image", 3, "H", "W")}, metadata)


def _last_convolution(graph: Graph, x: str, layer: FractionalConv) -> str:
    """Add `layer`, from phases with a cell of margin to the 16 pixels of each cell."""
    if layer.margins != (2, 2) or layer.bias is None:
        raise ValueError(f"the last convolution must be 9 px wide, with a bias, not {layer.kernel_px} px")
    kernel = kernel_to_cells(graph, layer.subpixel_weight())
    return convolve(graph, x, kernel, layer.bias.repeat_interleave(CELL_PX**2))
