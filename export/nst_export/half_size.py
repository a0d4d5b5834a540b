"""What the architectures share whose banks paint at half the picture's size."""

from nst_export.graph import Graph, Port
from nst_export.layers import COLUMNS, ROWS, convolve, depth_to_space, normalise, reflect, view
from nst_export.phases import CELL_PX, kernel_to_cells_from_pixels, kernel_to_phases
from nst_export.ports import Metadata, details_port
from nst_student.detailed import DetailedBank, DetailedDecoder
from nst_student.layers import FRAME, FractionalConv
from nst_student.unet import UNetBank, UNetDecoder


def half_size_decoder_model(decoder: DetailedDecoder | UNetDecoder, metadata: Metadata, *, conditional: bool) -> bytes:
    """Return `decoder` as an ONNX model: ``painted`` to ``image`` 1×3×H×W clipped to [0, 1], float32.

    Raises ValueError when it is `conditional`, as it has no norms, or its convolution is of another size than 5 px.
    """
    layer = decoder.up
    if conditional:
        raise ValueError("a decoder without norms takes none from a bank")
    if layer.margins != (1, 1) or layer.bias is None:
        raise ValueError(f"the last convolution must be 5 px wide, with a bias, not {layer.kernel_px} px")
    graph = Graph()
    kernel = kernel_to_cells_from_pixels(graph, layer.subpixel_weight())
    bias = layer.bias.repeat_interleave(CELL_PX**2)
    x = convolve(graph, reflect(graph, "painted", 1, 1, 1, 1), kernel, bias, stride=2)
    x = graph.add("Clip", x, graph.constant(0.0), graph.constant(1.0))
    x = depth_to_space(graph, x, layer.taps.shape[1], CELL_PX)
    return graph.model([details_port("painted", layer.taps.shape[0])], {x: Port("image", 3, "H", "W")}, metadata)


def merge_details(graph: Graph, x: str, bank: DetailedBank | UNetBank) -> str:
    """Add ReLU of the norm of `bank.up` of `x` and `bank.fine` of the details: 1×C×2h×2w of `x` of h×w."""
    width = bank.norm.num_features
    coarse = _fractional(graph, x, bank.up)
    kernel = kernel_to_phases(graph, bank.fine.weight, 1)
    fine = convolve(graph, reflect(graph, "details", 1, 1, 1, 1), kernel, stride=2)
    x = normalise(graph, view(graph, graph.add("Add", coarse, fine), width), bank.norm)
    return depth_to_space(graph, x, width, 2)


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
