"""The templates of the paper's architecture in their cheapest exact form.

What ships is not what was trained, layer by layer, but computes the same to rounding:

- a convolution of fractional stride is a plain one, then depth-to-space;
- the first convolution and the last, which have 8 and 3 channels at many pixels, compute 2×2 and 4×4 pixels at a time
  (`nst_export.templates.kernels`), and what lies between them and the next convolution works on phases as they are;
- pixels are clipped before the depth-to-space, where the clip is a part of the convolution.

On one core the last two take 0.9 of the time of the first alone with AVX-512, 0.95 with AVX2.
"""

from collections.abc import Mapping

from nst_export.templates.graph import Graph, Model, Names, Value
from nst_export.templates.kernels import (
    CELL_PX,
    kernel_from_phases,
    kernel_to_cells,
    kernel_to_phases,
    repeated,
    subpixel_kernel,
)
from nst_export.templates.layers import (
    Affine,
    Conv,
    convolve,
    depth_to_space,
    normalise,
    normalise_inner,
    normalised_conv,
    reflect,
    reflect_phases,
)
from nst_export.templates.ports import IMAGE, at_fraction
from nst_runtime.contracts.packs import Form, Painted, Port
from nst_student.networks.layers import FractionalConv, NormalisedConv
from nst_student.networks.paper import ENCODER_MARGIN, WIDTHS, PaperBank, PaperDecoder, PaperEncoder

NORMS_PORT = "decoder_norms"
PAINTED = Painted(channels=WIDTHS[-1], scale_px=4, overlap=4, step=1)


def paper_encoder(encoder: PaperEncoder, form: Form, metadata: Mapping[str, str]) -> Model:
    """Return the template of `encoder`: ``image`` 1×3×H×W in [0, 1] to ``features`` 1×C×H/4×W/4.

    In the *direct* form the first convolution gives phases, whose last row and column lie past the border; the second
    ignores these. Where statistics come from outside, there is no norm to keep them out of, and it is a plain one.
    """
    graph = Graph(Names(encoder, "encoder."), form)
    left, right, top, bottom = ENCODER_MARGIN
    if form == "direct":
        x = _first_two_by_phases(graph, encoder)
    else:
        framed = reflect(graph, "image", top, left, bottom, right)
        x = normalised_conv(graph, normalised_conv(graph, framed, encoder.down1), encoder.down2)
    x = normalised_conv(graph, x, encoder.conv3)
    return graph.model([IMAGE], {x: at_fraction("features", encoder.conv3.conv.out_channels, 4)}, metadata)


def _first_two_by_phases(graph: Graph, encoder: PaperEncoder) -> str:
    left, right, top, bottom = ENCODER_MARGIN
    first, second = encoder.down1.conv, encoder.down2.conv
    stride = first.stride[0]
    x = reflect(graph, "image", top, left, bottom + stride, right + stride)
    kernel = kernel_to_phases(graph, graph.weight(first.weight), stride)
    x = normalise_inner(graph, convolve(graph, Conv(x, kernel, 2 * stride)), encoder.down1.norm)
    return normalise(graph, encoder.down2.norm, Conv(x, kernel_from_phases(graph, graph.weight(second.weight))))


def paper_bank(bank: PaperBank, form: Form, metadata: Mapping[str, str]) -> Model:
    """Return the template of `bank`: ``features`` 1×C×h×w to ``stylised`` of the same shape.

    A bank that has the decoder's norms gives these as NORMS_PORT, a vector that depends on nothing.
    """
    graph = Graph(Names(bank), form)
    layers = [layer for layer in bank.layers if isinstance(layer, NormalisedConv)]
    x = "features"
    for layer in layers:
        x = normalised_conv(graph, x, layer)
    width = layers[-1].conv.out_channels
    outputs = {x: at_fraction("stylised", width, 4)}
    if bank.norms is not None:
        vector = graph.weight(bank.norms)
        outputs[graph.add("Identity", vector.name)] = Port(NORMS_PORT, vector.shape)
    return graph.model([at_fraction("features", width, 4)], outputs, metadata)


def paper_decoder(decoder: PaperDecoder, form: Form, metadata: Mapping[str, str]) -> Model:
    """Return the template of `decoder`: ``features`` 1×C×h×w to ``image`` 1×3×4h×4w clipped to [0, 1]."""
    return _decoder(decoder, form, metadata, None, None)


def conditional_decoder(decoder: PaperDecoder, form: Form, metadata: Mapping[str, str]) -> Model:
    """Return the template of a `decoder` that takes a bank's scales and biases in place of its own.

    Where statistics come from outside, the bank's scales and biases are in a and b.
    """
    first, second = (size // 2 for size in decoder.norms_sizes)
    affines = Affine(NORMS_PORT, "norms", 0, first), Affine(NORMS_PORT, "norms", 2 * first, 2 * first + second)
    return _decoder(decoder, form, metadata, *affines)


def _decoder(
    decoder: PaperDecoder, form: Form, metadata: Mapping[str, str], first: Affine | None, second: Affine | None
) -> Model:
    graph = Graph(Names(decoder, "decoder."), form)
    inputs = [at_fraction("features", decoder.conv1.conv.in_channels, 4)]
    if first is not None and form == "direct":
        inputs.append(Port(NORMS_PORT, (sum(decoder.norms_sizes),)))
    x = normalised_conv(graph, "features", decoder.conv1, first)
    before, after = decoder.up2.margins
    wide = Conv(reflect(graph, x, before, before, after, after), subpixel_kernel(graph, decoder.up2))
    x = normalise(graph, decoder.norm2, wide, affine=second)
    x = _last_convolution(graph, reflect_phases(graph, x, decoder.norm2.num_features), decoder.up3)
    x = graph.add("Clip", x, graph.constant(0.0), graph.constant(1.0))
    x = depth_to_space(graph, x, decoder.up3.taps.shape[1], CELL_PX)
    return graph.model(inputs, {x: IMAGE}, metadata)


def _last_convolution(graph: Graph, x: str, layer: FractionalConv) -> str:
    """Add `layer`, from phases with a cell of margin to the 16 pixels of each cell."""
    if layer.margins != (2, 2) or layer.bias is None:
        raise ValueError(f"the last convolution must be 9 px wide, with a bias, not {layer.kernel_px} px")
    kernel = kernel_to_cells(graph, subpixel_kernel(graph, layer).value)
    bias: Value = repeated(graph, graph.weight(layer.bias), kernel.phases)
    return convolve(graph, Conv(x, kernel), bias)
