"""What a layer knows of a picture: pictures made from noise to have its features, or its Gram matrices.

Gatys, Ecker, Bethge (2016), fig. 1 and sec. 2.1-2.2; Šarić (2020), fig. 3.2 and 3.3; Singh, fig. 1.
"""

from collections.abc import Generator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from nst_features.network import FeatureNetwork
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.collage import Cell, SheetRow
from nst_teacher.engine.engine import check_size
from nst_teacher.engine.judges import build_judges, check_layers, load
from nst_teacher.figures.figure_files import Row, check_folder, read_sound, write_figure
from nst_teacher.figures.observation import Observation, Reading, Trial, run_trials
from nst_teacher.pairs.job import Event, Started
from nst_teacher.pictures.framing import frame_photo
from nst_teacher.pictures.photos import identify
from nst_teacher.pictures.sheets import write_labelled_sheet
from nst_teacher.settings.method import Method

NAME = "reconstruct"


@dataclass(frozen=True)
class Reconstruction:
    """What to reconstruct: `content` layer by layer, and the style of `style`; `out` is the folder to write to.

    Style is reconstructed from all layers up to each one, or with `alone` from each one by itself.
    """

    content: Path
    style: Path
    out: Path
    size_px: int
    alone: bool = False


@dataclass(frozen=True)
class Attempt:
    """One reconstruction: its row (content or style), the layer that gives its column, and the layers it is from."""

    row: str
    layer: str
    layers: tuple[str, ...]
    original: Pixels
    trial: Trial

    def loss(self, reading: Reading) -> float:
        """Return the loss that the row is about."""
        return reading.content if self.row == "content" else reading.style


def reconstruct(task: Reconstruction, method: Method, device: torch.device) -> Generator[Event, None, tuple[Path, ...]]:
    """Reconstruct the pictures of `task` from each layer of `method`; return the sheet, the table and the log.

    The columns are the method's content and style layers, for None `standard_layers`. Of `method`, the weights of
    terms and layers and the style picture's framing and colours have no say. Raises NstError; files that were there
    before are then as they were.
    """
    if method.start == "content":
        raise NstError(
            "`start` content begins at the very picture that is to be reconstructed",
            "set `start` to noise or zeros",
        )
    check_folder(task.out)
    attempts = plan_attempts(task, method)
    yield Started(len(attempts))
    found = yield from run_trials([attempt.trial for attempt in attempts], device)
    done = list(zip(attempts, found, strict=True))
    pictures = {f"{attempt.row}_{attempt.layer}": one.picture for attempt, one in done}
    table, log = [_row(*one) for one in done], [line for one in done for line in _log(*one)]
    files = write_figure(task.out, NAME, pictures, table, log)
    sheet = task.out / f"{NAME}.png"
    write_labelled_sheet(sheet, [_sheet_row(row, done) for row in ("content", "style")])
    return sheet, *files


def standard_layers(network: FeatureNetwork) -> tuple[str, ...]:
    """Return a layer of each depth: the first of each VGG block; of ResNet-50 conv1 and the four blocks."""
    return tuple(dict.fromkeys((network.layers[0], *network.default_style_layers)))


def plan_attempts(task: Reconstruction, method: Method) -> list[Attempt]:
    """Return the content row's attempts and the style row's; raises NstError for layers and sizes that cannot be."""
    network = load(method)
    standard = standard_layers(network)
    content_layers, style_layers = method.content_layers or standard, method.style_layers or standard
    check_layers(network, (*content_layers, *style_layers))
    content, style = (frame_photo(read_sound(path), task.size_px, "own") for path in (task.content, task.style))
    seed = identify(task.content, method.seed).seed
    deepest = max((*content_layers, *style_layers), key=network.layers.index)
    probe = replace(_bare(method), content_layers=(deepest,), style_layers=style_layers)
    check_size(build_judges(probe, torch.device("cpu"))[0], task.size_px, "pictures", "a larger `size`")
    attempts = []
    for layer in content_layers:
        alone = replace(_bare(method), content_layers=(layer,), style_layers=(layer,), scales=1, style_weight=0.0)
        trial = Trial(f"content {layer}", alone, content, content, seed)
        attempts.append(Attempt("content", layer, (layer,), content, trial))
    for index, layer in enumerate(style_layers):
        layers = (layer,) if task.alone else style_layers[: index + 1]
        grams = replace(_bare(method), content_layers=layers[-1:], style_layers=layers, content_weight=0.0)
        trial = Trial(f"style {layer}", grams, style, style, seed)
        attempts.append(Attempt("style", layer, layers, style, trial))
    return attempts


def _bare(method: Method) -> Method:
    """Return `method` without weights and with the style picture as large as the one that is to have its style."""
    return replace(
        method, layer_weights=None, content_layer_weights=None, content_layers=None, style_layers=None, deep=None,
        content_weight=1.0, style_weight=1.0, balance="fixed", framing="stretch", style_scale=None, colour="style",
    )  # fmt: skip


def psnr_db(picture: Pixels, original: Pixels) -> float:
    """Return the peak signal-to-noise ratio of `picture` to `original`, both uint8 H×W×3, at most 99 dB."""
    error = np.square(picture.astype(float) - original).mean()
    return round(float(min(99.0, 10 * np.log10(255**2 / max(error, 1e-12)))), 3)


def _row(attempt: Attempt, found: Observation) -> Row:
    first, last = found.readings[0], found.readings[-1]
    near = psnr_db(found.picture, attempt.original) if attempt.row == "content" else ""
    return {
        "row": attempt.row, "layer": attempt.layer, "layers": " ".join(attempt.layers),
        "initial_loss": attempt.loss(first), "final_loss": attempt.loss(last), "iterations": last.iteration,
        "seconds": last.seconds, "psnr_db": near,
    }  # fmt: skip


def _log(attempt: Attempt, found: Observation) -> list[Row]:
    return [
        {"row": attempt.row, "layer": attempt.layer, **asdict(reading), "loss": attempt.loss(reading)}
        for reading in found.readings
    ]


def _sheet_row(row: str, done: list[tuple[Attempt, Observation]]) -> SheetRow:
    own = [(attempt, found) for attempt, found in done if attempt.row == row]
    cells = [
        Cell(found.picture, attempt.layer if len(attempt.layers) == 1 else f"up to {attempt.layer}")
        for attempt, found in own
    ]
    return SheetRow(row, [Cell(own[0][0].original, "original"), *cells])
