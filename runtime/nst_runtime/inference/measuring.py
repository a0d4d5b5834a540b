"""Measure the norms of a picture that is too large for one call, on crops of it: tiles that cover it, or squares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.contracts.styles import Statistics
from nst_runtime.inference.chain import Step, steps
from nst_runtime.inference.shelf import Shelf
from nst_runtime.inference.statistics import affine

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from nst_runtime.inference.beside import Beside
    from nst_runtime.inference.chain import Parts
    from nst_runtime.inference.crops import Crop
    from nst_runtime.inference.templates import Affine
    from nst_runtime.pictures.arrays import Floats, PixelRows


HELD_NUMBERS = 4  # for each pixel of a crop, at most: what is kept of it between two norms


class Sums:
    """Count, sum and sum of squares of each channel, in float64, of values that come bit by bit."""

    def __init__(self, channels: int) -> None:
        self._count = 0
        self._sums: npt.NDArray[np.float64] = np.zeros((2, channels))

    def add(self, values: Floats) -> None:
        """Count in `values`, channels×n."""
        exact = values.astype(np.float64)
        self._count += values.shape[1]
        self._sums += np.stack([exact.sum(axis=1), np.einsum("cn,cn->c", exact, exact)])

    def statistics(self) -> Statistics:
        """Return mean and variance of what was added."""
        mean, square = self._sums / self._count
        return Statistics(mean.astype(np.float32), np.maximum(square - mean**2, 0).astype(np.float32))


def measure_crops(
    parts: Parts, photo: PixelRows, crops: Sequence[Crop], *, held: bool, beside: Beside | None = None
) -> dict[str, Statistics]:
    """Return the statistics of all norms, one after another, over what counts of the `crops` of `photo` together.

    Those of a picture that is not like a photograph are mixed with those of one that is, `beside`, if that is given.
    If `held`, what is computed of each crop stays in memory up to the next norm, but for what the part takes, which is
    computed again where it is wanted. If not, each crop is computed from the start for each norm, some six times as
    long, and the memory is that of one. Raises what `open_part` does.
    """
    chain = steps(parts)
    found: dict[str, Statistics] = {}
    affines: dict[str, Affine] = {}
    shelf = Shelf([crop.pixels * HELD_NUMBERS for crop in crops]) if held else None
    for place, step in enumerate(chain):
        if step.norm is None:
            continue
        sums = Sums(step.norm.channels)
        before = [each for each in chain[:place] if each.part != step.part or not held]
        for number, crop in enumerate(crops):
            waiting = shelf.at(number) if shelf else {}
            missing = step.takes - waiting.keys()
            values = {**waiting, **_run(before, parts, photo, crop, affines)} if missing else waiting
            after = step(values, affines)
            if shelf:
                shelf.put(number, {name: array for name, array in after.items() if name not in step.given})
            sums.add(crop.inside(after[f"{step.norm.name}.x"], step.norm.channels))
        own = sums.statistics()
        found[step.norm.name] = beside.mixed(step.norm.name, own) if beside else own
        affines[step.norm.name] = affine(step.norm, found[step.norm.name], parts.tensors(step.part))
    return found


def _run(
    chain: Sequence[Step], parts: Parts, photo: PixelRows, crop: Crop, affines: dict[str, Affine]
) -> dict[str, Floats]:
    values = {parts.pack.template("encoder", "direct").inputs[0].name: crop.of(photo, parts.multiple_px)}
    for step in chain:
        values = step(values, affines)
    return values
