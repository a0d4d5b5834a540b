"""One weight of style after another: Šarić (2020), sec. 3.3 and fig. 3.7."""

from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from nst_runtime.pictures.collage import Cell, SheetRow
from nst_teacher.figures.figure_files import Row, check_folder, in_short, read_subject, write_figure
from nst_teacher.figures.observation import run_trials
from nst_teacher.pairs.job import Event, Started
from nst_teacher.pictures.sheets import write_labelled_sheet
from nst_teacher.settings.method import Method

NAME = "sweep"


@dataclass(frozen=True)
class Sweep:
    """The files of a photo and a style picture, the folder to write to, the photo's short side in px, the weights."""

    content: Path
    style: Path
    out: Path
    size_px: int
    weights: Sequence[float]


def sweep(task: Sweep, method: Method, device: torch.device) -> Generator[Event, None, tuple[Path, ...]]:
    """Stylise with each of the task's weights of style; return the sheet, the table and the log.

    The losses in table and log are without the weights of content and style, so that rows compare. Raises NstError;
    files that were there before are then as they were.
    """
    check_folder(task.out)
    subject = read_subject(task.content, task.style, task.size_px, method)
    yield Started(len(task.weights))
    trials = [
        subject.trial(f"style weight {in_short(weight)}", replace(method, style_weight=weight))
        for weight in task.weights
    ]
    found = yield from run_trials(trials, device)
    done = list(zip(task.weights, found, strict=True))
    pictures = {f"{place}_{in_short(weight)}": one.picture for place, (weight, one) in enumerate(done, start=1)}
    log = [{"style_weight": weight, **asdict(reading)} for weight, one in done for reading in one.readings]
    table: list[Row] = [
        {
            "style_weight": weight, "style_loss": one.readings[-1].style, "content_loss": one.readings[-1].content,
            "iterations": one.readings[-1].iteration, "seconds": one.readings[-1].seconds,
        }
        for weight, one in done
    ]  # fmt: skip
    files = write_figure(task.out, NAME, pictures, table, log)
    sheet = task.out / f"{NAME}.png"
    cells = [Cell(one.picture, f"style weight {in_short(weight)}") for weight, one in done]
    write_labelled_sheet(sheet, [SheetRow("", cells)])
    return sheet, *files
