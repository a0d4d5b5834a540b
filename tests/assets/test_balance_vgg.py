"""A balanced VGG computes what it computed, filter by filter times a number, and its filters' norms are in balance."""

import os
import sys
from pathlib import Path

import pytest
import torch
from assets.balance_vgg import balance_filters, main
from safetensors.torch import save_file

from nst_features.networks import load_network
from nst_features.weights_folder import find_name
from nst_runtime.contracts.files import sha256_of_file

DATA = Path(os.environ.get("NST_DATA", Path(__file__).parents[2] / "../shared/data"))
WIDTHS = {0: (3, 4), 2: (4, 6), 5: (6, 5)}  # relu1_1, relu1_2, relu2_1


def test_norms_are_in_balance_and_activations_the_old_ones_scaled(tmp_path: Path) -> None:
    draw = torch.Generator().manual_seed(3)
    state = {}
    for number, (width_in, width_out) in WIDTHS.items():
        scales = torch.logspace(-2, 2, width_out)
        state[f"features.{number}.weight"] = (
            torch.randn(width_out, width_in, 3, 3, generator=draw) * scales[:, None, None, None]
        )
        state[f"features.{number}.bias"] = torch.rand(width_out, generator=draw) * scales
    balanced = balance_filters(state)
    into = (balanced["features.0.weight"].square().sum(dim=(1, 2, 3)) + balanced["features.0.bias"].square()).sqrt()
    out_of = balanced["features.2.weight"].square().sum(dim=(0, 2, 3)).sqrt()
    torch.testing.assert_close(into, out_of, rtol=1e-4, atol=0)
    norms = balanced["features.5.weight"].square().sum(dim=(1, 2, 3)).sqrt()
    torch.testing.assert_close(norms, norms.mean().expand_as(norms))
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(4))
    features = []
    for name, weights in (("old", state), ("new", balanced)):
        save_file(weights, tmp_path / f"{name}.safetensors")
        features.append(
            load_network("vgg19", weights=tmp_path / f"{name}.safetensors")(picture, ["relu2_1"])["relu2_1"]
        )
    old, new = (value.flatten(2)[0] for value in features)
    scale = (new.norm(dim=1) / old.norm(dim=1).clamp_min(1e-9))[:, None]  # one never fires
    torch.testing.assert_close(new, old * scale, rtol=1e-4, atol=1e-5 * float(new.max()))


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the shared weights are not at {DATA}")
def test_the_registered_file_comes_out_to_the_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_WEIGHTS", str(DATA / "weights"))
    out = tmp_path / "balanced.safetensors"
    monkeypatch.setattr(sys, "argv", ["balance_vgg.py", "vgg19_normalised_conv3_1", str(out)])
    main()
    assert sha256_of_file(out) == find_name("vgg19_balanced").sha256
