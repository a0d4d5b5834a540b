"""One training from its first step, or the step it was stopped at, to its last: state, curves and samples."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nst_student.training.curves import Curves
from nst_student.training.loop import Loop, Report

STATE_FILE = "state.pt"


@dataclass(frozen=True)
class Progress:
    """A report and how far the training is."""

    report: Report
    steps: int
    resumed_at: int


def run_session(
    folder: Path, loop: Loop, *, sample_every: int, write_sample: Callable[[Path], None], fresh: bool = False
) -> Iterator[Progress]:
    """Run `loop` in `folder`, yielding after every report; files: state.pt, log.jsonl, tensorboard/, samples/.

    What an earlier training left there is taken up, or with `fresh` removed.
    """
    for leftover in folder.glob(".nst-*.tmp"):
        leftover.unlink()
    if fresh:
        _start_over(folder)
    loop.resume()
    start = loop.step
    with Curves(folder, start) as curves:
        for report in loop.run():
            curves.add(report)
            if sample_every and (report.step % sample_every == 0 or report.step == loop.schedule.steps):
                write_sample(folder / "samples" / f"step_{report.step:06d}.png")
            yield Progress(report, loop.schedule.steps, start)


def _start_over(folder: Path) -> None:
    """Remove what an earlier training left in `folder`, but for its finished checkpoint."""
    (folder / STATE_FILE).unlink(missing_ok=True)
    (folder / "log.jsonl").unlink(missing_ok=True)
    for name in ("tensorboard", "samples"):
        shutil.rmtree(folder / name, ignore_errors=True)
