"""How near a graph comes to the runtime's pictures, and how long it takes here."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nst_export.bundles.manifest import Measured
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.sessions import Session
from nst_runtime.pictures.arrays import Floats, Pixels, from_network

RUNS = 3


@dataclass(frozen=True)
class Sample:
    """A picture as the graph takes it, and what the runtime makes of it, uint8 H×W×3."""

    image: Floats
    expected: Pixels


def measure(data: bytes, samples: Sequence[Sample], where: str) -> Measured:
    """Return how the graph `data` does on `samples`, the worst of them; raises PackError when it does not run."""
    session = Session(data, {}, RunSettings("cpu", 1), where)
    (name,) = session.inputs
    made = [from_network(session.run({name: s.image})[0], *s.expected.shape[:2]) for s in samples]
    pairs = [(picture, sample.expected) for picture, sample in zip(made, samples, strict=True)]
    ratios = [ratio for picture, expected in pairs if (ratio := psnr_db(picture, expected)) is not None]
    return Measured(
        round(_milliseconds(session, {name: samples[0].image}), 1),
        max(largest_difference(picture, expected) for picture, expected in pairs),
        round(min(ratios), 1) if ratios else None,
    )


def psnr_db(picture: Pixels, expected: Pixels) -> float | None:
    """Return the peak signal-to-noise ratio of `picture`; None where no pixel differs."""
    square = np.mean((picture.astype(np.float64) - expected) ** 2)
    return 10 * math.log10(255**2 / square) if square else None


def largest_difference(picture: Pixels, expected: Pixels) -> int:
    """Return the largest difference of a channel of a pixel, in levels of 255."""
    return int(np.abs(picture.astype(np.int16) - expected).max())


def _milliseconds(session: Session, feeds: Mapping[str, Floats]) -> float:
    """Return the time of the fastest of RUNS runs."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        session.run(feeds)
        times.append(time.perf_counter() - start)
    return 1000 * min(times)
