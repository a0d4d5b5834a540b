"""A picture's statistics as they would be beside a photograph, for pictures that are not like one.

Norms divide by a picture's own contrast. Where there is next to none they blow noise up to strokes, and where nearly
all is white or black they make that a middle gray. Beside a photograph, a page stays white and its noise faint.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.contracts.styles import Statistics
from nst_runtime.pictures.read import read_picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nst_runtime.pictures.arrays import Pixels

TYPICAL_PICTURE = Path(__file__).with_name("typical.jpg")


@dataclass(frozen=True)
class Beside:
    """A typical photograph: its statistics by norm with a look, and its `share`, from 0 to 1, of what is measured."""

    share: float
    typical: Mapping[str, Statistics]

    def mixed(self, norm: str, own: Statistics) -> Statistics:
        """Return mean and variance of both together: of the picture, which has its `own` before `norm`, and this."""
        other, share = self.typical[norm], np.float32(self.share)
        apart = own.mean - other.mean
        return Statistics(
            own.mean - share * apart,
            (1 - share) * own.variance + share * other.variance + share * (1 - share) * apart**2,
        )


@cache
def typical_picture() -> Pixels:
    """Return the picture that stands for photographs, uint8 256×768×3: the project's scenes with their contrast."""
    rgb = read_picture(TYPICAL_PICTURE).rgb
    rgb.setflags(write=False)
    return rgb
