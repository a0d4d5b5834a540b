"""Statistics of norms, and the a·x + b that a norm is where they are known."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nst_runtime.contracts.packs import Norm, read_pack
from nst_runtime.contracts.styles import Statistics, StyleFile
from nst_runtime.errors import PackError
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.statistics import affine, affine_tensors, gather, measure
from nst_runtime.inference.templates import Affine, open_part
from nst_runtime.pictures.arrays import Floats

CPU = RunSettings("cpu", 1)


def test_measure_is_of_each_channel_over_the_picture() -> None:
    values = np.array([[[[1, 3], [5, 7]], [[-2, -2], [-2, -2]]]], np.float32)
    found = measure(values)
    assert found.mean.tolist() == [4, -2]
    assert found.variance.tolist() == [5, 0]
    assert found.mean.dtype == found.variance.dtype == np.float32


def test_measure_counts_exactly_far_from_zero() -> None:
    """In float32 the variance of these would be lost in their squares."""
    values = (4096 + np.random.default_rng(0).integers(0, 2, (1, 1, 512, 512)) / 1024).astype(np.float32)
    assert measure(values).variance[0] == pytest.approx(np.float64(values).var(), rel=1e-6)


@pytest.mark.parametrize("starts", [(0, 0), (1, 4)])
def test_affine_is_the_norm(starts: tuple[int, int]) -> None:
    norm = Norm("n", 2, 0.5, "numbers", "numbers", *starts)
    tensors = {"numbers": np.array([[2, -3, 4], [5, 6, 7]], np.float32)}
    statistics = Statistics(np.array([1, 10], np.float32), np.array([3.5, 0], np.float32))
    a, b = affine(norm, statistics, tensors)
    scale, bias = tensors["numbers"].ravel()[starts[0] :][:2], tensors["numbers"].ravel()[starts[1] :][:2]
    x = np.array([0.25, -4])
    expected = scale * (x - statistics.mean) / np.sqrt(statistics.variance + 0.5) + bias
    np.testing.assert_allclose(a * x + b, expected, rtol=1e-6)
    assert a.dtype == b.dtype == np.float32


@pytest.mark.parametrize(
    "norm", [Norm("n", 2, 1, "s", "b"), Norm("n", 2, 1, "b", "s"), Norm("n", 2, 1, "b", "b", 3, 0)]
)
def test_numbers_that_are_not_there(norm: Norm) -> None:
    statistics = Statistics(np.zeros(2, np.float32), np.zeros(2, np.float32))
    with pytest.raises(PackError, match=r"the norm n lacks 2 numbers of [sb], from [03]; get the pack again"):
        affine(norm, statistics, {"b": np.ones(4, np.float32)})


def test_affines_as_weights() -> None:
    a, b = np.ones(2, np.float32), np.zeros(2, np.float32)
    found = affine_tensors({"x.norm": (a, b), "y": (b, a)})
    assert list(found) == ["x.norm.a", "x.norm.b", "y.a", "y.b"]
    assert found["x.norm.a"] is found["y.b"] is a


@settings(deadline=None, max_examples=20)
@given(st.integers(2, 9), st.integers(2, 9), st.floats(-3, 3), st.floats(-2, 2))
def test_all_forms_agree_where_the_statistics_are_the_picture_s_own(
    fake_pack: Path, make_style: Callable[..., StyleFile], height: int, width: int, spread: float, middle: float
) -> None:
    pack = read_pack(fake_pack)
    tensors = make_style(matrix=[[0.5, 1, 0], [0, 1, 0], [0, 0, -1]], spread=spread, middle=middle).tensors
    norms = pack.manifest.codec.norms["bank"]
    features = np.random.default_rng(height * 10 + width).random((1, 3, height, width), np.float32)
    staged = open_part(pack, "bank", "staged", tensors, CPU)
    statistics = gather(staged, norms, tensors, features)
    np.testing.assert_allclose(statistics["norm"].mean, features.mean((0, 2, 3)), rtol=1e-5)
    affines = {"norm": affine(norms[0], statistics["norm"], tensors)}
    folded = open_part(pack, "bank", "folded", {**tensors, **affine_tensors(affines)}, CPU)
    (expected,) = open_part(pack, "bank", "direct", tensors, CPU)(features)
    np.testing.assert_allclose(staged.with_affines(affines, features)[0], expected, atol=2e-5)
    np.testing.assert_allclose(folded(features)[0], expected, atol=2e-5)


def test_later_norms_are_gathered_with_the_affines_of_those_before() -> None:
    """Two norms in a row, by hand: the second sees what the first makes of its own statistics."""

    class Chain:
        def before(self, norm: Norm, affines: dict[str, Affine], values: Floats) -> Floats:
            a, b = affines["first"]
            return values if norm.name == "first" else values * a[0] + b[0]

    tensors = {"s": np.array([3, 1], np.float32), "b": np.array([7, 0], np.float32)}
    norms = [Norm("first", 1, 1e-9, "s", "b"), Norm("second", 1, 1e-9, "s", "b", 1, 1)]
    values = np.random.default_rng(0).random((1, 1, 20, 20), np.float32) * 50
    found = gather(Chain(), norms, tensors, values)  # type: ignore[arg-type]
    assert found["first"].mean[0] == pytest.approx(values.mean(), rel=1e-5)
    assert found["second"].mean[0] == pytest.approx(7, rel=1e-4)
    assert found["second"].variance[0] == pytest.approx(9, rel=1e-4)
