"""Convolutions by phases are the plain ones: exact to float64 rounding."""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from nst_export.templates.graph import Graph, Names, Value
from nst_export.templates.kernels import (
    Kernel,
    kernel_from_phases,
    kernel_to_cells,
    kernel_to_cells_from_pixels,
    kernel_to_phases,
    subpixel_kernel,
)
from nst_runtime.contracts.packs import Port
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.sessions import Session
from nst_student.networks.layers import FractionalConv, PhaseFreeConv

TOLERANCE = 1e-12
Build = Callable[[Graph, Value], Kernel]


class Holder(nn.Module):
    """A module with one weight."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.detach().float(), requires_grad=False)


def computed(build: Build, weight: torch.Tensor) -> torch.Tensor:
    """Return the kernel that a template's nodes make of `weight`, whose values are floats, as float64."""
    holder = Holder(weight)
    graph = Graph(Names(holder))
    return evaluated(graph, build(graph, graph.weight(holder.weight)), holder)


def evaluated(graph: Graph, kernel: Kernel, module: nn.Module) -> torch.Tensor:
    shape = kernel.value.shape
    model = graph.model([], {kernel.value.name: Port("kernel", shape)}, {})
    weights = {w.name: module.state_dict()[w.name].numpy() for w in model.weights}
    (found,) = Session(model.data, weights, RunSettings("cpu", 1), "a kernel").run({})
    assert found.shape == shape
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
    weight = whole_numbers(5, 2, size, size)
    plain = F.conv2d(x, weight, stride=stride)
    phases = F.conv2d(F.pixel_unshuffle(x, 2), computed(kernel_from_phases, weight), stride=stride // 2)
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


@pytest.mark.parametrize("kind", [FractionalConv, PhaseFreeConv])
@pytest.mark.parametrize("kernel_px", [3, 5, 9])
def test_subpixel_kernel_is_made_of_the_taps(kind: type[FractionalConv], kernel_px: int) -> None:
    torch.manual_seed(0)
    layer = kind(4, 3, kernel_px).requires_grad_(False)
    graph = Graph(Names(layer))
    found = evaluated(graph, subpixel_kernel(graph, layer), layer)
    assert largest(found - layer.double().subpixel_weight()) < 1e-6


def test_cells_of_16_pixels_from_plain_channels() -> None:
    torch.manual_seed(0)
    weight = PhaseFreeConv(8, 3, 5).subpixel_weight().detach()
    x = torch.randn(1, 8, 20, 24, dtype=torch.float64)
    kernel = computed(kernel_to_cells_from_pixels, weight)
    assert kernel.shape == (48, 8, 4, 4)
    cells = F.pixel_shuffle(F.conv2d(x, kernel, stride=2), 4)
    plain = F.pixel_shuffle(F.conv2d(x, weight.double()), 2)
    assert cells.shape == plain.shape == (1, 3, 36, 44)
    assert largest(cells - plain) < TOLERANCE
