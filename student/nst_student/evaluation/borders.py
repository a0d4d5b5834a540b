"""How much a stylised picture depends on where the photograph ends."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nst_runtime.pictures.arrays import Pixels
from nst_student.evaluation.stylizers import Stylize

MARGIN_PX = 64
RING_PX = 16
LEAST_MIDDLE = 0.1


@dataclass(frozen=True)
class BorderError:
    """The mean absolute change, in levels of 255, of the outer `ring` of 16 px and of the `middle` within it."""

    ring: float
    middle: float

    @property
    def ratio(self) -> float:
        """Ring over middle, which changes as the whole picture's statistics do; a middle below 0.1 counts as 0.1."""
        return self.ring / max(self.middle, LEAST_MIDDLE)


def border_error(stylize: Stylize, photos: Sequence[Pixels]) -> BorderError:
    """Return how stylised `photos` differ from those of the photos with a mirrored margin, cut off again, the means.

    The margin of 64 px is a multiple of the networks' strides, so that no lattice moves. `photos` are uint8 H×W×3 with
    sides of more than 64 px, so that there is enough to mirror.
    """
    rings, middles = [], []
    for photo in photos:
        if min(photo.shape[:2]) <= MARGIN_PX:
            raise ValueError(f"a margin of {MARGIN_PX} px needs longer sides, got {photo.shape}")
        margins = ((MARGIN_PX, MARGIN_PX), (MARGIN_PX, MARGIN_PX), (0, 0))
        wide = stylize(np.pad(photo, margins, mode="reflect"))[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX]
        change = np.abs(wide.astype(np.int16) - stylize(photo)).mean(axis=2)
        middle = change[RING_PX:-RING_PX, RING_PX:-RING_PX]
        rings.append((change.sum() - middle.sum()) / (change.size - middle.size))
        middles.append(middle.mean())
    return BorderError(float(np.mean(rings)), float(np.mean(middles)))
