"""LPIPS and DISTS: left out where they are not installed, and averaged where they are."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from nst_student.evaluation.perceptual_distances import find_distances, mean_distances


def test_what_is_not_installed_is_left_out_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "lpips", None)
    monkeypatch.setitem(sys.modules, "DISTS_pytorch", ModuleType("DISTS_pytorch"))
    found, left_out = find_distances()
    assert found == {}
    assert left_out[0] == "lpips is left out: pip install lpips (no module lpips)"
    assert left_out[1].startswith("dists is left out: it needs torchvision's weights at ")
    assert left_out[1].endswith("vgg16-397923af.pth")


def test_what_is_installed_is_built_without_a_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    (tmp_path / "hub" / "checkpoints" / "vgg16-397923af.pth").touch()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    module = ModuleType("DISTS_pytorch")
    module.DISTS = lambda: lambda one, other: (one - other).abs().mean()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "DISTS_pytorch", module)
    monkeypatch.setitem(sys.modules, "lpips", None)
    found, left_out = find_distances()
    assert list(found) == ["dists"]
    assert len(left_out) == 1
    photos = [np.full((20, 20, 3), level, np.uint8) for level in (0, 51)]
    means = mean_distances(found, lambda rgb: np.full_like(rgb, 102), photos)
    assert means == {"dists": pytest.approx((102 + 51) / 2 / 255)}


def test_a_package_without_its_weights_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    (tmp_path / "hub" / "checkpoints" / "alexnet-owt-7be5be79.pth").touch()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    module = ModuleType("lpips")

    def build(**_: object) -> torch.nn.Module:
        raise RuntimeError("foreign\nweights")

    module.LPIPS = build  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lpips", module)
    assert "lpips is left out: foreign weights; install lpips again" in find_distances()[1]
