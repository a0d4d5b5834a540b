"""Arrays of many crops in one piece of memory, which the system has back as soon as it is not used any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nst_runtime.pictures.arrays import Floats


class Shelf:
    """A place for the arrays, float32 by name, of each of several crops; `sizes` are how many numbers each may take.

    Of thousands of arrays that are made and let go, what Python frees would stay with the process. Arrays that are
    larger together are kept beside it.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._ends = np.cumsum(sizes)
        self._numbers = np.empty(int(self._ends[-1]), np.float32)
        self._kept: dict[int, dict[str, Floats]] = {}

    def put(self, place: int, values: Mapping[str, Floats]) -> None:
        """Keep a copy of `values` at `place`, instead of what is there."""
        flat = np.concatenate([array.ravel() for array in values.values()])  # first: they may lie here already
        space = self._numbers[self._ends[place - 1] if place else 0 : self._ends[place]]
        if flat.size <= space.size:
            space[: flat.size] = flat
            flat = space
        ends = np.cumsum([array.size for array in values.values()])
        parts = zip(values.items(), [0, *ends], ends, strict=False)
        self._kept[place] = {name: flat[begin:end].reshape(array.shape) for (name, array), begin, end in parts}

    def at(self, place: int) -> dict[str, Floats]:
        """Return what is at `place`, where it lies: it changes with the next `put` there; {} where there is nothing."""
        return self._kept.get(place, {})
