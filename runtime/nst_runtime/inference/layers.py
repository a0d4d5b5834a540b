"""Put a picture together from the top down, a strip at a time, of what was painted with each look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.inference.finish import enlarged, finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nst_runtime.inference.regions import RegionWeights
    from nst_runtime.pictures.arrays import PixelRows, Pixels

    Source = Callable[[int, Pixels], Pixels]
    """Gives the painted rows that begin at a row, for the photograph's; asked for from the top down."""

STRIP_PIXELS = 2**18
FEWEST_ROWS = 16


@dataclass(frozen=True)
class Layer:
    """What was painted with a look, how much of it is seen, and how much of its colors."""

    painted: Source
    share: float = 1.0
    colors: float = 1.0

    def rows(self, top: int, photo: Pixels) -> Pixels:
        """Return the rows from `top` on that go with the rows `photo`."""
        return finished(self.painted(top, photo), photo, share=self.share, colors=self.colors)


def photograph(top: int, photo: Pixels) -> Pixels:
    """Return the photograph's own rows."""
    return photo


def of_whole(painted: Pixels) -> Source:
    """Return the rows of a picture that was painted at full size."""
    return lambda top, photo: painted[top : top + len(photo)]


def of_smaller(painted: Pixels, small: Pixels, height: int) -> Source:
    """Return the rows of one that was painted smaller, `small` being the photograph at that size."""
    return lambda top, photo: enlarged(painted, small, photo, height, top)


def of_bands(bands: Iterator[Pixels]) -> Source:
    """Return the rows of one that comes in `bands` from the top down, of which one is held at a time."""
    rest: list[Pixels] = []

    def rows(_: int, photo: Pixels) -> Pixels:
        pieces: list[Pixels] = []
        missing = len(photo)
        while missing:
            band = rest.pop() if rest else next(bands)
            pieces.append(band[:missing].copy())
            missing -= len(pieces[-1])
            if len(band) > len(pieces[-1]):
                rest.append(band[len(pieces[-1]) :])
            del band  # before the next one is painted
        return np.concatenate(pieces)

    return rows


def compose(
    photo: PixelRows, layers: Sequence[Layer], weights: RegionWeights | None = None
) -> Iterator[tuple[int, Pixels]]:
    """Yield the first row of each strip of the picture, and its rows, uint8 h×W×3.

    Without `weights` it is the only one of the `layers`; with them each has its weight, and the rest is the photograph.
    """
    height, width = photo.shape[:2]
    step = max(FEWEST_ROWS, STRIP_PIXELS // width)
    for top in range(0, height, step):
        rows = photo[top : min(top + step, height)]
        if weights is None:
            yield top, layers[0].rows(top, rows)
        else:
            yield top, _mixed(top, rows, layers, weights)


def _mixed(top: int, photo: Pixels, layers: Sequence[Layer], weights: RegionWeights) -> Pixels:
    shares = weights.rows(top, top + len(photo))
    kept = np.ones(photo.shape[:2], np.float32)
    for share in shares:
        kept -= share
    result = photo * kept[..., None]
    for layer, share in zip(layers, shares, strict=True):
        result += layer.rows(top, photo) * share[..., None]
    mixed: Pixels = np.clip(result + np.float32(0.5), 0, 255).astype(np.uint8)
    return mixed
