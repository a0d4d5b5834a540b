"""All that is measured of a stylizer, by the names that people ask for it by, and the table that shows it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from nst_runtime.pictures.arrays import from_unit, to_unit
from nst_student.evaluation.borders import border_error
from nst_student.evaluation.lattice import lattice
from nst_student.evaluation.metrics import STYLE_SIZE_PX, StylizeUnit
from nst_student.evaluation.perceptual_distances import mean_distances
from nst_student.evaluation.settings import FigureName, MeasureSettings
from nst_student.evaluation.steadiness import frame_gain, noise_gain, shift_gain
from nst_student.evaluation.stylizers import Candidate, Stylize
from nst_student.evaluation.yardstick import Yardstick
from nst_student.losses.judges import read_style

GAIN_PHOTOS = 6
SWEEP_COLUMNS = ("mean", "relu3_1", "content", "deep")

Figures = dict[str, float]
Measure = Callable[[Yardstick, Stylize, torch.Tensor], Figures]


def _quality(yardstick: Yardstick, stylize: Stylize, painting: torch.Tensor) -> Figures:
    if yardstick.meter is None:
        raise ValueError("quality needs a meter")
    return asdict(yardstick.meter.measure(painting, yardstick.seen, _on_tensors(stylize)))


def _gains(yardstick: Yardstick, stylize: Stylize, painting: torch.Tensor) -> Figures:
    photos = yardstick.photos[:GAIN_PHOTOS]
    gains = {"noise_gain": noise_gain(stylize, photos), "shift_gain": shift_gain(stylize, photos)}
    return gains | ({"frame_gain": frame_gain(stylize, yardstick.clips)} if yardstick.clips else {})


def _border(yardstick: Yardstick, stylize: Stylize, painting: torch.Tensor) -> Figures:
    error = border_error(stylize, yardstick.photos[:GAIN_PHOTOS])
    return {"border_error": error.ring, "border_ratio": error.ratio}


def _lattice(yardstick: Yardstick, stylize: Stylize, painting: torch.Tensor) -> Figures:
    return {"lattice": lattice(stylize, yardstick.photos)}


def _perceptual(yardstick: Yardstick, stylize: Stylize, painting: torch.Tensor) -> Figures:
    return mean_distances(yardstick.distances, stylize, yardstick.photos)


MEASURES: dict[FigureName, Measure] = {
    "quality": _quality,
    "gains": _gains,
    "border": _border,
    "lattice": _lattice,
    "perceptual": _perceptual,
}


def measure(yardstick: Yardstick, names: Sequence[FigureName], stylize: Stylize, painting: torch.Tensor) -> Figures:
    """Return the figures `names` of `stylize`, which paints as `painting` (1×3×H×W in [0, 1])."""
    figures: Figures = {}
    for name in dict.fromkeys(names):
        figures |= MEASURES[name](yardstick, stylize, painting)
    return figures


def measure_rows(
    yardstick: Yardstick, settings: MeasureSettings, candidate: Candidate, painting: Path
) -> dict[str, Figures]:
    """Return the candidate's row, by its name, and those of other sizes, by ``NAME@SIZE``.

    `painting` is the file of the style's picture; raises NstError when it cannot be read.
    """
    picture = read_style(painting, STYLE_SIZE_PX)
    rows = {candidate.name: measure(yardstick, settings.figures, candidate.stylize, picture)}
    for size in dict.fromkeys(settings.sizes):
        rows[f"{candidate.name}@{size}"] = _measure_at(yardstick, size, candidate.stylize, picture)
    return rows


def _measure_at(yardstick: Yardstick, size: int, stylize: Stylize, painting: torch.Tensor) -> Figures:
    """Return the quality at photographs' short sides of `size` px; the `painting` keeps its own size."""
    if yardstick.meter is None:
        raise ValueError("quality needs a meter")
    seen = (yardstick.meter.see(read_style(path, size)) for path in yardstick.paths)
    quality = asdict(yardstick.meter.measure(painting, seen, _on_tensors(stylize)))
    return {column: quality[column] for column in SWEEP_COLUMNS}


def _on_tensors(stylize: Stylize) -> StylizeUnit:
    return lambda photo: torch.from_numpy(to_unit(stylize(from_unit(photo.numpy()))))


def figures_table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return `rows` as a Markdown table, a column for each figure that any has, in the order they first come."""
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    lines = ["| " + " | ".join(["style", *columns]) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += ["| " + " | ".join([name, *(_shown(row.get(c)) for c in columns)]) + " |" for name, row in rows.items()]
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"
