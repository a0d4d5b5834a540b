"""What a step sees follows from its number."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nst_runtime.errors import NstError
from nst_runtime.pictures.write import write_picture
from nst_student.data.batches import Pixels
from nst_student.data.photos import Crops, load_photos


def numbered(count: int, size: int = 24) -> list[Pixels]:
    return [np.full((size, size, 3), index, np.uint8) for index in range(count)]


def values(crops: Crops, step: int, count: int) -> list[int]:
    (photo,) = crops.batch(step, count)
    return [round(float(value) * 255) for value in photo[:, 0, 0, 0]]


def test_each_picture_comes_once_before_any_comes_twice() -> None:
    crops = Crops(numbered(6), 16, seed=3)
    seen = [value for step in range(3) for value in values(crops, step, 2)]
    assert sorted(seen) == list(range(6))
    again = [value for step in range(3, 6) for value in values(crops, step, 2)]
    assert sorted(again) == list(range(6))
    assert seen != again


def test_steps_repeat_and_seeds_differ() -> None:
    first, second = Crops(numbered(6), 16, seed=0), Crops(numbered(6), 16, seed=1)
    assert values(first, 5, 4) == values(first, 5, 4)
    assert [values(first, s, 4) for s in range(4)] != [values(second, s, 4) for s in range(4)]


def test_crops_are_windows_of_the_picture_and_half_of_them_mirrored() -> None:
    rows, columns = np.mgrid[:40, :50].astype(np.uint8)
    crops = Crops([np.stack([rows, columns, rows], axis=2)], 32, seed=0)
    mirrored = []
    for step in range(40):
        crop = (crops.batch(step, 1)[0][0] * 255).round().numpy()
        assert (np.diff(crop[0], axis=0) == 1).all()
        slopes = np.diff(crop[1], axis=1)
        assert abs(slopes[0, 0]) == 1
        assert (slopes == slopes[0, 0]).all()
        mirrored.append(slopes[0, 0] < 0)
    assert 10 < sum(mirrored) < 30


def test_one_crop_in_ten_is_of_a_hard_picture() -> None:
    """Of any of them, and the photographs in between come in their order, none left out for good."""
    photos, hard = numbered(7), [picture + 100 for picture in numbered(5)]
    crops = Crops(photos, 16, 0, hard)
    seen = [value for step in range(500) for value in values(crops, step, 4)]
    drawn = [value for value in seen if value >= 100]
    assert 150 < len(drawn) < 250  # four standard deviations are 54
    assert set(drawn) == set(range(100, 105))
    plain = [value for step in range(500) for value in values(Crops(photos, 16, 0), step, 4)]
    assert [value for value in seen if value < 100] == [p for p, s in zip(plain, seen, strict=True) if s < 100]
    assert crops.recipe() == {"photos": 7, "hard_pictures": 5, "crop_px": 16}


def test_hard_pictures_are_told_from_photographs() -> None:
    crops = Crops(numbered(7), 16, 0, [picture + 100 for picture in numbered(5)])
    told = [crops.are_hard(step, 4).tolist() for step in range(100)]
    assert told == [[value >= 100 for value in values(crops, step, 4)] for step in range(100)]
    assert 20 < sum(map(sum, told)) < 60


def test_a_step_sees_the_same_crops_whatever_came_before_it() -> None:
    textured = [np.random.default_rng(seed).integers(0, 256, (40, 50, 3), dtype=np.uint8) for seed in range(3)]
    first = Crops(textured, 16, 0, textured[::-1])
    (expected,) = first.batch(7, 6)
    first.batch(3, 2)
    assert torch.equal(first.batch(7, 6)[0], expected)
    assert torch.equal(Crops(textured, 16, 0, textured[::-1]).batch(7, 6)[0], expected)
    assert not torch.equal(first.batch(8, 6)[0], expected)


def test_short_sides_spread_over_the_range_and_damaged_files_are_left_out(tmp_path: Path) -> None:
    for index in range(8):
        write_picture(tmp_path / f"p{index}.png", np.full((30, 40, 3), index, np.uint8))
    (tmp_path / "p9.jpg").write_bytes(b"no picture")
    skipped: list[str] = []
    photos = load_photos(tmp_path, short_sides_px=(32, 64), skipped=lambda path, _: skipped.append(path.name))
    sides = [min(photo.shape[:2]) for photo in photos]
    assert skipped == ["p9.jpg"]
    assert len(set(sides)) >= 6
    assert min(sides) >= 32
    assert max(sides) <= 64


def test_a_folder_without_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NstError, match="no picture that can be read"):
        load_photos(tmp_path, short_sides_px=(32, 32), skipped=lambda *_: None)
