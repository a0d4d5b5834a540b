"""The numbers that say how much a picture has of its style and of its photo."""

import pytest
import torch

from nst_features.likeness import structure, style_share
from nst_features.networks import load_network


def picture(seed: int) -> torch.Tensor:
    return torch.rand(1, 3, 48, 64, generator=torch.Generator().manual_seed(seed))


def test_the_photo_has_a_share_of_one_and_the_style_none() -> None:
    network, style, photo = load_network("random"), picture(0).pow(3), picture(1)
    assert style_share(network, photo, photo, style) == pytest.approx(1)
    assert style_share(network, (photo + style) / 2, photo, style) < 0.9
    assert style_share(network, style, photo, style) == pytest.approx(0, abs=1e-9)


def test_the_share_is_the_mean_over_the_layers_asked_for() -> None:
    network, style, photo, other = load_network("random"), picture(0).pow(3), picture(1), picture(2).sqrt()
    single = [style_share(network, other, photo, style, (layer,)) for layer in ("scale1", "scale2")]
    assert single[0] != pytest.approx(single[1], rel=0.01)
    assert style_share(network, other, photo, style, ("scale1", "scale2")) == pytest.approx(sum(single) / 2)


def test_structure_is_one_for_the_photo_little_less_for_a_darker_one_and_none_for_another() -> None:
    network, photo = load_network("random"), picture(1)
    assert structure(network, photo, photo, "scale2") == pytest.approx(1, abs=1e-5)
    assert structure(network, photo * 0.8, photo, "scale2") > 0.95
    assert abs(structure(network, picture(2), photo, "scale2")) < 0.1
