"""Style layers weighted differently: Mak (2021), table 2, fig. 2 (snapshots) and fig. 3 (losses)."""

from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from nst_runtime.pictures.collage import Cell, SheetRow
from nst_teacher.figures.compare import Comparison
from nst_teacher.figures.figure_files import Row, check_folder, read_subject, write_figure
from nst_teacher.figures.loss_plot import Curve, Panel, write_plot
from nst_teacher.figures.observation import Observation, run_trials
from nst_teacher.pairs.job import Event, Started
from nst_teacher.pictures.sheets import write_labelled_sheet
from nst_teacher.settings.method import Method

NAME = "layer_cases"
PANELS = (
    Panel("iteration", "iterations", "total", "total loss"),
    Panel("iteration", "iterations", "content", "content loss"),
)


@dataclass(frozen=True)
class LayerCase:
    """A case: its name, what it emphasises (in words), and its method."""

    name: str
    emphasis: str
    method: Method


def scale_snapshots(snapshots: Sequence[int], planned: int, iterations: int) -> tuple[int, ...]:
    """Return `snapshots` of a run of `planned` iterations for one of `iterations`: earlier where that is shorter."""
    scale = min(1.0, iterations / planned)
    return tuple(dict.fromkeys(max(1, round(number * scale)) for number in snapshots))


def compare_layer_cases(
    task: Comparison, cases: Sequence[LayerCase], snapshots: Sequence[int], device: torch.device
) -> Generator[Event, None, tuple[Path, ...]]:
    """Run `cases`; return the plot, the sheet of snapshots, the table and the log.

    Total losses of different cases are of different objectives, as in the paper's fig. 3; content losses compare.
    Raises NstError; files that were there before are then as they were.
    """
    check_folder(task.out)
    subject = read_subject(task.content, task.style, task.size_px, cases[0].method)
    yield Started(len(cases))
    found = yield from run_trials([subject.trial(case.name, case.method, snapshots) for case in cases], device)
    done = list(zip(cases, found, strict=True))
    pictures = {
        f"{case.name.replace(' ', '')}_{number}": picture
        for case, one in done
        for number, picture in one.snapshots.items()
    }
    table = [row for one in done for row in _rows(*one)]
    log = [{"case": case.name, **asdict(reading)} for case, one in done for reading in one.readings]
    files = write_figure(task.out, NAME, pictures, table, log)
    plot, sheet = task.out / f"{NAME}.png", task.out / f"{NAME}_sheet.png"
    write_plot(plot, [Curve(f"{case.name}, {case.emphasis}", one.readings) for case, one in done], PANELS)
    write_labelled_sheet(sheet, [_sheet_row(*one) for one in done])
    return plot, sheet, *files


def _rows(case: LayerCase, found: Observation) -> list[Row]:
    """Return the losses at the start, at every snapshot and at the end."""
    method, last = case.method, found.readings[-1].iteration
    own: Row = {
        "case": case.name, "style_layers": " ".join(method.style_layers or ()),
        "layer_weights": " ".join(f"{weight:g}" for weight in method.layer_weights or ()),
    }  # fmt: skip
    return [{**own, **asdict(found.at(number))} for number in sorted({0, *found.snapshots, last})]


def _sheet_row(case: LayerCase, found: Observation) -> SheetRow:
    cells = [Cell(picture, f"iteration {number}") for number, picture in found.snapshots.items()]
    return SheetRow(f"{case.name}\n{case.emphasis}", cells)
