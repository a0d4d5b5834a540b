"""A scaled VGG computes what it computed, filter by filter times a number, and its mean activations are 1."""

from pathlib import Path

import pytest
import torch
from assets.normalise_vgg import mean_activations, scale_filters
from safetensors.torch import save_file

from nst_features.networks import load_network
from nst_features.weights import read_weights

WIDTHS = {0: (3, 4), 2: (4, 6), 5: (6, 5)}  # relu1_1, relu1_2, relu2_1


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    draw = torch.Generator().manual_seed(3)
    state = {}
    for number, (width_in, width_out) in WIDTHS.items():
        state[f"features.{number}.weight"] = torch.randn(width_out, width_in, 3, 3, generator=draw) * 3
        state[f"features.{number}.bias"] = torch.rand(width_out, generator=draw) * 40
    save_file(state, tmp_path / "vgg.safetensors")
    return tmp_path / "vgg.safetensors"


def test_activations_have_mean_one_and_are_the_old_ones_scaled(weights: Path, tmp_path: Path) -> None:
    scaled = tmp_path / "scaled.safetensors"
    means = mean_activations(weights, 32)
    save_file(scale_filters(read_weights(weights), means), scaled)
    for mean, old in zip(mean_activations(scaled, 32), means, strict=True):
        lively = old > 0.05 * old.mean()
        torch.testing.assert_close(mean[lively], torch.ones(int(lively.sum())), rtol=1e-4, atol=0)
        assert not lively.all() or mean.mean() == pytest.approx(1, rel=1e-4)
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(4))
    before, after = (load_network("vgg19", weights=path)(picture, ["relu2_1"])["relu2_1"] for path in (weights, scaled))
    scale = means[-1].clamp_min(0.05 * means[-1].mean())[None, :, None, None]
    torch.testing.assert_close(after * scale, before, rtol=1e-4, atol=1e-4 * float(before.max()))
