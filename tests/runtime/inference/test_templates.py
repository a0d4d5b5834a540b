"""The forms of a part: the same numbers by three ways."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from nst_runtime.contracts.packs import Form, Pack, Template, Weight, read_pack
from nst_runtime.contracts.styles import StyleFile
from nst_runtime.errors import PackError
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.templates import PartSession, open_part

MakeStyle = Callable[..., StyleFile]
CPU = RunSettings("cpu", 1)
A, B = np.array([2, 3, -1], np.float32), np.array([0.5, 0, 1], np.float32)


@pytest.fixture(scope="module")
def pack(fake_pack: Path) -> Pack:
    return read_pack(fake_pack)


@pytest.fixture
def features() -> npt.NDArray[np.float32]:
    return np.random.default_rng(3).random((1, 3, 5, 7), np.float32)


@pytest.fixture
def style(make_style: MakeStyle) -> StyleFile:
    return make_style("even", matrix=[[0, 1, 0], [1, 0, 0], [0, 0, -1]], offset=0.25)


def opened(pack: Pack, form: Form, style: StyleFile, **more: npt.NDArray[np.float32]) -> PartSession:
    return open_part(pack, "bank", form, {**style.tensors, **more}, CPU)


def linear(features: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return what the style makes of `features` without its norm."""
    return features[:, [1, 0, 2]] * np.array([1, 1, -1], np.float32).reshape(1, 3, 1, 1) + np.float32(0.25)


def column(numbers: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return numbers.reshape(1, 3, 1, 1)


def test_the_direct_form(pack: Pack, style: StyleFile, features: npt.NDArray[np.float32]) -> None:
    (painted,) = opened(pack, "direct", style)(features)
    mean, variance = features.mean((2, 3), keepdims=True), features.var((2, 3), keepdims=True)
    expected = linear(features) + (features - mean) / np.sqrt(variance + 1e-5) * 0.2 + 0.5
    np.testing.assert_allclose(painted, expected, atol=1e-5)


def test_the_staged_form(pack: Pack, style: StyleFile, features: npt.NDArray[np.float32]) -> None:
    staged = opened(pack, "staged", style)
    (painted,) = staged.with_affines({"norm": (A, B)}, features)
    np.testing.assert_allclose(painted, linear(features) + column(A) * features + column(B), atol=1e-6)
    (norm,) = pack.manifest.codec.norms["bank"]
    before = staged.before(norm, {"norm": (A, B)}, features)
    np.testing.assert_array_equal(before, features)


def test_the_folded_form(pack: Pack, style: StyleFile, features: npt.NDArray[np.float32]) -> None:
    folded = opened(pack, "folded", style, **{"norm.a": A, "norm.b": B})
    (painted,) = folded(features)
    np.testing.assert_allclose(painted, linear(features) + column(A) * features + column(B), atol=1e-6)
    with pytest.raises(PackError, match=r"its norm\.a is missing, not 3"):
        opened(pack, "folded", style)


def test_more_arrays_than_a_part_takes_are_left_out_and_fewer_are_an_error(
    pack: Pack, style: StyleFile, features: npt.NDArray[np.float32]
) -> None:
    bank = opened(pack, "direct", style)
    np.testing.assert_array_equal(bank(features, features + 1)[0], bank(features)[0])
    with pytest.raises(PackError, match=r"the pack's parts do not fit together \(.*takes features, not nothing\)"):
        bank()
    with pytest.raises(
        PackError, match=r"parts do not fit together \(features must be 1×3×H/4×W/4, not 1×2×5×7\); get"
    ):
        bank(features[:, :2])


TENSORS: dict[str, npt.NDArray[Any]] = {
    "w": np.arange(6, dtype=np.float32).reshape(2, 3).T,
    "half": np.array([0.5], np.float16),
    "extra": np.ones(9, np.float32),
}


def template(*weights: Weight) -> Template:
    return Template("x.onnx", "0" * 64, 1, "bank", "direct", (), (), weights)


def test_a_template_selects_what_it_wants() -> None:
    chosen = template(Weight("half", (1,)), Weight("w", (3, 2))).select(TENSORS, "file")
    assert list(chosen) == ["half", "w"]
    assert chosen["w"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert all(array.dtype == np.float32 and array.flags.c_contiguous for array in chosen.values())


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (Weight("v", (3, 2)), "its v is missing, not 3×2"),
        (Weight("w", (2, 3)), "its w is 3×2, not 2×3"),
        (Weight("w", (6,)), "its w is 3×2, not 6"),
        (Weight("half", ()), "its half is 1, not one number"),
    ],
)
def test_what_does_not_fit(weight: Weight, message: str) -> None:
    with pytest.raises(PackError) as caught:
        template(Weight("half", (1,)), weight).select(TENSORS, "waves.safetensors")
    assert caught.value.message == f"waves.safetensors does not fit the pack's bank: {message}"
    assert "train the style again" in caught.value.hint
