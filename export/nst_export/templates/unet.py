"""The templates of the architecture whose banks are small U-Nets: at a half, a quarter and an eighth of the size."""

from collections.abc import Mapping

import torch
from torch import nn

from nst_export.templates.graph import Graph, Model, Names
from nst_export.templates.half_size import merge_details
from nst_export.templates.layers import convolve, normalise, normalised_conv, padded_conv
from nst_export.templates.ports import IMAGE, at_fraction
from nst_runtime.contracts.packs import Form
from nst_student.networks.layers import NormalisedConv
from nst_student.networks.unet import Halving, SeparableConv, UNetBank, UNetEncoder


def unet_encoder(encoder: UNetEncoder, form: Form, metadata: Mapping[str, str]) -> Model:
    """Return the template of `encoder`: ``image`` 1×3×H×W in [0, 1] to ``features`` and ``details``."""
    graph = Graph(Names(encoder, "encoder."), form)
    bias = encoder.down1.bias
    first = convolve(graph, padded_conv(graph, "image", encoder.down1), None if bias is None else graph.weight(bias))
    details = graph.add("Relu", first)
    features = _halved(graph, details, encoder.down2)
    outputs = {
        features: at_fraction("features", encoder.down2.conv.out_channels, 4),
        details: at_fraction("details", encoder.down1.out_channels, 2),
    }
    return graph.model([IMAGE], outputs, metadata)


def unet_bank(bank: UNetBank, form: Form, metadata: Mapping[str, str]) -> Model:
    """Return the template of `bank`: ``features`` and ``details`` to ``painted``, which has the details' shape."""
    graph = Graph(Names(bank), form)
    deep = _halved(graph, "features", bank.down)
    if bank.deeper is not None:
        deeper = _residual_blocks(graph, _pooled(graph, deep), bank.deeper.blocks)
        deep = graph.add("Add", deep, _raised(graph, deeper, bank.deeper.rise))
    rise = _raised(graph, _residual_blocks(graph, deep, bank.blocks), bank.rise)
    merged = _separable_conv(graph, graph.add("Add", "features", rise), bank.merge)
    last = normalised_conv(graph, merge_details(graph, merged, bank), bank.last)
    painted = _add_skip(graph, last, bank.skip)
    details = bank.skip.in_channels
    inputs = [at_fraction("features", bank.down.conv.in_channels, 4), at_fraction("details", details, 2)]
    return graph.model(inputs, {painted: at_fraction("painted", details, 2)}, metadata)


def _halved(graph: Graph, x: str, layer: Halving) -> str:
    """Add `layer`: half the size by its stride, or by a mean before it."""
    return normalised_conv(graph, _pooled(graph, x) if layer.pooled else x, layer)


def _pooled(graph: Graph, x: str) -> str:
    return graph.add("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])


def _residual_blocks(graph: Graph, x: str, blocks: nn.ModuleList) -> str:
    """Add `blocks`, each a sum with what it is given; raises TypeError for one that has no template."""
    for block in blocks:
        if isinstance(block, SeparableConv):
            x = graph.add("Add", x, _separable_conv(graph, x, block))
        elif isinstance(block, NormalisedConv):
            x = graph.add("Add", x, normalised_conv(graph, x, block))
        else:
            raise TypeError(f"a block must be a convolution with a norm, not {type(block).__name__}")
    return x


def _raised(graph: Graph, x: str, layer: nn.Conv2d) -> str:
    """Add `layer`, a 1×1 convolution, of `x` 1×C×h×w, each value of it as 2×2 pixels."""
    return _twice_as_large(graph, convolve(graph, padded_conv(graph, x, layer)))


def _separable_conv(graph: Graph, x: str, layer: SeparableConv) -> str:
    """Add `layer`: each channel by itself, all of them, instance norm, ReLU."""
    x = convolve(graph, padded_conv(graph, x, layer.depthwise))
    return normalise(graph, layer.norm, padded_conv(graph, x, layer.pointwise))


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
    matrix = graph.reshape(graph.weight(skip.weight), skip.out_channels, skip.in_channels)
    product = graph.add("Gemm", matrix.name, details, lines)
    return graph.add("Reshape", product, graph.add("Shape", "details"))
