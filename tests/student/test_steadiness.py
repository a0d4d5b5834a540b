"""The gains of stylizers whose gain is known."""

import numpy as np
import pytest

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels, resize
from nst_student.evaluation.steadiness import frame_gain, noise_gain, shift_gain


def photo(seed: int, height: int = 96, width: int = 128) -> Pixels:
    """Clouds from level 100 to 155, so that nothing is clipped when its contrast is three times as high."""
    coarse = np.random.default_rng(seed).integers(100, 155, (7, 9, 3), dtype=np.uint8)
    return resize(coarse, width, height).clip(100, 155)


PHOTOS = [photo(1), photo(2, 100, 90)]


def same(rgb: Pixels) -> Pixels:
    return rgb


def thrice(rgb: Pixels) -> Pixels:
    return ((rgb.astype(int) - 127) * 3 + 127).clip(0, 255).astype(np.uint8)


def stripes(rgb: Pixels) -> Pixels:
    """Paint a 40 level stripe on each fourth column, wherever the photo's things are."""
    painted = rgb.copy()
    painted[:, ::4] += 40
    return painted


def test_noise_comes_through_as_it_is_or_three_times_as_strong() -> None:
    rounded_normal = 0.7636  # the sum over k of 2 P(x > k - 1/2) for a standard normal x
    assert noise_gain(same, PHOTOS) == pytest.approx(rounded_normal, rel=0.02)
    assert noise_gain(thrice, PHOTOS) == pytest.approx(3 * rounded_normal, rel=0.02)
    assert noise_gain(np.zeros_like, PHOTOS) == 0


def test_noise_is_drawn_anew_but_the_same_at_every_call() -> None:
    assert noise_gain(same, PHOTOS) == noise_gain(same, PHOTOS)
    assert noise_gain(same, PHOTOS, seed=1) != noise_gain(same, PHOTOS)
    seen: list[Pixels] = []
    noise_gain(lambda rgb: seen.append(rgb) or rgb, [PHOTOS[0]] * 2)  # type: ignore[func-returns-value]
    assert not np.array_equal(seen[0], seen[2])
    assert np.array_equal(seen[1], seen[3])


def test_what_stays_in_place_moves_against_a_photo_that_is_moved() -> None:
    assert shift_gain(same, PHOTOS) == 0
    assert shift_gain(thrice, PHOTOS) == 0
    # Moved to the right, two columns of four change by 40; moved down, none: the mean of 20 and 0.
    assert shift_gain(stripes, PHOTOS) == pytest.approx(10, rel=0.02)


def test_borders_are_left_out_of_shifts() -> None:
    def framed(rgb: Pixels) -> Pixels:
        painted = np.zeros_like(rgb)
        painted[7:-7, 7:-7] = rgb[7:-7, 7:-7]
        return painted

    assert shift_gain(framed, PHOTOS) == 0


def test_frames_count_as_their_change_over_the_clips_own() -> None:
    clip = [photo(3), photo(4), photo(5)]
    assert frame_gain(same, [clip]) == 1
    assert frame_gain(thrice, [clip, clip[:2]]) == pytest.approx(3)


def test_the_mean_over_clips_is_of_gains() -> None:
    quick, slow = [np.full((8, 8, 3), level, np.uint8) for level in (0, 100)], [np.full((8, 8, 3), 1, np.uint8)] * 1
    slow = [*slow, np.full((8, 8, 3), 2, np.uint8)]

    def flash(rgb: Pixels) -> Pixels:
        return (rgb * 3) if rgb.max() <= 2 else rgb

    assert frame_gain(flash, [quick, slow]) == pytest.approx((1 + 3) / 2)


def test_a_clip_in_which_nothing_moves_is_refused() -> None:
    with pytest.raises(NstError, match="nothing moves in clip 2 of 2"):
        frame_gain(same, [[photo(1), photo(2)], [photo(1)] * 2])
