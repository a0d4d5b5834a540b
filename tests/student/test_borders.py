"""Border errors of filters that look past the border in known ways."""

import numpy as np
import pytest

from nst_runtime.pictures.arrays import Pixels
from nst_student.evaluation.borders import border_error


def grey(height: int = 100, width: int = 140) -> Pixels:
    return np.full((height, width, 3), 100, np.uint8)


def blurred(rgb: Pixels, mode: str) -> Pixels:
    """Take the mean of a pixel and its two neighbours to either side, past the border zeros or what is mirrored."""
    padded = np.pad(rgb.astype(float), ((0, 0), (2, 2), (0, 0)), mode=mode)  # type: ignore[call-overload]
    width = rgb.shape[1]
    return np.rint(sum(padded[:, shift : shift + width] for shift in range(5)) / 5).astype(np.uint8)  # type: ignore[no-any-return]


def photo() -> Pixels:
    return np.random.default_rng(0).integers(0, 255, (100, 140, 3), dtype=np.uint8)


def test_what_looks_at_no_neighbours_has_no_border_error() -> None:
    error = border_error(lambda rgb: rgb, [photo()])
    assert (error.ring, error.middle, error.ratio) == (0, 0, 0)


def test_zeros_past_the_border_darken_its_columns() -> None:
    """The columns nearest to a side lose 2/5 and 1/5 of level 100, over a ring of 16 px."""
    error = border_error(lambda rgb: blurred(rgb, "constant"), [grey()])
    ring = 100 * 140 - (100 - 32) * (140 - 32)
    assert error.ring == pytest.approx(2 * 100 * (40 + 20) / ring)
    assert error.middle == 0
    assert error.ratio == pytest.approx(error.ring / 0.1)


def test_a_filter_that_mirrors_is_not_at_fault() -> None:
    assert border_error(lambda rgb: blurred(rgb, "reflect"), [photo()]).ring == 0


def test_a_change_of_the_whole_picture_is_no_border_error() -> None:
    """What the margin does to the picture's statistics, it does to the ring and the middle alike."""
    error = border_error(lambda rgb: rgb + np.uint8(rgb.shape[0] // 50), [grey(), grey(130)])
    assert (error.ring, error.middle, error.ratio) == (2.5, 2.5, 1)


def test_photos_too_small_to_mirror_are_refused() -> None:
    with pytest.raises(ValueError, match="a margin of 64 px"):
        border_error(lambda rgb: rgb, [grey(64)])
