"""A bank sees the teacher's pairs whole."""

import numpy as np
import pytest
import torch

from nst_student.data.batches import Pixels
from nst_student.data.pairs import WholePairs


def picture(seed: int, height: int = 24, width: int = 36) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def as_tensor(pixels: Pixels) -> torch.Tensor:
    return torch.from_numpy(pixels.transpose(2, 0, 1) / np.float32(255))


def test_pairs_come_whole_unmirrored_and_with_their_own_target() -> None:
    photos = [picture(index) for index in range(5)]
    pairs = WholePairs([(photo, 255 - photo) for photo in photos], seed=0, multiple_px=4)
    seen = []
    for step in range(10):
        photo, target = pairs.batch(step, 2)
        assert photo.shape == target.shape == (2, 3, 24, 36)
        assert torch.allclose(photo + target, torch.ones(()))
        seen += [next(i for i, whole in enumerate(photos) if torch.equal(one, as_tensor(whole))) for one in photo]
    assert sorted(seen[:5]) == sorted(seen[5:10]) == list(range(5))
    assert seen[:5] != seen[5:10]


@pytest.mark.parametrize(("multiple_px", "height", "width"), [(4, 28, 36), (8, 24, 32)])
def test_sides_are_cut_to_what_the_encoder_takes(multiple_px: int, height: int, width: int) -> None:
    whole = picture(0, 30, 38)
    photo, target = WholePairs([(whole, whole)], seed=0, multiple_px=multiple_px).batch(0, 1)
    assert torch.equal(photo[0], as_tensor(whole[:height, :width]))
    assert torch.equal(target, photo)
