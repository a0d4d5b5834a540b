"""Time the parts of a stylisation, and two networks against each other, in interleaved rounds."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.sessions import Session
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import Floats, Pixels, from_network, to_network

Clock = Callable[[], float]
Network = Callable[[Floats], Floats]
SWAPS = 15


@dataclass(frozen=True)
class Milliseconds:
    """Median and least of a number of repeats."""

    median: float
    least: float


@dataclass
class Stopwatch:
    """Collects times by name; `clock` returns seconds."""

    clock: Clock = time.perf_counter
    times: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Add the time that the block takes to those of `name`."""
        began = self.clock()
        yield
        self.times.setdefault(name, []).append((self.clock() - began) * 1000)

    def results(self) -> dict[str, Milliseconds]:
        """Return the figures by name."""
        return {name: Milliseconds(statistics.median(times), min(times)) for name, times in self.times.items()}


def test_picture(height: int, width: int) -> Pixels:
    """Return a picture of soft noise, uint8 H×W×3."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3)).repeat(8, 0).repeat(8, 1)
    return coarse[:height, :width].astype(np.uint8)


def open_network(data: bytes, threads: int) -> Network:
    """Return the ONNX model `data` as a function, its session set up as those of the runtime."""
    session = Session(data, {}, RunSettings("cpu", threads), "the other network")

    def run(array: Floats) -> Floats:
        (output,) = session.run({"image": array})
        return output

    return run


def time_rounds(
    stylizer: Stylizer, style: str, other: Network | None, picture: Pixels, *, rounds: int, clock: Clock
) -> dict[str, Milliseconds]:
    """Return the times of each part, of a whole call, and of `other`, which takes its turn in every fourth round."""
    watch = Stopwatch(clock)
    for number in range(-1, rounds):
        if number == 0:
            watch.times.clear()  # the first round fills caches and memory pools
        _time_parts(watch, stylizer, style, picture)
        with watch.measure("end to end"):
            stylizer.stylize(picture, style)
        if other is not None and number % 4 in {0, 3}:
            _time_other(watch, other, picture)
    return watch.results()


def _time_parts(watch: Stopwatch, stylizer: Stylizer, style: str, picture: Pixels) -> None:
    height, width = picture.shape[:2]
    with watch.measure("to floats"):
        array = to_network(picture, stylizer.pack.manifest.codec.multiple_px)
    with watch.measure("network"):
        with watch.measure("encoder"):
            features = stylizer.network.encoder(array)
        with watch.measure("bank"):
            stylised = stylizer.network.bank(style)(*features)
        with watch.measure("decoder"):
            (image,) = stylizer.network.decoder(*stylised)
    with watch.measure("to uint8"):
        from_network(image, height, width)


def _time_other(watch: Stopwatch, other: Network, picture: Pixels) -> None:
    height, width = picture.shape[:2]
    with watch.measure("Johnson end to end"):
        array = to_network(picture, 4)
        with watch.measure("Johnson network"):
            image = other(array)
        from_network(image, height, width)


def time_swap(stylizer: Stylizer, style: str, clock: Clock) -> dict[str, Milliseconds]:
    """Return the time to get a bank ready: from its file, as at the first use, and from memory, as after it."""
    watch = Stopwatch(clock)
    stylizer.network.bank(style)
    for _ in range(SWAPS):
        with watch.measure("first use"):
            stylizer.network.open_bank(style)
        with watch.measure("cached"):
            stylizer.network.bank(style)
    return watch.results()
