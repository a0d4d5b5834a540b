"""One training from its first step, or the step it was stopped at, to its last: state, curves and samples."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch

from nst_runtime.pictures.arrays import from_unit
from nst_runtime.pictures.collage import tile
from nst_runtime.pictures.write import write_picture
from nst_student.training.curves import Curves
from nst_student.training.loop import Loop, Report

STATE_FILE = "state.pt"
LOG_FILE = "log.jsonl"
Stylise = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Progress:
    """A report and how far the training is; the report has no terms where a training goes on or begins again.

    `pictures` is how many a step sees, 0 where that is not known.
    """

    report: Report
    steps: int
    resumed_at: int
    pictures: int = 0


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in a training of `steps` steps: the state of `kept_step` is on disk, or none where that is 0.

    `fresh` tells whether it began without what was there, so that the same call again would remove that state.
    """

    def __init__(self, kept_step: int, steps: int, *, fresh: bool) -> None:
        super().__init__(f"interrupted at step {kept_step} of {steps}")
        self.kept_step, self.steps, self.fresh = kept_step, steps, fresh


def run_session(
    folder: Path,
    loop: Loop,
    *,
    sample_every: int,
    write_sample: Callable[[Path], None],
    fresh: bool = False,
    pictures: int = 0,
) -> Iterator[Progress]:
    """Run `loop`, whose steps see so many `pictures`, in `folder`, yielding after every report.

    Its files there are state.pt, log.jsonl, tensorboard/ and samples/.

    What an earlier training left there is taken up, or with `fresh` removed. Where there was one, the step to begin
    with is yielded first: 0 if it was stopped before it had a state. Raises Interrupted on Ctrl-C.
    """
    for leftover in folder.glob(".nst-*.tmp"):
        leftover.unlink()
    if fresh:
        start_over(folder)
    before = (folder / LOG_FILE).exists()
    before |= loop.resume()
    steps, start = loop.schedule.steps, loop.step
    try:
        with Curves(folder, loop.reported_step) as curves, closing(loop.run()) as reports:
            if before:
                yield Progress(Report(start, {}), steps, start)
            for report in reports:
                curves.add(report)
                if sample_every and (report.step % sample_every == 0 or report.step == steps):
                    write_sample(folder / "samples" / f"step_{report.step:06d}.png")
                yield Progress(report, steps, start, pictures)
    except KeyboardInterrupt as stop:
        raise Interrupted(loop.kept_step, steps, fresh=fresh) from stop


def start_over(folder: Path) -> None:
    """Remove what an earlier training left in `folder`, but for its finished checkpoint."""
    (folder / STATE_FILE).unlink(missing_ok=True)
    (folder / LOG_FILE).unlink(missing_ok=True)
    for name in ("tensorboard", "samples"):
        shutil.rmtree(folder / name, ignore_errors=True)


def write_grid(path: Path, photos: torch.Tensor, columns: Sequence[Stylise]) -> None:
    """Write a picture with a row for each of `photos` (N×3×H×W in [0, 1]): the photo, then each column's version."""
    with torch.no_grad():
        versions = [photos, *(column(photos).clamp(0, 1) for column in columns)]
    write_picture(
        path,
        tile([[from_unit(v[row : row + 1].cpu().numpy()) for v in versions] for row in range(len(photos))]),
    )
