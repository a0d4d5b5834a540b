"""The graphs of the architecture whose banks are small U-Nets: at a half, a quarter and an eighth of the size."""

import torch
from torch import nn

from nst_export.graph import Graph, Port
from nst_export.half_size import merge_details
from nst_export.layers import convolve, normalise, normalised_conv, reflect
from nst_export.ports import Metadata, details_port, features_port
from nst_student.unet import SeparableConv, UNetBank, UNetEncoder


def unet_encoder_model(encoder: UNetEncoder, metadata: Metadata) -> bytes:
    """Return `encoder` as an ONNX model: ``image`` 1×3×H×W in [0, 1] to ``features`` and ``details``, float32."""
    graph = Graph()
    details = graph.add("Relu", _conv(graph, "image", encoder.down1))
    features = normalised_conv(graph, details, encoder.down2)
    exits = {
        features: features_port("features", encoder.down2.conv.out_channels),
        details: details_port("details", encoder.down1.out_channels),
    }
    return graph.model([Port("image", 3, "H", "W")], exits, metadata)


def unet_bank_model(bank: UNetBank, metadata: Metadata) -> bytes:
    """Return `bank` as an ONNX model: ``features`` and ``details`` to ``painted``, which has the details' shape."""
    graph = Graph()
    deep = normalised_conv(graph, "features", bank.down)
    for block in bank.blocks:
        if not isinstance(block, SeparableConv):
            raise TypeError(f"a block must be a separable convolution, not {type(block).__name__}")
        deep = graph.add("Add", deep, _separable_conv(graph, deep, block))
    rise = _twice_as_large(graph, convolve(graph, deep, bank.rise.weight))
    merged = _separable_conv(graph, graph.add("Add", "features", rise), bank.merge)
    last = normalised_conv(graph, merge_details(graph, merged, bank), bank.last)
    painted = _add_skip(graph, last, bank.skip)
    details = bank.skip.in_channels
    entries = [features_port("features", bank.down.conv.in_channels), details_port("details", details)]
    return graph.model(entries, {painted: details_port("painted", details)}, metadata)


def _conv(graph: Graph, x: str, conv: nn.Conv2d) -> str:
    """Add `conv`, with a reflected margin if it has one."""
    margin = int(conv.padding[0])
    if margin:
        x = reflect(graph, x, margin, margin, margin, margin)
    bias = () if conv.bias is None else (conv.bias,)
    return convolve(graph, x, conv.weight, *bias, stride=conv.stride[0], groups=conv.groups)


def _separable_conv(graph: Graph, x: str, layer: SeparableConv) -> str:
    """Add `layer`: each channel by itself, all of them, instance norm, ReLU."""
    x = _conv(graph, x, layer.depthwise)
    return normalise(graph, _conv(graph, x, layer.pointwise), layer.norm)


def _twice_as_large(graph: Graph, x: str) -> str:
    """Add `x` 1×C×h×w with each value as 2×2 pixels, 1×C×2h×2w.

    With the rounding `floor`, which changes nothing here, onnxruntime does it in the layout that convolutions use.
    """
    scales = graph.constant(torch.tensor([1.0, 1.0, 2.0, 2.0]))
    how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return graph.add("Resize", x, "", scales, **how)


def _add_skip(graph: Graph, x: str, skip: nn.Conv2d) -> str:
    """Add `x` 1×C×2h×2w and `skip`, a 1×1 convolution, of the details.

    As one product of matrices: a convolution of 8 channels works on 16 where vectors are that long.
    """
    rows = graph.constant([skip.in_channels, -1])
    details, lines = graph.add("Reshape", "details", rows), graph.add("Reshape", x, rows)
    product = graph.add("Gemm", graph.constant(skip.weight.flatten(1)), details, lines)
    return graph.add("Reshape", product, graph.add("Shape", "details"))
