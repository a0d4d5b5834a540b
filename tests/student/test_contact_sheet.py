"""The contact sheet, cell by cell."""

from pathlib import Path

import numpy as np
import pytest

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.write import write_picture
from nst_student.evaluation.contact_sheet import GAP_PX, TITLE_PX, Column, contact_sheet, find_teacher_pictures


def flat(level: int, height: int, width: int) -> Pixels:
    return np.full((height, width, 3), level, np.uint8)


def test_columns_stand_side_by_side_under_their_titles() -> None:
    columns = [Column("photo", [flat(10, 40, 60), flat(20, 60, 40)]), Column("waves", [flat(30, 80, 80), None])]
    sheet = contact_sheet(columns, cell_px=40)
    assert sheet.shape == (TITLE_PX + 2 * 40 + GAP_PX, 2 * 40 + GAP_PX, 3)
    middles = [int(sheet[TITLE_PX + 20 + down, 20 + across, 0]) for down in (0, 44) for across in (0, 44)]
    assert middles == [10, 30, 20, 255]
    assert sheet[:TITLE_PX, :40].min() < 128
    assert sheet[:TITLE_PX, 44:].min() < 128


def test_a_cell_is_the_middle_of_its_picture_pixel_by_pixel() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (50, 40, 3), dtype=np.uint8)
    sheet = contact_sheet([Column("", [picture])], cell_px=40)
    assert np.array_equal(sheet[TITLE_PX:], picture[5:45])


def test_the_teacher_s_pictures_are_found_by_the_photo_s_name(tmp_path: Path) -> None:
    photos = [Path("photos/a.jpg"), Path("photos/b.jpg")]
    write_picture(tmp_path / "a.png", flat(1, 20, 20))
    write_picture(tmp_path / "waves" / "b.jpg", flat(99, 20, 20))
    first, second = find_teacher_pictures(tmp_path, "waves", photos, alone=True)
    assert first is None
    assert second is not None
    assert second[0, 0, 0] == 99
    first, second = find_teacher_pictures(tmp_path, "scream", photos, alone=True)
    assert first is not None
    assert second is None
    with pytest.raises(NstError, match="no folder"):
        find_teacher_pictures(tmp_path, "scream", photos, alone=False)
    with pytest.raises(NstError, match=r"such as c\.png"):
        find_teacher_pictures(tmp_path, "waves", [Path("c.jpg")], alone=True)
