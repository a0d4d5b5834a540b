"""Optimizers against each other: the same pictures and the same loss, over time and over iterations.

Srinath, Yin, Verma, fig. 7.
"""

from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from nst_runtime.contracts.rates import parse_rates
from nst_runtime.errors import NstError
from nst_runtime.pictures.collage import Cell, SheetRow
from nst_teacher.figures.figure_files import Row, check_folder, read_subject, write_figure
from nst_teacher.figures.loss_plot import Curve, Panel, write_plot
from nst_teacher.figures.observation import Observation, Trial, run_trials
from nst_teacher.optimise.optimise import OPTIMIZER_NAMES, OptimizerName, Plan
from nst_teacher.pairs.job import Event, Started
from nst_teacher.pictures.labelled_sheet import write_labelled_sheet
from nst_teacher.settings.method import Method

NAME = "compare"
SHORT: dict[str, OptimizerName] = {"gd": "gradient-descent"}
HIGHEST_RATE = 10.0
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


@dataclass(frozen=True)
class Contestant:
    """An optimizer and its learning rate, None for the one that the method or else the optimizer has."""

    optimizer: OptimizerName
    rate: float | None = None

    @property
    def name(self) -> str:
        """The optimizer, with the rate if one was asked for."""
        return self.optimizer if self.rate is None else f"{self.optimizer}={self.rate:g}"

    def plan(self, method: Method) -> Plan:
        """Return the plan of `method` with this optimizer; raises NstError for what it cannot do."""
        rate = method.plan.learning_rate if self.rate is None and self.optimizer == method.plan.optimizer else self.rate
        return replace(method.plan, optimizer=self.optimizer, learning_rate=rate)


def parse_contestants(text: str) -> tuple[Contestant, ...]:
    """Return the contestants in ``lbfgs,adam=0.05,gd``; raises NstError that names the optimizers there are."""
    names: dict[str, OptimizerName] = {name: name for name in OPTIMIZER_NAMES}
    found = parse_rates(
        text, names | SHORT, known=", ".join(OPTIMIZER_NAMES), note=" (or gd for the last)", highest=HIGHEST_RATE,
        example="adam=0.05",
    )  # fmt: skip
    for optimizer, rate in found:
        if optimizer == "lbfgs" and rate is not None:
            raise NstError(f"'lbfgs={rate:g}': lbfgs finds its steps by itself", "leave the rate out")
    return tuple(dict.fromkeys(Contestant(*each) for each in found))


def compare(
    task: Comparison, method: Method, contestants: Sequence[Contestant], device: torch.device
) -> Generator[Event, None, tuple[Path, ...]]:
    """Minimise the loss of `method` by each of `contestants`; return the plot, the sheet, the table and the log.

    All start from the same picture and evaluate loss and gradient equally often. Raises NstError; files that were there
    before are then as they were.
    """
    plans = [contestant.plan(method) for contestant in contestants]
    check_folder(task.out)
    subject = read_subject(task.content, task.style, task.size_px, method)
    trials = [
        subject.trial(contestant.name, replace(method, plan=plan))
        for contestant, plan in zip(contestants, plans, strict=True)
    ]
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
