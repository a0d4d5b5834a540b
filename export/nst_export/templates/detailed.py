"""The templates of the detailed architecture: features at a quarter of the picture's size, details at half of it."""

from collections.abc import Mapping

from nst_export.templates.graph import Graph, Model, Names
from nst_export.templates.half_size import merge_details
from nst_export.templates.layers import normalised_conv
from nst_export.templates.ports import IMAGE, at_fraction
from nst_runtime.contracts.packs import Form
from nst_student.networks.detailed import DETAILS, FEATURES, DetailedBank, DetailedEncoder
from nst_student.networks.layers import NormalisedConv


def detailed_encoder(encoder: DetailedEncoder, form: Form, metadata: Mapping[str, str]) -> Model:
    """Return the template of `encoder`: ``image`` 1×3×H×W in [0, 1] to ``features`` and ``details``."""
    graph = Graph(Names(encoder, "encoder."), form)
    details = normalised_conv(graph, "image", encoder.down1)
    features = normalised_conv(graph, details, encoder.down2)
    outputs = {features: at_fraction("features", FEATURES, 4), details: at_fraction("details", DETAILS, 2)}
    return graph.model([IMAGE], outputs, metadata)


def detailed_bank(bank: DetailedBank, form: Form, metadata: Mapping[str, str]) -> Model:
    """Return the template of `bank`: ``features`` and ``details`` to ``painted``, which has the details' shape."""
    graph = Graph(Names(bank), form)
    x = "features"
    for layer in bank.layers:
        if isinstance(layer, NormalisedConv):
            x = normalised_conv(graph, x, layer)
    x = normalised_conv(graph, merge_details(graph, x, bank), bank.last)
    inputs = [at_fraction("features", FEATURES, 4), at_fraction("details", DETAILS, 2)]
    return graph.model(inputs, {x: at_fraction("painted", DETAILS, 2)}, metadata)
