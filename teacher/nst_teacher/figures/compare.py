"""Optimizers against each other: the same pictures and the same loss, over time and over iterations.

Srinath, Yin, Verma, fig. 7.
"""

from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from nst_runtime.pictures.collage import Cell, SheetRow
from nst_teacher.figures.figure_files import Row, check_folder, read_subject, write_figure
from nst_teacher.figures.loss_plot import Curve, Panel, write_plot
from nst_teacher.figures.observation import Observation, Trial, run_trials
from nst_teacher.pairs.job import Event, Started
from nst_teacher.pictures.sheets import write_labelled_sheet
from nst_teacher.settings.method import Method
from nst_teacher.settings.series import OptimizerRun

NAME = "compare"
PANELS = (
    Panel("seconds", "seconds", "total", "loss"),
    Panel("iteration", "evaluations of loss and gradient", "total", "loss"),
)


@dataclass(frozen=True)
class Comparison:
    """The files of a photo and a style picture, the folder to write to, and the photo's short side in px."""

    content: Path
    style: Path
    out: Path
    size_px: int


def compare(
    task: Comparison, method: Method, optimizers: Sequence[OptimizerRun], device: torch.device
) -> Generator[Event, None, tuple[Path, ...]]:
    """Minimise the loss of `method` by each of `optimizers`; return the plot, the sheet, the table and the log.

    All start from the same picture and evaluate loss and gradient equally often. Raises NstError; files that were there
    before are then as they were.
    """
    plans = [run.plan(method) for run in optimizers]
    check_folder(task.out)
    subject = read_subject(task.content, task.style, task.size_px, method)
    trials = [subject.trial(run.name, replace(method, plan=plan)) for run, plan in zip(optimizers, plans, strict=True)]
    yield Started(len(trials))
    found = yield from run_trials(trials, device)
    done = list(zip(trials, found, strict=True))
    pictures = {trial.name: one.picture for trial, one in done}
    table, log = [_row(*one) for one in done], [line for one in done for line in _log(*one)]
    files = write_figure(task.out, NAME, pictures, table, log)
    plot, sheet = task.out / f"{NAME}.png", task.out / f"{NAME}_sheet.png"
    write_plot(plot, [Curve(trial.name, one.readings) for trial, one in done], PANELS)
    write_labelled_sheet(sheet, [SheetRow("", [Cell(picture, name) for name, picture in pictures.items()])])
    return plot, sheet, *files


def _row(trial: Trial, found: Observation) -> Row:
    plan, first, last = trial.method.plan, found.readings[0], found.readings[-1]
    return {
        "optimizer": plan.optimizer, "learning_rate": plan.rate if plan.optimizer != "lbfgs" else "",
        "initial_loss": first.total, "final_loss": last.total, "content_loss": last.content, "style_loss": last.style,
        "iterations": last.iteration, "seconds": last.seconds,
    }  # fmt: skip


def _log(trial: Trial, found: Observation) -> list[Row]:
    return [{"optimizer": trial.name, **asdict(reading)} for reading in found.readings]
