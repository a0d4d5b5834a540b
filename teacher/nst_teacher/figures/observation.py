"""Watch optimisations: their losses along the way, and the seconds that they take by themselves."""

import time
from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_teacher.engine.engine import Engine
from nst_teacher.figures.stylize import pixels_of
from nst_teacher.objective.objective import Losses
from nst_teacher.pairs.job import Iterated, PictureMade
from nst_teacher.settings.method import Method

LOGGED = 200


@dataclass(frozen=True)
class Trial:
    """One optimisation of a figure: a photo (uint8 H×W×3) with the style picture `style`, by `method`, from `seed`.

    `name` tells it from the figure's others, also as a part of a file's name. `snapshots` are iterations to show.
    """

    name: str
    method: Method
    photo: Pixels
    style: Pixels
    seed: int
    snapshots: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reading:
    """The losses of a picture after `iteration`, and the seconds that it took to get there from iteration 0.

    `total` is what is minimised; `content`, `style` and `variation` are without the weights of the terms, so that they
    compare between methods that differ in those.
    """

    iteration: int
    seconds: float
    total: float
    content: float
    style: float
    variation: float


@dataclass(frozen=True)
class Observation:
    """The results of a trial: its last picture, its snapshots by iteration (uint8 H×W×3), and its readings in order."""

    picture: Pixels
    snapshots: Mapping[int, Pixels]
    readings: tuple[Reading, ...]

    def at(self, iteration: int) -> Reading:
        """Return the reading after `iteration`; there is one at 0, at the last and at every snapshot."""
        return next(reading for reading in self.readings if reading.iteration == iteration)


class Stopwatch:
    """Adds up what lies between `start` and `stop`; on a CUDA device by its own events, which nothing waits for."""

    def __init__(self, device: torch.device) -> None:
        self._cuda = device.type == "cuda"
        self._begun = 0.0
        self._laps: list[float] = []
        self._events: list[tuple[torch.cuda.Event, torch.cuda.Event]] = []

    def start(self) -> None:
        """Begin a lap."""
        if self._cuda:
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
            self._events.append((begin, end))
            self._events[-1][0].record()
        else:
            self._begun = time.perf_counter()

    def stop(self) -> None:
        """End the lap."""
        if self._cuda:
            self._events[-1][1].record()
        else:
            self._laps.append(time.perf_counter() - self._begun)

    def seconds(self) -> list[float]:
        """Return the seconds after 0, 1, 2 … laps."""
        if self._cuda:
            torch.cuda.synchronize()
            self._laps = [begin.elapsed_time(end) / 1000 for begin, end in self._events]
        return [0.0, *np.cumsum(self._laps).tolist()]


def run_trials(
    trials: Sequence[Trial], device: torch.device
) -> Generator[Iterated | PictureMade, None, tuple[Observation, ...]]:
    """Run `trials` one after another on `device`, each with the whole machine to itself; return the results.

    Raises NstError for what the engine refuses, and for losses that are not numbers.
    """
    found = []
    for trial in trials:
        observation = yield from watch(Engine(trial.method, trial.style, device), trial)
        found.append(observation)
        yield PictureMade(trial.name, observation.readings[0].total, observation.readings[-1].total)
    return tuple(found)


def watch(engine: Engine, trial: Trial) -> Generator[Iterated, None, Observation]:
    """Run `trial` on `engine`; its time is the optimisation's alone, without what is read back and shown meanwhile."""
    iterations = engine.method.plan.iterations
    wanted = logged(iterations, trial.snapshots)
    clock, losses, snapshots = Stopwatch(engine.device), dict[int, Losses](), dict[int, Pixels]()
    iterates = engine.run([trial.photo], [trial.seed])
    following = next(iterates, None)
    while following is not None:
        iterate = following
        if iterate.iteration in wanted:
            losses[iterate.iteration] = iterate.losses
        if iterate.iteration in trial.snapshots:
            snapshots[iterate.iteration] = pixels_of(iterate)
        yield Iterated(iterate.iteration, iterations, 1)
        clock.start()
        following = next(iterates, None)
        clock.stop()
    readings = _read(losses, clock.seconds(), trial)
    return Observation(pixels_of(iterate), snapshots, readings)


def logged(iterations: int, snapshots: Collection[int] = ()) -> set[int]:
    """Return the iterations whose losses are kept: about 200 evenly spread ones, the first, the last and snapshots."""
    return {*range(0, iterations, -(-iterations // LOGGED)), iterations, *snapshots}


def _read(losses: Mapping[int, Losses], seconds: Sequence[float], trial: Trial) -> tuple[Reading, ...]:
    weight = trial.method.style_weight or 1.0
    readings = []
    for iteration, one in losses.items():
        values = torch.stack([one.total, one.content, one.style / weight, one.variation])[:, 0].tolist()
        if not np.isfinite(values).all():
            raise NstError(
                f"{trial.name}: the loss is not a number (NaN or infinite) after {iteration} iterations",
                "check the weights file, or take a lower learning rate",
            )
        readings.append(Reading(iteration, round(seconds[iteration], 6), *(_rounded(value) for value in values)))
    return tuple(readings)


def _rounded(value: float) -> float:
    """Return `value` to the seven digits that float32 has."""
    return float(f"{value:.7g}")
