"""Pictures side by side."""

import numpy as np
import pytest

from nst_runtime.pictures.collage import tile


def test_pictures_lie_where_they_belong() -> None:
    pictures = [np.full((2, 3, 3), value, np.uint8) for value in (10, 20, 30, 40)]
    sheet = tile([pictures[:2], pictures[2:]], gap_px=1)
    assert sheet.shape == (5, 7, 3)
    assert sheet[:, :, 0].tolist() == [
        [10, 10, 10, 255, 20, 20, 20],
        [10, 10, 10, 255, 20, 20, 20],
        [255] * 7,
        [30, 30, 30, 255, 40, 40, 40],
        [30, 30, 30, 255, 40, 40, 40],
    ]


def test_uneven_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="equally"):
        tile([[np.zeros((2, 3, 3), np.uint8)], [np.zeros((3, 3, 3), np.uint8)]])
