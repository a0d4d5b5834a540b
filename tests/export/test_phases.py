"""Convolutions by phases are the plain ones: exact to float64 rounding."""

from collections.abc import Callable

import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper
from torch.nn import functional as F

from nst_export.graph import IR_VERSION, OPSET, Graph
from nst_export.phases import kernel_from_phases, kernel_to_cells, kernel_to_phases
from nst_student.layers import FractionalConv

TOLERANCE = 1e-12
Kernel = Callable[[Graph, torch.Tensor], str]


def computed(kernel: Kernel, weight: torch.Tensor) -> torch.Tensor:
    """Return the kernel that nodes of a graph make of `weight`, whose values are floats, as float64."""
    graph = Graph()
    result = kernel(graph, weight.detach().float())
    info = helper.make_tensor_value_info(result, TensorProto.FLOAT, None)
    model = helper.make_model(
        helper.make_graph(graph.nodes, "kernel", [], [info], graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
    )  # fmt: skip
    (found,) = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {})
    return torch.from_numpy(found).double()


def largest(difference: torch.Tensor) -> float:
    return float(difference.detach().abs().max())


def whole_numbers(*shape: int) -> torch.Tensor:
    """Return weights that float32 holds exactly."""
    torch.manual_seed(0)
    return torch.randint(-99, 100, shape).double() / 64


@pytest.mark.parametrize(("size", "stride"), [(9, 2), (5, 1), (3, 2)])
def test_outputs_as_phases(size: int, stride: int) -> None:
    weight = whole_numbers(4, 3, size, size)
    kernel = computed(lambda graph, values: kernel_to_phases(graph, values, stride), weight)
    x = torch.randn(1, 3, size + 7 * stride, size + 5 * stride, dtype=torch.float64)  # 8×6 outputs
    phases = F.conv2d(x, kernel, stride=2 * stride)
    assert phases.shape == (1, 16, 4, 3)
    assert largest(F.pixel_shuffle(phases, 2) - F.conv2d(x, weight, stride=stride)) < TOLERANCE


@pytest.mark.parametrize(("size", "stride"), [(3, 2), (6, 2), (4, 4)])
def test_inputs_as_phases(size: int, stride: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 2, 24, 16, dtype=torch.float64)
    weight = torch.randn(5, 2, size, size, dtype=torch.float64)
    plain = F.conv2d(x, weight, stride=stride)
    phases = F.conv2d(F.pixel_unshuffle(x, 2), kernel_from_phases(weight), stride=stride // 2)
    assert largest(phases[..., : plain.shape[2], : plain.shape[3]] - plain) < TOLERANCE


@pytest.mark.parametrize("kernel_px", [3, 9])
def test_fractional_stride_is_the_transposed_convolution(kernel_px: int) -> None:
    torch.manual_seed(0)
    layer = FractionalConv(4, 3, kernel_px, bias=True).double()
    x = torch.randn(1, 4, 11, 14, dtype=torch.float64)
    before, after = layer.margins
    mirrored = F.pad(x, (before, after, before, after), mode="reflect")
    whole = F.conv_transpose2d(mirrored, layer.weight, layer.bias, stride=2)
    first = 2 * before + kernel_px // 2  # the output pixel on input pixel 0
    expected = whole[..., first : first + 22, first : first + 28]
    assert largest(layer(x) - expected) < TOLERANCE


def test_last_layer_in_cells_of_16_pixels() -> None:
    torch.manual_seed(0)
    weight = FractionalConv(8, 3, 9).subpixel_weight().detach()
    x = torch.randn(1, 8, 20, 24, dtype=torch.float64)
    kernel = computed(kernel_to_cells, weight)
    assert kernel.shape == (48, 32, 3, 3)
    cells = F.conv2d(F.pixel_unshuffle(x, 2), kernel)
    plain = F.pixel_shuffle(
        F.conv2d(x, weight.double()), 2
    )  # its first pixel lies 2 px from the border, twice enlarged
    assert plain.shape == (1, 3, 32, 40)
    assert largest(F.pixel_shuffle(cells, 4) - plain) < TOLERANCE
