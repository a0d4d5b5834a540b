"""Sizes and shapes."""

import numpy as np
import pytest

from nst_teacher.pictures.framing import coarse_to_fine, fit_style, fitted_size, frame_photo, match_frame, split_evenly

from .conftest import draw_photo, draw_style


def test_the_schedule_grows_by_the_root_of_two_and_ends_at_full_size() -> None:
    assert coarse_to_fine((256, 384), 64) == [(64, 96), (91, 136), (128, 192), (181, 272), (256, 384)]
    assert coarse_to_fine((256, 384), None) == [(256, 384)]
    assert coarse_to_fine((64, 64), 64) == [(64, 64)]
    assert coarse_to_fine((384, 256), 182) == [(384, 256)]


def test_iterations_are_shared_evenly() -> None:
    assert split_evenly(10, 4) == [2, 3, 2, 3]
    assert sum(split_evenly(1900, 7)) == 1900
    assert split_evenly(1, 3) == [0, 0, 1]


def test_photos_keep_their_shape_or_become_squares() -> None:
    photo = draw_photo(0, 70, 90)
    assert frame_photo(photo, 35, "own").shape == (35, 45, 3)
    assert frame_photo(photo, 35, "crop").shape == (35, 45, 3)
    assert frame_photo(photo, 35, "square").shape == (35, 35, 3)


def test_the_style_is_cropped_to_the_photos_shape_or_stretched() -> None:
    style = np.zeros((40, 80, 3), np.uint8)
    style[:, 20:60] = 200
    assert match_frame(style, (30, 30), "crop").min() > 190
    stretched = match_frame(style, (30, 30), "stretch")
    assert stretched.mean() == pytest.approx(100, abs=2)


@pytest.mark.parametrize("short", [16, 33, 80, 500])
def test_the_fitted_size_is_that_of_the_fitted_picture(short: int) -> None:
    style = draw_style(80, 97)
    assert fit_style(style, short).shape[:2] == fitted_size(style, short)
