"""The graphs of the detailed architecture: features at a quarter of the picture's size, details at half of it."""

from nst_export.graph import Graph, Port
from nst_export.layers import COLUMNS, ROWS, convolve, normalise, normalised_conv, reflect, view
from nst_export.phases import kernel_to_cells_from_pixels, kernel_to_phases
from nst_export.ports import Metadata, features_port
from nst_student.detailed import DETAILS, FEATURES, DetailedBank, DetailedDecoder, DetailedEncoder
from nst_student.layers import FRAME, FractionalConv, NormalisedConv
from nst_student.network import MULTIPLE_PX


def detailed_encoder_model(encoder: DetailedEncoder, metadata: Metadata) -> bytes:
    """Return `encoder` as an ONNX model: ``image`` 1×3×H×W in [0, 1] to ``features`` and ``details``, float32."""
    graph = Graph()
    details = normalised_conv(graph, "image", encoder.down1)
    features = normalised_conv(graph, details, encoder.down2)
    exits = {features: features_port("features", FEATURES), details: _details_port("details")}
    return graph.model([Port("image", 3, "H", "W")], exits, metadata)


def detailed_bank_model(bank: DetailedBank, metadata: Metadata) -> bytes:
    """Return `bank` as an ONNX model: ``features`` and ``details`` to ``painted``, which has the details' shape."""
    graph = Graph()
    x = "features"
    for layer in bank.layers:
        if isinstance(layer, NormalisedConv):
            x = normalised_conv(graph, x, layer)
    coarse = _fractional(graph, x, bank.up)
    kernel = kernel_to_phases(graph, bank.fine.weight, 1)
    fine = convolve(graph, reflect(graph, "details", 1, 1, 1, 1), kernel, stride=2)
    x = normalise(graph, view(graph, graph.add("Add", coarse, fine), DETAILS), bank.norm)
    x = graph.add("DepthToSpace", view(graph, x, 4 * DETAILS), blocksize=2, mode="CRD")
    x = normalised_conv(graph, x, bank.last)
    entries = [features_port("features", FEATURES), _details_port("details")]
    return graph.model(entries, {x: _details_port("painted")}, metadata)


def detailed_decoder_model(decoder: DetailedDecoder, metadata: Metadata) -> bytes:
    """Return `decoder` as an ONNX model: ``painted`` to ``image`` 1×3×H×W clipped to [0, 1], float32."""
    graph = Graph()
    layer = decoder.up
    if layer.margins != (1, 1) or layer.bias is None:
        raise ValueError(f"the last convolution must be 5 px wide, with a bias, not {layer.kernel_px} px")
    kernel = kernel_to_cells_from_pixels(graph, layer.subpixel_weight())
    bias = layer.bias.repeat_interleave(MULTIPLE_PX**2)
    x = convolve(graph, reflect(graph, "painted", 1, 1, 1, 1), kernel, bias, stride=2)
    x = graph.add("Clip", x, graph.constant(0.0), graph.constant(1.0))
    x = graph.add("DepthToSpace", x, blocksize=MULTIPLE_PX, mode="CRD")
    return graph.model([_details_port("painted")], {x: Port("image", 3, "H", "W")}, metadata)


def _fractional(graph: Graph, x: str, layer: FractionalConv) -> str:
    """Add `layer` but for its depth-to-space: the phases 1×4·C_out×h×w of its output.

    The kernel is kept as it was trained, and put into its stride-1 form by nodes that are computed when the graph is
    opened.
    """
    rows = layer.phase_rows()
    width_in, width_out = layer.weight.shape[:2]
    left, right, top, bottom = FRAME
    frame = graph.constant([0, 0, top, left, 0, 0, bottom, right])
    grid = graph.add("Pad", graph.constant(layer.weight), frame)
    size, picks = rows.shape[1], graph.constant(rows.flatten().tolist())
    picked = graph.add("Gather", graph.add("Gather", grid, picks, axis=ROWS), picks, axis=COLUMNS)
    apart = graph.add("Reshape", picked, graph.constant([width_in, width_out, 2, size, 2, size]))
    ordered = graph.add("Transpose", apart, perm=[1, 2, 4, 0, 3, 5])
    kernel = graph.add("Reshape", ordered, graph.constant([4 * width_out, width_in, size, size]))
    before, after = layer.margins
    return convolve(graph, reflect(graph, x, before, before, after, after), kernel)


def _details_port(name: str) -> Port:
    return Port(name, DETAILS, "2h", "2w")
