"""The drawing programs repeat themselves, and the committed pictures are what they draw."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from assets.draw.all import ASSETS, PICTURES, SIZE_PX, drawing, main
from assets.draw.develop import BUDGET_BYTES
from PIL import Image

Rgb = npt.NDArray[np.uint8]

TINY_PX = 64
SCENES = {"landscape", "town", "still_life"}
LEAST_DB = {"landscape": 24.0, "town": 20.0, "still_life": 22.0, "swirls": 20.0, "facets": 20.0}
"""Least likeness of a tiny drawing to the committed picture shrunk to its size; a changed drawing is at 10 to 15."""


@cache
def tiny(name: str) -> Rgb:
    return drawing(name)(TINY_PX)


def committed(name: str) -> Path:
    return ASSETS / PICTURES[name] / f"{name}.jpg"


def psnr_db(a: Rgb, b: Rgb) -> float:
    return float(10 * np.log10(255.0**2 / np.mean((a.astype(np.float64) - b) ** 2)))


def shrunk(path: Path, width: int, height: int) -> Rgb:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB").resize((width, height), Image.Resampling.BOX))


@pytest.mark.parametrize("name", PICTURES)
def test_a_drawing_has_the_size_asked_and_looks_like_a_picture(name: str) -> None:
    picture = tiny(name)
    width = round(TINY_PX * 4 / 3) if name in SCENES else TINY_PX
    assert picture.shape == (TINY_PX, width, 3)
    assert picture.dtype == np.uint8
    grey = picture.mean(-1)
    assert 30 < grey.std() < 90
    assert 60 < grey.mean() < 180
    colours = len(np.unique(picture.reshape(-1, 3) >> 3, axis=0))
    assert colours > 250
    flat = np.abs(np.diff(grey, axis=1)).reshape(-1)
    assert np.mean(flat < 0.5) < 0.35


@pytest.mark.parametrize("name", PICTURES)
def test_a_drawing_repeats_itself(name: str) -> None:
    again = drawing(name)(TINY_PX)
    assert np.abs(again.astype(int) - tiny(name)).max() <= 1


@pytest.mark.parametrize("name", PICTURES)
def test_the_committed_picture_is_large_and_light(name: str) -> None:
    assert committed(name).stat().st_size <= BUDGET_BYTES
    with Image.open(committed(name)) as picture:
        assert picture.format == "JPEG"
        assert min(picture.size) == SIZE_PX
        assert not picture.getexif()


@pytest.mark.parametrize("name", PICTURES)
def test_the_committed_picture_is_what_the_program_draws(name: str) -> None:
    picture = tiny(name)
    there = shrunk(committed(name), picture.shape[1], picture.shape[0])
    assert psnr_db(picture, there) > LEAST_DB[name]


@pytest.mark.parametrize("name", PICTURES)
def test_the_committed_picture_has_fine_texture_and_a_full_histogram(name: str) -> None:
    with Image.open(committed(name)) as picture:
        grey: npt.NDArray[Any] = np.asarray(picture.convert("L"), np.float32)
    low, high = np.percentile(grey, [1, 99])
    assert low < 60
    assert high > 190
    steps = np.abs(np.diff(grey, axis=1))
    tiles = steps[:704, :704].reshape(11, 64, 11, 64).mean((1, 3))
    assert tiles.min() > 0.8


def test_the_command_draws_one_picture_into_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--only", "facets", "--size-px", "48", "--out", str(tmp_path)])
    with Image.open(tmp_path / "styles" / "facets.jpg") as picture:
        assert picture.size == (48, 48)
    assert "48x48" in capsys.readouterr().out
