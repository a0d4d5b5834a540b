"""Optimizers against each other: a bank trained by each, on the same photographs from the same weights.

Srinath, Yin and Verma, fig. 11-13: Adam and gradient descent, the pictures along the way and the loss.
"""

import csv
import io
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from nst_runtime.contracts.files import write_text
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.collage import Cell, SheetRow
from nst_runtime.pictures.sheet import draw_sheet
from nst_runtime.pictures.write import write_picture
from nst_student.data.pictures import pixels
from nst_student.figures.loss_curves import write_curves
from nst_student.figures.optimizer_runs import Run
from nst_student.networks.checkpoint import Codec
from nst_student.networks.registry import Bank
from nst_student.networks.style_files import first_bank
from nst_student.training.bank import stylise
from nst_student.training.loop import Loop, Report, Schedule
from nst_student.training.session import STATE_FILE, Progress
from nst_student.training.step import Step

CELL_PX = 220


@dataclass(frozen=True)
class Setup:
    """What trains a bank: the step, and the small tensors that it adapts, as `Loop` takes them."""

    step: Step
    controls: Mapping[str, torch.Tensor] = field(default_factory=dict)


MakeSetup = Callable[[Bank], Setup]


@dataclass(frozen=True)
class Comparison:
    """What to compare, for how many `steps`, and at which of them to look at the photograph 1×3×H×W in [0, 1].

    `make_setup` returns what trains a bank, the same for each optimizer; `seed` draws the first weights.
    """

    codec: Codec
    make_setup: MakeSetup
    photo: torch.Tensor
    steps: int
    snapshots: Sequence[int]
    seed: int = 0


@dataclass
class Trace:
    """What one training has come to: its reports, each of one step, its snapshots by step, and its seconds."""

    reports: list[Report] = field(default_factory=list)
    pictures: dict[int, Pixels] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def losses(self) -> list[float]:
        """The loss of each step."""
        return [report.means["loss"] for report in self.reports]


def compare(task: Comparison, runs: Sequence[Run], out: Path) -> Iterator[tuple[Run, Progress]]:
    """Train a bank by each of `runs`, then write what came of them to the folder `out`; yields after every step.

    ``compare.png``: the loss over steps. ``compare_sheet.png``: a row for each optimizer, a column for each snapshot,
    and each snapshot by itself. ``compare.csv``: first and last losses and seconds. ``compare.jsonl``: every step.
    Raises NstError when a loss stops being a number; files that were there before are then as they were.
    """
    traces: dict[Run, Trace] = {}
    for run in runs:
        traces[run] = Trace()
        for report in _train(task, run, traces[run]):
            yield run, Progress(report, task.steps, 0)
    for run, trace in traces.items():
        for step, picture in trace.pictures.items():
            write_picture(out / "snapshots" / f"{run.optimizer}_{run.rate:g}_{step:06d}.png", picture)
    write_picture(out / "compare_sheet.png", draw_sheet(_rows(task, traces), CELL_PX))
    write_curves(out / "compare.png", {run.label: trace.losses for run, trace in traces.items()})
    _write_numbers(traces, out)


def _train(task: Comparison, run: Run, trace: Trace) -> Iterator[Report]:
    """Train a bank and fill `trace`; the time that snapshots take is not the training's."""
    codec = task.codec
    bank = first_bank(codec, task.seed).to(task.photo.device)
    setup = task.make_setup(bank)
    with tempfile.TemporaryDirectory() as folder:
        loop = Loop(
            bank, setup.step, Schedule(task.steps, run.rate),
            state_file=Path(folder) / STATE_FILE, settings={}, controls=setup.controls, optimizer=run.optimizer,
            report_every=1, save_every=task.steps,
        )  # fmt: skip
        began = time.perf_counter()
        for report in _explained(loop.run(), run):
            trace.seconds += time.perf_counter() - began
            trace.reports.append(report)
            if report.step in task.snapshots:
                with torch.no_grad():
                    trace.pictures[report.step] = pixels(stylise(codec, bank, task.photo))
            yield report
            began = time.perf_counter()


def _explained(reports: Iterator[Report], run: Run) -> Iterator[Report]:
    """Yield `reports`; the loop's advice for a loss that is not a number is for trainings that are kept."""
    step = 0
    try:
        for report in reports:
            step = report.step
            yield report
    except NstError as error:
        raise NstError(
            f"{run.label}: the loss is no longer a number at step {step + 1}",
            f"give {run.optimizer} a lower rate in `optimizers`, such as {run.optimizer}={run.rate / 10:g}",
        ) from error


def _rows(task: Comparison, traces: Mapping[Run, Trace]) -> list[SheetRow]:
    photo = Cell(pixels(task.photo), "photo")
    return [
        SheetRow(
            run.label,
            [photo, *(Cell(trace.pictures[step], _caption(step, trace.losses[step - 1])) for step in task.snapshots)],
        )
        for run, trace in traces.items()
    ]


def _caption(step: int, loss: float) -> str:
    return f"{step}: loss {loss:.3g}"


def _write_numbers(traces: Mapping[Run, Trace], out: Path) -> None:
    table = [
        {
            "optimizer": run.optimizer, "learning_rate": run.rate, "steps": len(trace.losses),
            "first_loss": trace.losses[0], "last_loss": trace.losses[-1],
            "last_50_mean": sum(trace.losses[-50:]) / len(trace.losses[-50:]), "seconds": round(trace.seconds, 2),
        }
        for run, trace in traces.items()
    ]  # fmt: skip
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    write_text(out / "compare.csv", text.getvalue())
    lines = [
        json.dumps({"optimizer": run.optimizer, "learning_rate": run.rate, "step": report.step, **report.means})
        for run, trace in traces.items()
        for report in trace.reports
    ]
    write_text(out / "compare.jsonl", "".join(f"{line}\n" for line in lines))
