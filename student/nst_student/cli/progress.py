"""Show a training to the person who waits for it, on stderr."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from nst_runtime.cli.launch import printable
from nst_runtime.cli.option_names import name_options
from nst_runtime.errors import NstError
from nst_student.training.session import Progress

LINE_EVERY_S = 10.0


def show(progress: Iterable[Progress], label: str) -> None:
    """Follow `progress` to its end, printing a line with the loss and the time left now and then."""
    began = last = time.monotonic()
    for state in progress:
        now = time.monotonic()
        report, first = state.report, state.resumed_at
        if now - last < LINE_EVERY_S and report.step < state.steps:
            continue
        last = now
        left_s = (now - began) / max(report.step - first, 1) * (state.steps - report.step)
        means = "  ".join(
            f"{name} {value:.3f}" for name, value in report.means.items() if name == "loss" or len(report.means) < 9
        )
        print(f"{label}: step {report.step}/{state.steps}  {means}  {_clock(left_s)} left", file=sys.stderr, flush=True)


def warn_skipped(path: Path, error: NstError) -> None:
    """Say that a picture is left out of the training."""
    _print("warning", f"left out {path.name}: {name_options(str(error))}")


def say(message: str) -> None:
    """Tell the person something on stderr."""
    _print("note", message)


def _print(kind: str, message: str) -> None:
    print(f"{kind}: {printable(message)}", file=sys.stderr)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
