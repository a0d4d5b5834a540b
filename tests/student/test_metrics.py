"""The quality numbers on pictures whose quality is known."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from nst_features.networks import load_network
from nst_student.evaluation.metrics import QualityMeter, SeenPhoto, least_content

CONVOLUTIONS = ((0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28), (4, 4, 6, 6, 8, 8, 8, 8, 8, 8, 8, 8, 8))


def write_vgg(path: Path) -> Path:
    """Write a tiny VGG-19 of random weights to `path`."""
    generator = torch.Generator().manual_seed(0)
    state, width = {}, 3
    for index, filters in zip(*CONVOLUTIONS, strict=True):
        state[f"features.{index}.weight"] = (
            torch.randn(filters, width, 3, 3, generator=generator) * (2 / width / 9) ** 0.5
        )
        state[f"features.{index}.bias"] = torch.zeros(filters)
        width = filters
    save_file(state, path)
    return path


@pytest.fixture
def meter(tmp_path: Path) -> QualityMeter:
    """A meter with a tiny VGG-19 of random weights for both its networks."""
    network = load_network("vgg19", weights=write_vgg(tmp_path / "vgg.safetensors"))
    return QualityMeter(network, network)


def picture(seed: int) -> torch.Tensor:
    return torch.rand(1, 3, 96, 80, generator=torch.Generator().manual_seed(seed))


def test_a_photo_left_alone_has_one_and_the_style_itself_nought(meter: QualityMeter) -> None:
    style, photos = picture(0).pow(4), [meter.see(picture(seed)) for seed in (1, 2)]
    alone = meter.measure(style, photos, lambda photo: photo)
    assert (alone.mean, alone.relu3_1, alone.deep) == pytest.approx((1, 1, 1))
    assert alone.content == 0
    replaced = meter.measure(style, photos, lambda photo: style)
    assert (replaced.mean, replaced.relu3_1, replaced.deep) == pytest.approx((0, 0, 0), abs=1e-9)
    assert replaced.content > 0.05


def test_shares_are_of_sums_over_photos(meter: QualityMeter) -> None:
    """A photo that is far from the style weighs more than one that is near it."""
    style = picture(0).pow(4)
    near, far = meter.see(style * 0.95), meter.see(1 - style)
    mended = meter.measure(style, [near, far], lambda photo: style if photo is far.photo else photo)
    spoilt = meter.measure(style, [near, far], lambda photo: style if photo is near.photo else photo)
    assert mended.mean < 0.1
    assert spoilt.mean > 0.9


def test_no_features_with_the_styles_statistics_are_nearer_than_the_least_content() -> None:
    generator = torch.Generator().manual_seed(0)
    photo, style = torch.rand(2, 4, 500, generator=generator)
    style = style * torch.tensor([[1.0], [2.0], [0.5], [3.0]])

    def gram(features: torch.Tensor) -> torch.Tensor:
        return features @ features.T / features.shape[1]

    def distance(features: torch.Tensor) -> float:
        return float((features - photo).square().sum() / photo.square().sum())

    least = least_content(gram(style), gram(photo))
    assert 0.1 < least < distance(style)
    # The map that carries one Gram matrix to the other and moves the photo's features no farther than it has to.
    root = matrix_power(gram(style), 0.5)
    inner = matrix_power(root @ gram(photo).double() @ root, -0.5)
    carried = (root @ inner @ root) @ photo.double()
    assert torch.allclose(gram(carried), gram(style).double(), rtol=1e-4)
    assert distance(carried) == pytest.approx(least, rel=1e-4)
    assert least_content(gram(photo * 1.5), gram(photo)) == pytest.approx(0.25, rel=1e-4)
    assert least_content(gram(photo), gram(photo)) == pytest.approx(0, abs=1e-6)


def matrix_power(matrix: torch.Tensor, power: float) -> torch.Tensor:
    values, vectors = torch.linalg.eigh(matrix.double())
    result: torch.Tensor = (vectors * values**power) @ vectors.T
    return result


def test_photos_are_taken_one_after_another(meter: QualityMeter) -> None:
    """Large photographs need not be seen all at once."""
    style, order = picture(0).pow(4), []

    def seen() -> Iterator[SeenPhoto]:
        for seed in (1, 2):
            order.append(f"see {seed}")
            yield meter.see(picture(seed))

    def stylize(photo: torch.Tensor) -> torch.Tensor:
        order.append("stylize")
        return photo * 0.8

    quality = meter.measure(style, seen(), stylize)
    assert order == ["see 1", "stylize", "see 2", "stylize"]
    assert quality == meter.measure(style, [meter.see(picture(seed)) for seed in (1, 2)], lambda photo: photo * 0.8)
