"""The project's own scenes at any size: to calibrate by, to measure with, and for apps to test themselves."""

from collections.abc import Iterator, Mapping

import numpy as np

from nst_runtime.inference.beside import typical_picture
from nst_runtime.pictures.arrays import Floats, Pixels, resize, to_unit

NAMES = ("landscape", "still-life", "town")  # side by side in the typical picture
SHOWN = (NAMES[0], NAMES[2])
BRIGHTNESS = (1.0, 0.6, 1.5)


def shown_scenes(height: int, width: int) -> dict[str, Pixels]:
    """Return the scenes that a bundle shows, uint8 height×width×3 by name."""
    return {name: _cut(_scenes()[name], height, width) for name in SHOWN}


def calibration_scenes(height: int, width: int) -> Iterator[Floats]:
    """Yield all scenes, dark and bright ones too, float32 1×3×height×width as the network takes them.

    They are mirrored up to the size rather than enlarged, so that they are as sharp as photographs.
    """
    for scene in _scenes().values():
        picture = _mirrored(scene, height, width).astype(np.float32)
        for factor in BRIGHTNESS:
            yield to_unit(np.clip(picture * factor, 0, 255).astype(np.uint8))


def _scenes() -> Mapping[str, Pixels]:
    return dict(zip(NAMES, np.split(typical_picture(), len(NAMES), axis=1), strict=True))


def _cut(scene: Pixels, height: int, width: int) -> Pixels:
    """Return the middle of `scene` with the sides' ratio of height×width, at that size."""
    rows, columns = scene.shape[:2]
    scale = min(rows / height, columns / width)
    kept = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (rows - kept[0]) // 2, (columns - kept[1]) // 2
    return resize(np.ascontiguousarray(scene[top : top + kept[0], left : left + kept[1]]), width, height)


def _mirrored(scene: Pixels, height: int, width: int) -> Pixels:
    rows, columns = scene.shape[:2]
    more = ((0, max(0, height - rows)), (0, max(0, width - columns)), (0, 0))
    return np.ascontiguousarray(np.pad(scene, more, mode="reflect")[:height, :width])
