"""Patterns of known strength, laid over photographs."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from nst_runtime.pictures.arrays import Pixels, resize, resize_short_side
from nst_runtime.pictures.read import read_picture
from nst_student.evaluation.lattice import lattice, locked_energy

SCENES = Path(__file__).parents[2] / "assets" / "scenes"
PHOTOS = [resize_short_side(read_picture(SCENES / f"{name}.jpg").rgb, 256) for name in ("landscape", "town")]


def laid_over(rgb: Pixels, period_px: int, amplitude: float) -> Pixels:
    """Add ± `amplitude` levels in squares of half the period, as a chessboard has them."""
    down, across = (np.arange(side) * 2 // period_px % 2 for side in rgb.shape[:2])
    signs = 1 - 2 * (down[:, None] ^ across)
    return (rgb * 0.8 + 20 + amplitude * signs[..., None]).round().clip(0, 255).astype(np.uint8)


def strokes(rgb: Pixels) -> Pixels:
    """Add fine clouds of 20 levels that repeat nowhere."""
    clouds = np.random.default_rng(0).normal(0, 20, (*rgb.shape[:2], 1))
    return (rgb * 0.7 + 40 + clouds).round().clip(0, 255).astype(np.uint8)


def test_a_photo_left_alone_has_no_lattice() -> None:
    assert lattice(lambda rgb: rgb, PHOTOS) == 0


@pytest.mark.parametrize("period", [2, 4, 8])
def test_a_lattice_has_its_own_strength(period: int) -> None:
    for amplitude in (2, 5):
        found = lattice(partial(laid_over, period_px=period, amplitude=amplitude), PHOTOS)
        assert found == pytest.approx(amplitude, rel=0.02)


def test_strokes_and_other_periods_are_no_lattice() -> None:
    assert lattice(strokes, PHOTOS) < 0.6
    assert lattice(lambda rgb: laid_over(rgb, 14, 5), PHOTOS) < 0.5


def test_a_lattice_shows_among_strokes() -> None:
    assert lattice(lambda rgb: laid_over(strokes(rgb), 2, 3), PHOTOS) == pytest.approx(3, rel=0.1)


def test_stripes_along_one_axis_count() -> None:
    def striped(rgb: Pixels) -> Pixels:
        painted = rgb // 2 + 50
        painted[:, ::4] += 8  # of mean square 8² · (1/4 - 1/16)
        return painted

    assert lattice(striped, PHOTOS) == pytest.approx(8 * (3 / 16) ** 0.5, rel=0.06)


def test_a_photo_s_own_lattice_is_no_fault_of_the_stylizer() -> None:
    photos = [laid_over(photo, 8, 6) for photo in PHOTOS]
    assert locked_energy(photos[0]) == pytest.approx(36, rel=0.1)
    assert lattice(lambda rgb: rgb, photos) == 0


def test_odd_sizes_are_cut_and_small_ones_refused() -> None:
    odd = resize(PHOTOS[0], 301, 203)
    assert lattice(lambda rgb: laid_over(rgb, 2, 3), [odd]) == pytest.approx(3, rel=0.1)
    with pytest.raises(ValueError, match="sides of 128 px"):
        locked_energy(odd[:100])
