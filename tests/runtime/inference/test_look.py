"""Looks: one style, or several by weights."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from nst_runtime import Look, PackError, Stylizer
from nst_runtime.contracts.styles import StyleFile, write_style
from nst_runtime.inference.look import mix

Pixels = npt.NDArray[np.uint8]


def test_a_look_is_its_styles_and_weights() -> None:
    assert Look("waves").styles == (("waves", 1.0),)
    assert Look("waves") == Look({"waves": 1}) != Look({"waves": 0.9})
    assert Look(Path("a/waves.safetensors")) == Look("a/waves.safetensors")
    assert Look(Path("waves.bin")).styles == ((f".{os.sep}waves.bin", 1.0),)  # a path, not a name
    assert Look({"a": 0.5, "b": 0, "c": 1.5}).styles == (("a", 0.5), ("c", 1.5))
    assert len({Look("a"), Look("a"), Look("b")}) == 2
    assert pickle.loads(pickle.dumps(Look({"a": 0.5, "b": 0.25}))) == Look({"a": 0.5, "b": 0.25})


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"a": 1.51}, "the weight of a must be from 0 to 1.5, not 1.51"),
        ({"a": 1, "b": -0.1}, "the weight of b must be from 0 to 1.5, not -0.1"),
        ({"a": float("nan")}, "the weight of a must be from 0 to 1.5, not nan"),
        ({"a": float("-inf")}, "must be from 0 to 1.5"),
        ({}, "a look needs a style with a weight other than 0"),
        ({"a": 0, "b": 0.0}, "a look needs a style with a weight other than 0"),
    ],
)
def test_weights_that_are_refused(weights: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        Look(weights)


@pytest.mark.parametrize("thing", [None, 1, b"waves", ["waves"], ("waves", 1.0)])
def test_what_is_not_a_look(thing: str) -> None:
    with pytest.raises(TypeError, match="a look is a style's name, a path, or weights by style, not"):
        Look(thing)


def test_a_weight_is_a_number() -> None:
    with pytest.raises(TypeError, match="the weight of a must be a number, not str"):
        Look({"a": "0.5"})  # type: ignore[dict-item]
    assert Look({"a": float(np.float32(0.5))}) == Look({"a": 0.5})


def test_mixing_is_a_weighted_sum_of_numbers() -> None:
    chance = np.random.default_rng(0)
    first, second, third = ({"w": chance.random((2, 3), np.float32), "b": chance.random(4, np.float32)} for _ in "abc")
    mixed = mix([(first, 0.75), (second, 1.5), (third, -0.5)])
    for name in ("w", "b"):
        expected = first[name] * 0.75 + second[name] * 1.5 - third[name] * 0.5
        np.testing.assert_allclose(mixed[name], expected, rtol=1e-6)
        assert mixed[name].dtype == np.float32
    assert mix([(first, 1.0)])["w"] is first["w"]
    np.testing.assert_array_equal(mix([(first, 0.5)])["w"], first["w"] / 2)
    np.testing.assert_array_equal(mix([(first, 0.5), (first, 0.5)])["b"], first["b"])


@pytest.mark.parametrize("other", [{}, {"v": np.ones(2)}, {"w": np.ones(3)}, {"w": np.ones(2), "v": np.ones(2)}])
def test_styles_of_different_architectures_are_not_mixed(other: dict[str, npt.NDArray[np.float32]]) -> None:
    with pytest.raises(ValueError, match="styles of different architectures cannot be mixed"):
        mix([({"w": np.ones(2, np.float32)}, 0.5), (other, 0.5)])


@pytest.mark.parametrize(("negative", "swapped"), [(0.6, 0.4), (0.5, 0.25), (1.5, 0.0), (1.5, 1.25)])
def test_a_mix_of_linear_styles_is_the_mix_of_pixels(
    stylizer: Stylizer, photo: Pixels, negative: float, swapped: float
) -> None:
    blocks = photo[:36, :48].reshape(9, 4, 12, 4, 3).mean((1, 3)).repeat(4, 0).repeat(4, 1) / 255
    expected = negative * (1 - blocks) + swapped * blocks[..., ::-1]
    found = stylizer.stylize(photo, {"negative": negative, "swapped": swapped})[:36, :48]
    assert np.abs(found - expected.clip(0, 1) * 255).max() < 0.51
    assert np.abs(found.astype(int) - stylizer.stylize(photo, "negative")[:36, :48]).max() > 20


def test_strength_is_a_mix_with_plain(stylizer: Stylizer, photo: Pixels) -> None:
    half = stylizer.stylize(photo, {"negative": 0.5, "plain": 0.5})
    assert np.abs(half.astype(int) - 127.5).max() <= 0.5  # what is half negative is grey


def test_a_style_by_its_path_mixes_too(
    stylizer: Stylizer, photo: Pixels, tmp_path: Path, make_style: Callable[..., StyleFile]
) -> None:
    path = tmp_path / "even.safetensors"
    write_style(path, make_style(spread=0, middle=1))
    found = stylizer.stylize(photo, {str(path): 0.25})
    assert np.unique(found).tolist() == [64]


def test_unknown_styles_in_a_mix(stylizer: Stylizer, photo: Pixels) -> None:
    with pytest.raises(PackError, match="no style 'negatif'; there are negative, swapped; did you mean 'negative'"):
        stylizer.stylize(photo, {"negative": 0.5, "negatif": 0.5})
