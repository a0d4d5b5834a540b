"""Make the typical picture of the runtime, whose statistics are those of photographs, from the project's own scenes.

python assets/typical_picture.py
"""

from pathlib import Path

import numpy as np

from nst_runtime.inference.beside import TYPICAL_PICTURE
from nst_runtime.inference.likeness import LUMA, LUMA_MEAN, LUMA_VARIANCE
from nst_runtime.pictures.arrays import Pixels, resize_short_side
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

SCENES = Path(__file__).parent / "scenes"
NAMES = ("landscape", "still_life", "town")
SIDE_PX = 256


def typical_picture() -> Pixels:
    """Return squares of three scenes side by side, with the mean and the variance of photographs' luma."""
    squares = [resize_short_side(read_picture(SCENES / f"{name}.jpg").rgb, SIDE_PX)[:, :SIDE_PX] for name in NAMES]
    picture = np.concatenate(squares, axis=1).astype(np.float32)
    luma = picture @ LUMA
    picture = (picture - luma.mean()) * np.sqrt(LUMA_VARIANCE / luma.var()) + LUMA_MEAN
    rounded: Pixels = np.clip(picture + 0.5, 0, 255).astype(np.uint8)
    return rounded


if __name__ == "__main__":
    write_picture(TYPICAL_PICTURE, typical_picture(), quality=75)
    print(TYPICAL_PICTURE)
