"""Show a training to the person who waits for it, on stderr: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bars
from rich.table import Column

from nst_runtime.cli.launch import INTERRUPTED, printable
from nst_runtime.cli.option_names import name_options
from nst_runtime.cli.output import is_terminal
from nst_runtime.errors import NstError
from nst_student.training.session import Interrupted, Progress

LINE_EVERY_S = 10.0
MOST_TERMS = 8  # of more, the loss alone is shown

Show = Callable[[Progress], None]


def show(progress: Iterable[Progress], label: str) -> None:
    """Follow `progress` to its end with a bar, or plain lines, of the loss and the time left.

    Raises typer.Exit where the training was interrupted, having said how to go on.
    """
    say(f"training {label}")
    display = _bar if is_terminal(sys.stderr) else _lines
    try:
        with display(label) as show_state:
            for state in progress:
                if not state.report.means:
                    _tell_start(state)
                    continue
                try:
                    show_state(state)
                except KeyboardInterrupt as stop:
                    _interrupt(progress, stop)
    except Interrupted as stop:
        print(_how_to_go_on(stop), file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from stop


def warn_skipped(path: Path, error: NstError) -> None:
    """Say that a picture is left out of the training."""
    _print("warning", f"left out {path.name}: {name_options(str(error))}")


def say(message: str) -> None:
    """Tell the person something on stderr."""
    _print("note", message)


@contextmanager
def _lines(label: str) -> Iterator[Show]:
    """Give what prints a line every ten seconds, and at the end."""
    pace, last = Pace(), time.monotonic()

    def show_state(state: Progress) -> None:
        nonlocal last
        now, step, seconds = time.monotonic(), state.report.step, pace.seconds_a_step(state)
        if now - last < LINE_EVERY_S and step < state.steps:
            return
        last = now
        line = f"{label}: step {step}/{state.steps}  {_terms(state)}  {_rest(state, seconds)}"
        print(line, file=sys.stderr, flush=True)

    yield show_state


@contextmanager
def _bar(label: str) -> Iterator[Show]:
    """Give what moves a bar, which is there from the first report on."""
    pace = Pace()
    rest = Column(no_wrap=True, overflow="ellipsis", ratio=1)  # of the line, which may be short
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(10), MofNCompleteColumn())
    times = (TextColumn("{task.fields[left]}"), TextColumn("{task.fields[terms]}", table_column=rest))
    bars = Bars(*columns, *times, console=Console(file=sys.stderr), expand=True)
    task = bars.add_task(label, total=None, terms="", left="")

    def show_state(state: Progress) -> None:
        left = _left(state, pace.seconds_a_step(state))
        bars.update(task, total=state.steps, completed=state.report.step, terms=_terms(state), left=left)
        bars.start()

    try:
        yield show_state
    finally:
        bars.stop()


class Pace:
    """How long a step takes, by those since the first report, or those up to it."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._first: tuple[float, int] | None = None

    def seconds_a_step(self, state: Progress) -> float:
        """Return how many seconds a step takes, by `state`, which is reported now."""
        now, step = time.monotonic(), state.report.step
        began, first = self._first or (self._began, state.resumed_at)
        self._first = self._first or (now, step)
        return (now - began) / max(step - first, 1)


def _tell_start(state: Progress) -> None:
    """Say at which step a training that was there goes on."""
    if state.resumed_at == state.steps:
        say(f"all {state.steps} steps were done before")
    elif state.resumed_at:
        say(f"goes on at step {state.resumed_at}")
    else:
        say("begins again at step 0: the training before was stopped before it had a state")


def _interrupt(progress: Iterable[Progress], stop: KeyboardInterrupt) -> None:
    """Let the training see a Ctrl-C that came while it waited, so that it keeps its state; raises what it raises."""
    if isinstance(progress, Generator):
        progress.throw(stop)
    raise stop


def _how_to_go_on(stop: Interrupted) -> str:
    if not stop.kept_step:
        return "interrupted before the first step was done; the same command begins again"
    command = "the same command without --fresh" if stop.fresh else "the same command"
    return f"interrupted at step {stop.kept_step} of {stop.steps}; {command} goes on from there"


def _terms(state: Progress) -> str:
    means = state.report.means
    names = means if len(means) <= MOST_TERMS else ("loss",)
    return "  ".join(f"{name} {means[name]:.3f}" for name in names)


def _rest(state: Progress, seconds_a_step: float) -> str:
    """Return how many pictures a second the training sees, where that is known, and the time that is left."""
    seen = f"{state.pictures / seconds_a_step:.3g} pictures a second  " if state.pictures and seconds_a_step else ""
    return seen + _left(state, seconds_a_step)


def _left(state: Progress, seconds_a_step: float) -> str:
    return f"{_clock(seconds_a_step * (state.steps - state.report.step))} left"


def _print(kind: str, message: str) -> None:
    print(f"{kind}: {printable(message)}", file=sys.stderr, flush=True)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
