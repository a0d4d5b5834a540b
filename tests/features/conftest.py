"""What the feature networks' tests share."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

torch.set_num_threads(1)
# Where torchvision has VGG-19's convolutions, up to relu5_1.
VGG19_INDICES = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28)


def write_vgg(path: Path, widths: Sequence[int], indices: Sequence[int] = VGG19_INDICES) -> Path:
    """Write a VGG of random weights whose convolutions, named by `indices`, have `widths` filters."""
    generator = torch.Generator().manual_seed(3)
    state: dict[str, torch.Tensor] = {}
    width = 3
    for index, filters in zip(indices, widths, strict=False):
        scale = (2 / (9 * width)) ** 0.5
        state[f"features.{index}.weight"] = scale * torch.randn(filters, width, 3, 3, generator=generator)
        state[f"features.{index}.bias"] = 0.1 * torch.randn(filters, generator=generator)
        width = filters
    save_file(state, path)
    return path


@pytest.fixture
def tiny_vgg(tmp_path: Path) -> Path:
    """A VGG-19 up to relu3_1 with 4, 4, 6, 6 and 8 filters."""
    return write_vgg(tmp_path / "tiny.safetensors", (4, 4, 6, 6, 8))


@pytest.fixture
def image() -> torch.Tensor:
    """Two pictures 2×3×33×48 of seeded noise in [0, 1]."""
    return torch.rand(2, 3, 33, 48, generator=torch.Generator().manual_seed(5))
