"""How unlike photographs pictures are, and how much of a typical one their statistics get."""

import math
from pathlib import Path

import numpy as np
import pytest

from nst_runtime.inference.likeness import typical_share, unlikeness
from nst_runtime.pictures.arrays import Pixels, resize
from nst_runtime.pictures.read import read_picture

SCENES = Path(__file__).parents[3] / "assets" / "scenes"


def page(side: int = 256) -> Pixels:
    """Return white paper with black lines of words."""
    picture = np.full((side, side, 3), 255, np.uint8)
    for top in range(24, side - 24, 12):
        for left in range(24, side - 24, 2):
            picture[top : top + 5, left : left + 1 + (left // 2 + top) % 2] = 0
    return picture


def with_noise(color: tuple[int, int, int], deviation: float, seed: int = 0) -> Pixels:
    noise = np.random.default_rng(seed).normal(0, deviation, (256, 256, 3))
    return np.clip(np.rint(color + noise), 0, 255).astype(np.uint8)


def half_and_half(side: int, first: int, second: int) -> Pixels:
    picture = np.full((side, side, 3), first, np.uint8)
    picture[:, side // 2 :] = second
    return picture


def test_the_formula_by_hand() -> None:
    """A luma of 50 and 150, and one edge in 127 neighbors one way, none the other."""
    variance, square = 2500, 100**2 / 127 / 2
    luma = 0.5 * (math.log(3140 * 1.01 / (variance + 31.4)) + (variance + 14**2) / 3140 - 1)
    edges = 0.5 * (math.log(645 * 1.01 / (square + 6.45)) + square / 645 - 1)
    assert unlikeness(half_and_half(128, 50, 150)) == pytest.approx(math.hypot(luma, edges), rel=1e-6)


def test_paper_is_plain_whatever_is_written_on_it() -> None:
    """A fifth of cream paper is black: the mean and the variance are a photograph's, the quartiles are not."""
    paper = np.full((100, 100, 3), (150, 140, 130), np.uint8)
    paper[::5] = 0
    luma = round(0.299 * 150 + 0.587 * 140 + 0.114 * 130)
    far = 0.5 * (math.log(101) + (luma - 114) ** 2 / 3140 - 1)
    assert unlikeness(paper) == pytest.approx(0.58 * far, rel=1e-6)


def test_luma_weighs_colors() -> None:
    """Pure green is brighter than a photograph, and nearer to one than the black that pure blue nearly is."""
    green, blue = (unlikeness(np.full((64, 64, 3), color, np.uint8)) for color in ((0, 255, 0), (0, 0, 255)))
    assert 2.5 < green < blue < 4


@pytest.mark.parametrize("name", ["landscape", "still_life", "town"])
@pytest.mark.parametrize("width", [1024, 512, 200])
def test_scenes_are_like_photographs_at_every_size(name: str, width: int) -> None:
    scene = read_picture(SCENES / f"{name}.jpg").rgb
    assert unlikeness(resize(scene, width, width * 3 // 4)) < 0.7
    assert unlikeness(scene) == pytest.approx(unlikeness(resize(scene, width, width * 3 // 4)), abs=0.2)
    assert typical_share(scene) == 0


def test_more_contrast_than_photographs_have_is_not_unlike_them() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    assert unlikeness(noise) < 0.1


@pytest.mark.parametrize(
    ("picture", "share"),
    [
        (page(), 0.9),
        (with_noise((128, 128, 128), 1), 0.9),
        (with_noise((4, 4, 4), 1), 0.9),
        (np.full((16, 16, 3), 255, np.uint8), 0.9),
        (np.zeros((1, 1, 3), np.uint8), 0.9),
        (half_and_half(256, 60, 180), 0),
    ],
)
def test_shares(picture: Pixels, share: float) -> None:
    assert typical_share(picture) == pytest.approx(share)


def test_the_share_grows_steadily_as_a_scene_fades_to_black() -> None:
    scene = read_picture(SCENES / "town.jpg").rgb
    shares = [typical_share((scene * part).astype(np.uint8)) for part in np.linspace(1, 0, 101)]
    assert shares[0] == 0
    assert shares[-1] == 0.9
    steps = np.diff(shares)
    assert steps.min() >= 0
    assert 0 < steps.max() < 0.13
