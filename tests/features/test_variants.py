"""Pooling and padding in place of a network's own."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from nst_features.names import PADDING_NAMES, PaddingName, PoolingName
from nst_features.network import FeatureNetwork
from nst_features.networks import load_network
from nst_features.variants import set_padding, set_pooling


def pool_of(network: FeatureNetwork, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what goes into VGG's first pooling and what comes out."""
    before = network(image, {"relu1_2"})["relu1_2"]
    stage = network.stages[2]
    pool = stage.pool
    assert isinstance(pool, nn.Module)
    return before, pool(before)


@pytest.mark.parametrize("pooling", ["max", "average", "l2"])
def test_pooling_is_the_maximum_the_mean_or_the_root_mean_square(
    tiny_vgg: Path, image: torch.Tensor, pooling: PoolingName
) -> None:
    before, after = pool_of(load_network("vgg19", weights=tiny_vgg, pooling=pooling), image)
    windows = before[:, :, :32].unfold(2, 2, 2).unfold(3, 2, 2).flatten(4)
    expected = {
        "max": windows.amax(4),
        "average": windows.mean(4),
        "l2": windows.square().mean(4).sqrt(),
    }[pooling]
    torch.testing.assert_close(after, expected, atol=2e-6, rtol=1e-5)


def test_l2_pooling_has_a_slope_where_all_is_zero() -> None:
    network = nn.Sequential(nn.MaxPool2d(2))
    set_pooling(network, "l2")
    x = torch.zeros(1, 1, 4, 4, requires_grad=True)
    network(x).sum().backward()
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()


def test_the_gradient_of_l2_pooling_is_that_of_finite_differences() -> None:
    network = nn.Sequential(nn.MaxPool2d(2))
    set_pooling(network, "l2")
    x = 0.1 + torch.rand(1, 2, 4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(network, x.requires_grad_())


def test_resnets_pooling_keeps_its_window_and_stride() -> None:
    network = nn.Sequential(nn.MaxPool2d(3, 2, 1))
    set_pooling(network, "average")
    x = torch.arange(25.0).view(1, 1, 5, 5)
    found = network(x)
    assert found.shape == (1, 1, 3, 3)
    assert found[0, 0].tolist() == [[3.0, 4.5, 6.0], [10.5, 12.0, 13.5], [18.0, 19.5, 21.0]]


MODES = {
    "reflect": ("reflect", "reflect"),
    "zeros": ("constant", "constant"),
    "replicate-first": ("replicate", "constant"),
    "reflect-first": ("reflect", "constant"),
}


@pytest.mark.parametrize("padding", PADDING_NAMES)
def test_padding_is_that_of_the_first_convolution_and_of_the_rest(
    tiny_vgg: Path, image: torch.Tensor, padding: PaddingName
) -> None:
    network = load_network("vgg19", weights=tiny_vgg, padding=padding)
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    x = (image - network.mean) / network.std
    for convolution, mode in zip(convolutions[:2], MODES[padding], strict=True):
        padded = F.pad(x, (1, 1, 1, 1), mode=mode)
        x = torch.relu(F.conv2d(padded, convolution.weight, convolution.bias))
    found = network(image, {"relu1_2"})["relu1_2"]
    torch.testing.assert_close(found, x, atol=1e-5, rtol=1e-5)


def test_without_a_choice_the_network_keeps_its_own(tiny_vgg: Path, image: torch.Tensor) -> None:
    own = load_network("vgg19", weights=tiny_vgg)(image, {"relu3_1"})["relu3_1"]
    same = load_network("vgg19", weights=tiny_vgg, pooling="max", padding="reflect")(image, {"relu3_1"})["relu3_1"]
    assert torch.equal(own, same)


def test_padding_reaches_convolutions_anywhere_and_spares_those_without() -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 1, 3, padding=1), nn.Sequential(nn.Conv2d(1, 1, 1), nn.Conv2d(1, 1, 3, padding=1))
    )
    set_padding(network, "replicate-first")
    assert [m.padding_mode for m in network.modules() if isinstance(m, nn.Conv2d)] == ["replicate", "zeros", "zeros"]
