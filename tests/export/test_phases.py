"""Convolutions by phases are the plain ones: exact to float64 rounding."""

import pytest
import torch
from torch.nn import functional as F

from nst_export.phases import from_phases, join_phases, to_phases
from nst_student.network import Decoder, FractionalConv

TOLERANCE = 1e-12


def largest(difference: torch.Tensor) -> float:
    return float(difference.detach().abs().max())


@pytest.mark.parametrize(("size", "stride"), [(9, 2), (5, 1), (3, 2)])
def test_outputs_as_phases(size: int, stride: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 3, size + 7 * stride, size + 5 * stride, dtype=torch.float64)  # 8×6 outputs
    weight = torch.randn(4, 3, size, size, dtype=torch.float64)
    phases = F.conv2d(x, to_phases(weight, stride), stride=2 * stride)
    assert phases.shape == (1, 16, 4, 3)
    assert largest(F.pixel_shuffle(phases, 2) - F.conv2d(x, weight, stride=stride)) < TOLERANCE


@pytest.mark.parametrize(("size", "stride"), [(3, 2), (6, 2), (4, 4)])
def test_inputs_as_phases(size: int, stride: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 2, 24, 16, dtype=torch.float64)
    weight = torch.randn(5, 2, size, size, dtype=torch.float64)
    plain = F.conv2d(x, weight, stride=stride)
    phases = F.conv2d(F.pixel_unshuffle(x, 2), from_phases(weight), stride=stride // 2)
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


def test_last_layer_in_cells_of_16_pixels(decoder: Decoder) -> None:
    layer = decoder.up3.double()
    assert layer.bias is not None
    x = torch.randn(1, 8, 20, 24, dtype=torch.float64)
    weight = from_phases(join_phases(to_phases(layer.subpixel_weight(), 1)))
    assert weight.shape == (48, 32, 3, 3)
    cells = F.conv2d(F.pixel_unshuffle(x, 2), weight, layer.bias.repeat_interleave(16))
    inner = layer(x)[..., 4:-4, 4:-4]  # without the cells that need what lies past the border
    assert largest(F.pixel_shuffle(cells, 4) - inner) < TOLERANCE
