"""Show on stderr how far a job is: a bar with the time left on a terminal, plain lines elsewhere."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TextIO, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from nst_teacher.pairs.job import BatchHalved, Event, Iterated, PairReady, PhotoFailed, PictureMade, Started

Result = TypeVar("Result")


class PlainLines:
    """One line a pair or picture, for logs and pipes."""

    def __init__(self, stream: TextIO, total: int) -> None:
        self._stream, self._total = stream, total
        self._done = self._made = self._reused = 0
        self._start = self._last = time.monotonic()

    def show(self, event: Event) -> None:
        """Write a line for a pair that was made or a photo that failed, and for a batch that was too large."""
        if isinstance(event, Started):
            self._total = event.photos
        if isinstance(event, BatchHalved):
            self._write(halved(event))
        if isinstance(event, PairReady) and event.reused:
            self._done, self._reused = self._done + 1, self._reused + 1
            return
        if not isinstance(event, PairReady | PictureMade | PhotoFailed):
            return
        self._done, self._made = self._done + 1, self._made + 1
        now = time.monotonic()
        place, took, self._last = f"[{self._done}/{self._total}]", now - self._last, now
        if isinstance(event, PhotoFailed):
            self._write(f"{place} {event.source}: failed")
            return
        left = (now - self._start) / self._made * (self._total - self._done)
        name, losses = (event.pair.source, event.pair.losses) if isinstance(event, PairReady) else (event.name, event)
        self._write(
            f"{place} {name}: loss {losses.initial:.4g} -> {losses.final:.4g} in {took:.1f} s, {_duration(left)} left"
        )

    def _write(self, line: str) -> None:
        if self._reused:
            self._stream.write(f"{self._reused} of {self._total} pairs were there already\n")
            self._reused = 0
        self._stream.write(line + "\n")
        self._stream.flush()


class Bar:
    """A progress bar that moves with every iteration."""

    def __init__(self, progress: Progress, total: int, things: str) -> None:
        self._progress = progress
        self._task = progress.add_task(things, total=total)
        self._done = 0

    def show(self, event: Event) -> None:
        """Move the bar: by whole pairs, and within a batch by its iterations."""
        if isinstance(event, Started):
            self._progress.update(self._task, total=event.photos)
        elif isinstance(event, BatchHalved):
            self._progress.console.print(halved(event))
        elif isinstance(event, PairReady | PictureMade | PhotoFailed):
            self._done += 1
            self._progress.update(self._task, completed=self._done)
        elif isinstance(event, Iterated):
            share = event.iteration / (event.iterations + 1) * event.pictures
            self._progress.update(self._task, completed=self._done + share)


@contextmanager
def progress_display(stream: TextIO, total: int, things: str = "pairs") -> Iterator[PlainLines | Bar]:
    """Give what shows the events of a job of `total` `things` on `stream`."""
    if not stream.isatty():
        yield PlainLines(stream, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=stream)) as progress:
        yield Bar(progress, total, things)


def follow(events: Generator[Event, None, Result], display: PlainLines | Bar) -> Result:
    """Show all `events` and return what their generator returns."""
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            result: Result = end.value
            return result
        display.show(event)


def halved(event: BatchHalved) -> str:
    """Return what to tell of a batch that was too large."""
    return f"not enough memory for {event.pictures} pictures at once: going on with {event.now}"


def _duration(seconds: float) -> str:
    """Return `seconds` for people: ``40 s``, ``7 min``, ``3.5 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
