"""The drawn pictures: the same from the same seed, different from another, and each of the kind that it is named."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from nst_runtime.pictures.arrays import Pixels
from nst_student.data.hard.canvas import Canvas
from nst_student.data.hard.features import EYE_V, Looks, Pose, eye
from nst_student.data.hard.pictures import KINDS, draw_hard, hard_pictures

SIZE_PX = 96
SEEDS = range(6)


def luminance(picture: Pixels) -> npt.NDArray[np.float64]:
    light: npt.NDArray[np.float64] = picture @ np.array([0.299, 0.587, 0.114])
    return light


def saturation(picture: Pixels) -> npt.NDArray[np.int64]:
    spread: npt.NDArray[np.int64] = picture.max(-1).astype(np.int64) - picture.min(-1)
    return spread


def drawn(kind: str) -> list[Pixels]:
    return [draw_hard(kind, SIZE_PX, seed) for seed in SEEDS]


def test_there_are_sixteen_kinds_in_their_order() -> None:
    assert len(KINDS) == 16
    assert list(KINDS)[:3] == ["document", "handwriting", "line_art"]
    assert list(KINDS)[-1] == "checks"


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_decides_every_byte(kind: str) -> None:
    first, again = draw_hard(kind, SIZE_PX, 3), draw_hard(kind, SIZE_PX, 3)
    assert first.shape == (SIZE_PX, SIZE_PX, 3)
    assert first.dtype == np.uint8
    assert first.flags["C_CONTIGUOUS"]
    assert first.flags["WRITEABLE"]
    assert np.array_equal(first, again)


@pytest.mark.parametrize("kind", KINDS)
def test_other_seeds_draw_other_pictures(kind: str) -> None:
    distances = [np.abs(a.astype(int) - b).mean() for a, b in combinations(drawn(kind), 2)]
    assert min(distances) > 0.5
    assert np.median(distances) > 4


@pytest.mark.parametrize("kind", KINDS)
def test_odd_and_small_sizes_come_out_as_asked(kind: str) -> None:
    for size_px in (32, 61):
        assert draw_hard(kind, size_px, 1).shape == (size_px, size_px, 3)


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"'sunrise'.*document.*checks"):
        draw_hard("sunrise", SIZE_PX, 0)


def test_the_kinds_take_turns_and_no_seed_comes_twice() -> None:
    pictures = hard_pictures(48, 35, 7)
    assert len(pictures) == 35
    assert all(picture.shape == (48, 48, 3) for picture in pictures)
    assert len({picture.tobytes() for picture in pictures}) == 35
    documents = [pictures[index] for index in (0, 16, 32)]
    assert all(luminance(picture).mean() > 180 for picture in documents)
    assert [np.median(luminance(pictures[index])) < 40 for index in (7, 8, 24)] == [False, True, True]
    assert np.array_equal(hard_pictures(48, 3, 7)[2], pictures[2])
    assert not np.array_equal(hard_pictures(48, 1, 8)[0], pictures[0])


def test_the_same_are_drawn_once() -> None:
    """The stages of a training share them; another size, number or seed is another list."""
    pictures = hard_pictures(40, 3, 1)
    assert hard_pictures(40, 3, 1) is pictures
    for size_px, count, seed in ((44, 3, 1), (40, 2, 1), (40, 3, 2)):
        others = hard_pictures(size_px, count, seed)
        assert (len(others), others[0].shape[0]) == (count, size_px)
        assert np.array_equal(others[0], pictures[0]) is (count == 2)
    again = hard_pictures(40, 3, 1)
    assert all(np.array_equal(*pair) for pair in zip(again, pictures, strict=True))


@pytest.mark.parametrize("kind", ["document", "handwriting", "line_art"])
def test_paper_is_bright_and_has_ink(kind: str) -> None:
    for picture in drawn(kind):
        light = luminance(picture)
        assert np.median(light) > 200
        assert 0.01 < (light < np.median(light) - 60).mean() < 0.4


def test_graphics_have_flat_areas_and_hard_edges() -> None:
    for kind in ("blueprint_or_chart", "screenshot", "logo"):
        for picture in drawn(kind):
            steps = np.abs(np.diff(luminance(picture), axis=1))
            assert (steps < 4).mean() > 0.5
            assert steps.max() > 25


def test_one_color_is_one_color_and_a_gradient_has_no_edge() -> None:
    assert all(picture.std((0, 1)).max() < 2.5 for picture in drawn("one_colour"))
    for picture in drawn("gradient"):
        coarse = luminance(picture).reshape(12, 8, 12, 8).mean((1, 3))
        assert np.ptp(coarse) > 8
        assert max(np.abs(np.diff(coarse, axis=axis)).max() for axis in (0, 1)) < 40


def test_night_is_dark_with_points_of_light() -> None:
    for picture in drawn("night"):
        light = luminance(picture)
        assert np.median(light) < 40
        assert light.max() > 150


def test_berries_are_saturated_before_black() -> None:
    for picture in drawn("berries"):
        assert np.median(luminance(picture)) < 16
        assert (saturation(picture) > 80).mean() > 0.04
        assert luminance(picture).max() > 120


def test_fog_has_little_contrast_and_snow_is_bright() -> None:
    for picture in drawn("fog"):
        assert luminance(picture).std() < 35
        assert luminance(picture).min() > 40
    for picture in drawn("snow"):
        assert np.median(luminance(picture)) > 215
        assert luminance(picture).min() < 130


def test_skies_are_bright_over_dark_ground() -> None:
    for kind, bright in (("silhouette", 60), ("backlit_sky", 150)):
        for picture in drawn(kind):
            light = luminance(picture)
            assert light[:48].mean() > bright
            assert light[-4:].mean() < 75
    assert all(saturation(picture)[:60].mean() > 60 for picture in drawn("silhouette"))


def test_a_face_has_skin_in_its_middle_and_dark_eyes() -> None:
    for picture in drawn("face"):
        middle = picture[40:64, 36:60].astype(int)
        red, green, blue = np.median(middle.reshape(-1, 3), axis=0)
        assert red > green > blue
        assert luminance(picture)[20:60, 20:76].min() < 45


def test_an_eye_has_a_white_an_iris_a_pupil_and_a_glint() -> None:
    canvas = Canvas(200, (200, 150, 120))
    pose = Pose(center=(0.5, 0.5), scale=0.9, roll=0, yaw=0, jaw=0.2)
    looks = Looks((200, 150, 120), (60, 40, 30), (40, 90, 160), (190, 90, 90), (1, -0.5, 1), 0.2)
    eye(canvas, pose, looks, side=1, look=(0, 0), opening=1)
    picture = canvas.done()
    middle_x, middle_y = (round(200 * part) for part in pose.place(0.335, EYE_V - 0.012))
    assert luminance(picture)[middle_y, middle_x] < 20
    assert picture[middle_y, middle_x - 10].tolist() == [40, 90, 160]
    assert luminance(picture)[middle_y, middle_x - 18] > 200
    assert picture[middle_y - 10 : middle_y, middle_x : middle_x + 12].min(-1).max() == 255


def test_checks_repeat() -> None:
    for picture in drawn("checks"):
        light = luminance(picture)
        assert max((np.abs(np.diff(light, axis=axis)) > 12).mean() for axis in (0, 1)) > 0.02
        assert np.ptp(light.reshape(4, 24, 4, 24).mean((1, 3))) < 130
