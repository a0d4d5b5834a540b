"""The graphs of the detailed architecture: features at a quarter of the picture's size, details at half of it."""

from nst_export.graph import Graph, Port
from nst_export.half_size import merge_details
from nst_export.layers import normalised_conv
from nst_export.ports import Metadata, details_port, features_port
from nst_student.detailed import DETAILS, FEATURES, DetailedBank, DetailedEncoder
from nst_student.layers import NormalisedConv


def detailed_encoder_model(encoder: DetailedEncoder, metadata: Metadata) -> bytes:
    """Return `encoder` as an ONNX model: ``image`` 1×3×H×W in [0, 1] to ``features`` and ``details``, float32."""
    graph = Graph()
    details = normalised_conv(graph, "image", encoder.down1)
    features = normalised_conv(graph, details, encoder.down2)
    exits = {features: features_port("features", FEATURES), details: details_port("details", DETAILS)}
    return graph.model([Port("image", 3, "H", "W")], exits, metadata)


def detailed_bank_model(bank: DetailedBank, metadata: Metadata) -> bytes:
    """Return `bank` as an ONNX model: ``features`` and ``details`` to ``painted``, which has the details' shape."""
    graph = Graph()
    x = "features"
    for layer in bank.layers:
        if isinstance(layer, NormalisedConv):
            x = normalised_conv(graph, x, layer)
    x = normalised_conv(graph, merge_details(graph, x, bank), bank.last)
    entries = [features_port("features", FEATURES), details_port("details", DETAILS)]
    return graph.model(entries, {x: details_port("painted", DETAILS)}, metadata)
