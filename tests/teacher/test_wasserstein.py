"""The Wasserstein-2 distance of Gaussians against its closed form by eigenvalues."""

import numpy as np
import numpy.typing as npt
import pytest
import torch

from nst_teacher.objective.losses import style_loss
from nst_teacher.objective.objective import measure
from nst_teacher.objective.wasserstein import gaussian_distance, rooted, trace_of_root
from nst_teacher.settings.formula import Formula

W2 = Formula(style_distance="wasserstein", normalisation="sum")


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def root(matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(values.clip(0))) @ vectors.T)


def closed_form(one: torch.Tensor, other: torch.Tensor) -> float:
    """W₂² between the pixels' Gaussians of two feature maps C×h×w."""
    first, second = (value.flatten(1).numpy() for value in (one, other))
    a, b = np.cov(first, bias=True), np.cov(second, bias=True)
    means = ((first.mean(1) - second.mean(1)) ** 2).sum()
    return float(means + np.trace(a) + np.trace(b) - 2 * np.trace(root(root(a) @ b @ root(a))))


def test_the_distance_is_that_of_the_closed_form_for_each_picture() -> None:
    features, style = noise(2, 5, 8, 9), noise(1, 5, 6, 7, seed=1) * torch.linspace(0.5, 2, 5).view(5, 1, 1)
    found = gaussian_distance(measure(features, None, W2), rooted(measure(style, None, W2)))
    expected = [closed_form(picture, style[0]) for picture in features]
    assert found.tolist() == pytest.approx(expected, rel=1e-4)


def test_one_dimension_is_the_difference_of_mean_and_deviation() -> None:
    x = torch.tensor([0.0, 2.0]).double().view(1, 1, 1, 2)  # mean 1, deviation 1
    y = torch.tensor([1.0, 7.0]).double().view(1, 1, 1, 2)  # mean 4, deviation 3
    found = gaussian_distance(measure(x, None, W2), rooted(measure(y, None, W2)))
    assert float(found) == pytest.approx(9 + 4, rel=1e-5)


def test_the_style_itself_is_at_no_distance_and_nothing_at_its_energy() -> None:
    style = noise(1, 4, 8, 8)
    statistics = measure(style, None, W2)
    target = rooted(statistics)
    assert abs(float(gaussian_distance(statistics, target))) < 1e-4 * float(
        statistics[:, :, :-1].diagonal(0, 1, 2).sum()
    )
    relative = Formula(style_distance="wasserstein")
    assert float(style_loss(torch.zeros_like(statistics), target, relative)) == pytest.approx(1, rel=2e-3)


def test_traces_of_roots_are_sums_of_the_roots_of_eigenvalues() -> None:
    basis, _ = torch.linalg.qr(noise(4, 4, seed=3))
    values = torch.tensor([4.0, 1.0, 0.25, 0.04]).double()
    matrix = (basis * values) @ basis.T
    assert float(trace_of_root(matrix[None])) == pytest.approx(2 + 1 + 0.5 + 0.2, rel=1e-6)


def test_a_flat_picture_has_a_finite_slope() -> None:
    target = rooted(measure(noise(1, 4, 8, 8), None, W2))
    flat = torch.full((1, 4, 8, 8), 0.5, dtype=torch.float64, requires_grad=True)
    gaussian_distance(measure(flat, None, W2), target).sum().backward()  # type: ignore[no-untyped-call]
    assert flat.grad is not None
    assert torch.isfinite(flat.grad).all()
