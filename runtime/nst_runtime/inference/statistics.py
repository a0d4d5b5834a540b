"""The statistics of instance norms, and what a norm is where they are known: a·x + b."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.contracts.styles import Statistics
from nst_runtime.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from nst_runtime.contracts.packs import Norm
    from nst_runtime.contracts.tensors import Tensors
    from nst_runtime.inference.templates import Affine, PartSession
    from nst_runtime.pictures.arrays import Floats


def gather(staged: PartSession, norms: Sequence[Norm], tensors: Tensors, *arrays: Floats) -> dict[str, Statistics]:
    """Return the statistics that each of `norms`, in their order, has over the whole of `arrays`.

    `staged` is the part in its staged form. It runs once for each norm and goes no further than that; `tensors` are the
    numbers that the norms' scales and biases are taken from.
    """
    affines = {norm.name: _nothing(norm) for norm in norms}
    found = {}
    for norm in norms:
        found[norm.name] = measure(staged.before(norm, affines, *arrays))
        affines[norm.name] = affine(norm, found[norm.name], tensors)
    return found


def measure(values: Floats) -> Statistics:
    """Return mean and variance of each channel of `values` 1×C×h×w, float32 C each, computed in float64."""
    flat = values.reshape(values.shape[1], -1)
    return Statistics(
        flat.mean(axis=1, dtype=np.float64).astype(np.float32), flat.var(axis=1, dtype=np.float64).astype(np.float32)
    )


def affine(norm: Norm, statistics: Statistics, tensors: Tensors) -> Affine:
    """Return a and b (float32 C each) with which a·x + b is `norm` of an x that has `statistics`.

    Raises PackError when `tensors` lack its scales or biases.
    """
    scale = _numbers(norm, tensors, norm.scale, norm.scale_start)
    bias = _numbers(norm, tensors, norm.bias, norm.bias_start)
    a = scale / np.sqrt(statistics.variance.astype(np.float64) + norm.eps)
    return a.astype(np.float32), (bias - statistics.mean * a).astype(np.float32)


def _numbers(norm: Norm, tensors: Tensors, name: str, start: int) -> npt.NDArray[np.float64]:
    tensor = tensors.get(name)
    if tensor is None or tensor.size < start + norm.channels:
        raise PackError(
            f"the norm {norm.name} lacks {norm.channels} numbers of {name}, from {start}", "get the pack again"
        )
    return tensor.ravel()[start : start + norm.channels].astype(np.float64)


def affine_tensors(affines: Mapping[str, Affine]) -> dict[str, Floats]:
    """Return `affines` as the weights ``NORM.a`` and ``NORM.b`` that templates in the *folded* form want."""
    return {
        f"{name}.{letter}": numbers
        for name, pair in affines.items()
        for letter, numbers in zip("ab", pair, strict=True)
    }


def _nothing(norm: Norm) -> Affine:
    return np.zeros(norm.channels, np.float32), np.zeros(norm.channels, np.float32)
