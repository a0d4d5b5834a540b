"""What a decoder gives is a picture of the right size, or refused."""

from collections.abc import Callable
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest

from nst_runtime.contracts.packs import Painted
from nst_runtime.errors import PackError
from nst_runtime.inference.templates import PartSession
from nst_runtime.inference.tiles import decode_in_strips, decode_whole

FACTS = Painted(channels=3, scale_px=4, overlap=1, step=1)
PAINTED = np.zeros((1, 3, 40, 5), np.float32)


def decoder(enlarge: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]) -> PartSession:
    """Return what stands for the decoder of a damaged pack: a function."""
    return cast("PartSession", lambda painted: [enlarge(painted)])


@pytest.mark.parametrize(
    ("enlarge", "given"),
    [
        (lambda x: x, "1×3×40×5"),
        (lambda x: np.zeros((1, 3, 1, 1), np.float32), "1×3×1×1"),
        (lambda x: np.zeros((1, 1, 160, 20), np.float32), "1×1×160×20"),
        (lambda x: np.zeros((1, 3, 159, 20), np.float32), "1×3×159×20"),
        (lambda x: np.zeros((1, 3, 160, 19), np.float32), "1×3×160×19"),
        (lambda x: np.zeros(9600, np.float32), "9600"),
    ],
)
def test_a_decoder_that_gives_another_size(
    enlarge: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]], given: str
) -> None:
    rgb = np.zeros((160, 20, 3), np.uint8)
    with pytest.raises(PackError, match=rf"^the decoder gives {given} numbers, not 1×3×160×20; get the pack again$"):
        decode_whole(decoder(enlarge), [PAINTED], rgb)
    with pytest.raises(PackError, match=rf"^the decoder gives {given} numbers, not"):
        decode_in_strips(decoder(enlarge), [PAINTED], rgb, FACTS)


def test_what_is_more_than_the_picture_is_cut_off() -> None:
    rgb = np.zeros((158, 18, 3), np.uint8)
    decode_in_strips(decoder(lambda x: np.ones((1, 3, 4 * x.shape[2], 20), np.float32)), [PAINTED], rgb, FACTS)
    assert (rgb == 255).all()
