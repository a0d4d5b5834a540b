"""Reflection padding of our own computes what torch's does."""

import pytest
import torch
from torch.nn import functional as F

from nst_features.architectures.reflection import reflect_one

SIZES = [(2, 2), (2, 7), (3, 2), (3, 3), (4, 9), (17, 33)]
LAYOUTS = [torch.contiguous_format, torch.channels_last]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("size", SIZES)
def test_it_pads_as_torch_does_forward_and_backward(size: tuple[int, int], layout: torch.memory_format) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 5, *size, generator=generator, dtype=torch.float64).contiguous(memory_format=layout)
    mine, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    padded, expected = reflect_one(mine), F.pad(theirs, (1, 1, 1, 1), mode="reflect")
    assert torch.equal(padded, expected)
    assert padded.is_contiguous(memory_format=layout)
    weights = torch.randn(padded.shape, generator=generator, dtype=torch.float64).contiguous(memory_format=layout)
    (found,) = torch.autograd.grad((padded * weights).sum(), mine)
    (wanted,) = torch.autograd.grad((expected * weights).sum(), theirs)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)


def test_gradients_that_come_in_are_left_as_they_were() -> None:
    x = torch.rand(1, 2, 4, 4, requires_grad=True)
    gradient = torch.ones(1, 2, 6, 6)
    reflect_one(x).backward(gradient)  # type: ignore[no-untyped-call]
    assert bool((gradient == 1).all())
    assert x.grad is not None
    assert float(x.grad.sum()) == pytest.approx(72)


def test_it_passes_bfloat16_in_its_layout() -> None:
    x = torch.rand(1, 8, 6, 6).bfloat16().contiguous(memory_format=torch.channels_last)
    padded = reflect_one(x)
    assert padded.dtype == torch.bfloat16
    assert padded.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(padded, F.pad(x, (1, 1, 1, 1), mode="reflect"))
