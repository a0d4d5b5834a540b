"""Which photos are taken, what they are called, and how they are cut."""

from pathlib import Path

import numpy as np
import pytest

from nst_runtime.errors import NstError
from nst_runtime.pictures.write import write_picture
from nst_teacher.pictures.photos import choose_photos, identify, read_square

from .conftest import draw_photo


def test_a_larger_count_goes_on_where_a_smaller_one_ended(photos: Path) -> None:
    assert choose_photos(photos, 4, seed=0)[:2] == choose_photos(photos, 2, seed=0)
    assert sorted(choose_photos(photos, 4, seed=0)) == sorted(photos.iterdir())
    orders = {tuple(choose_photos(photos, 4, seed)) for seed in range(8)}
    assert len(orders) > 3


def test_too_few_photos_are_counted(photos: Path) -> None:
    with pytest.raises(NstError, match=r"photos holds 4 pictures, not 5; give a lower `count`"):
        choose_photos(photos, 5, seed=0)


def test_id_and_seed_follow_from_the_file_and_the_seed_alone(photos: Path, tmp_path: Path) -> None:
    path = photos / "photo_0.png"
    photo = identify(path, 3)
    assert photo == identify(path, 3)
    assert photo.id.startswith("photo-0-" + photo.sha256[:10])
    moved = tmp_path / "elsewhere" / "photo_0.png"
    moved.parent.mkdir()
    path.rename(moved)
    assert (identify(moved, 3).id, identify(moved, 3).seed) == (photo.id, photo.seed)
    assert identify(moved, 4).seed != photo.seed


def test_two_names_of_the_same_bytes_are_two_pairs(photos: Path) -> None:
    (photos / "Photo 0.png").write_bytes((photos / "photo_0.png").read_bytes())
    first, second = identify(photos / "photo_0.png", 0), identify(photos / "Photo 0.png", 0)
    assert first.sha256 == second.sha256
    assert first.id != second.id


def test_odd_names_make_plain_ids(tmp_path: Path) -> None:
    path = tmp_path / "日本 — ../Été.png".replace("/", "_")
    write_picture(path, draw_photo(0))
    assert set(identify(path, 0).id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_the_middle_of_the_picture_is_kept(tmp_path: Path) -> None:
    wide = np.zeros((40, 100, 3), np.uint8)
    wide[:, 30:70] = (10, 200, 30)
    write_picture(tmp_path / "wide.png", wide)
    cut = read_square(tmp_path / "wide.png", 40)
    assert cut.shape == (40, 40, 3)
    assert np.unique(cut.reshape(-1, 3), axis=0).tolist() == [[10, 200, 30]]
    write_picture(tmp_path / "tall.png", wide.transpose(1, 0, 2))
    assert read_square(tmp_path / "tall.png", 20).mean(axis=(0, 1)) == pytest.approx([10, 200, 30], abs=3)


def test_a_photo_of_one_pixels_width_is_refused(tmp_path: Path) -> None:
    write_picture(tmp_path / "thin.png", np.full((300, 1, 3), 90, np.uint8))
    with pytest.raises(NstError, match=r"thin.png is 1×300 px; both sides need at least 16"):
        read_square(tmp_path / "thin.png", 32)
