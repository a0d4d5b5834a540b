"""How much a stylizer makes of small changes: of noise, of a shift, and of what moves in a film."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_student.evaluation.stylizers import Stylize

NOISE_LEVELS = 1.0
BORDER_PX = 8


def noise_gain(stylize: Stylize, photos: Sequence[Pixels], seed: int = 0) -> float:
    """Return the mean absolute change of the stylised `photos` (uint8 H×W×3) under noise, in levels of 255.

    Each value of the photo gets normal noise of a standard deviation of one level and is rounded to uint8 again. What
    leaves pictures as they are has 0.76, the mean absolute value of rounded normal noise.
    """
    noise = np.random.default_rng(seed)
    changes = []
    for photo in photos:
        noisy = np.rint(photo + noise.normal(0.0, NOISE_LEVELS, photo.shape)).clip(0, 255).astype(np.uint8)
        changes.append(mean_change(stylize(noisy), stylize(photo)))
    return float(np.mean(changes))


def shift_gain(stylize: Stylize, photos: Sequence[Pixels]) -> float:
    """Return the mean absolute change of the stylised `photos` (uint8 H×W×3) moved by a pixel, in levels of 255.

    The photo is moved to the right by one pixel, once, and down, once, its first column or row staying; the result is
    moved back. The outer 8 px are left out. What paints the same strokes wherever a thing stands has 0.
    """
    changes = []
    for photo in photos:
        still = stylize(photo)
        for axis in (0, 1):
            moved = np.roll(stylize(_moved(photo, axis)), -1, axis)
            changes.append(mean_change(_inner(moved), _inner(still)))
    return float(np.mean(changes))


def frame_gain(stylize: Stylize, clips: Sequence[Sequence[Pixels]]) -> float:
    """Return the mean change between frames of the stylised `clips` over that of the clips' own, the mean over clips.

    Frames are uint8 H×W×3, two or more a clip, in a row. What leaves pictures as they are has 1. Raises NstError when
    nothing moves in a clip.
    """
    gains = []
    for number, frames in enumerate(clips, 1):
        own = _change_between(frames)
        if own == 0:
            raise NstError(f"nothing moves in clip {number} of {len(clips)}", "leave it out, or take one that moves")
        gains.append(_change_between([stylize(frame) for frame in frames]) / own)
    return float(np.mean(gains))


def mean_change(one: Pixels, other: Pixels) -> float:
    """Return the mean absolute difference of two pictures, uint8 H×W×3, in levels of 255."""
    return float(np.abs(one.astype(np.int16) - other).mean())


def _moved(photo: Pixels, axis: int) -> Pixels:
    first = photo.take([0], axis)
    return np.concatenate([first, photo.take(range(photo.shape[axis] - 1), axis)], axis)


def _inner(picture: Pixels) -> Pixels:
    return picture[BORDER_PX:-BORDER_PX, BORDER_PX:-BORDER_PX]


def _change_between(frames: Sequence[Pixels]) -> float:
    return float(np.mean([mean_change(*pair) for pair in pairwise(frames)]))
