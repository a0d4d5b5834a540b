"""All that is measured of a stylizer, by the names that people ask for it by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels, from_unit, to_unit
from nst_student.evaluation.borders import border_error
from nst_student.evaluation.lattice import lattice
from nst_student.evaluation.metrics import QualityMeter, SeenPhoto, StyliseUnit
from nst_student.evaluation.perceptual_distances import Distance, mean_distances
from nst_student.evaluation.steadiness import frame_gain, noise_gain, shift_gain
from nst_student.evaluation.stylizers import Stylise
from nst_student.losses.judges import read_style

GAIN_PHOTOS = 6
SWEEP_COLUMNS = ("mean", "relu3_1", "content", "deep")

Figures = dict[str, float]


@dataclass(frozen=True)
class Yardstick:
    """What every stylizer is measured on and by: the same for all, made ready once.

    `photos` are uint8 H×W×3 of the measuring size, `seen` the same as the `meter` sees them, `clips` frames in a row.
    Without a meter there is no quality, without distances no LPIPS or DISTS, without clips no gain of frames.
    """

    photos: Sequence[Pixels]
    clips: Sequence[Sequence[Pixels]] = ()
    meter: QualityMeter | None = None
    seen: Sequence[SeenPhoto] = ()
    distances: Mapping[str, Distance] = field(default_factory=dict)


Measure = Callable[[Yardstick, Stylise, torch.Tensor], Figures]


def _quality(yardstick: Yardstick, stylise: Stylise, painting: torch.Tensor) -> Figures:
    if yardstick.meter is None:
        raise ValueError("quality needs a meter")
    return asdict(yardstick.meter.measure(painting, yardstick.seen, _on_tensors(stylise)))


def _gains(yardstick: Yardstick, stylise: Stylise, painting: torch.Tensor) -> Figures:
    photos = yardstick.photos[:GAIN_PHOTOS]
    gains = {"noise_gain": noise_gain(stylise, photos), "shift_gain": shift_gain(stylise, photos)}
    return gains | ({"frame_gain": frame_gain(stylise, yardstick.clips)} if yardstick.clips else {})


def _border(yardstick: Yardstick, stylise: Stylise, painting: torch.Tensor) -> Figures:
    error = border_error(stylise, yardstick.photos[:GAIN_PHOTOS])
    return {"border_error": error.ring, "border_ratio": error.ratio}


def _lattice(yardstick: Yardstick, stylise: Stylise, painting: torch.Tensor) -> Figures:
    return {"lattice": lattice(stylise, yardstick.photos)}


def _perceptual(yardstick: Yardstick, stylise: Stylise, painting: torch.Tensor) -> Figures:
    return mean_distances(yardstick.distances, stylise, yardstick.photos)


MEASURES: dict[str, Measure] = {
    "quality": _quality,
    "gains": _gains,
    "border": _border,
    "lattice": _lattice,
    "perceptual": _perceptual,
}


@dataclass(frozen=True)
class Plan:
    """The names of the measures to take, and the photographs' short sides in pixels at which to repeat quality."""

    measures: Sequence[str]
    sizes: Sequence[int] = ()

    @property
    def needs_meter(self) -> bool:
        """Whether networks have to judge."""
        return "quality" in self.measures or bool(self.sizes)


def measure(yardstick: Yardstick, names: Sequence[str], stylise: Stylise, painting: torch.Tensor) -> Figures:
    """Return the figures of the measures `names` of `stylise`, which paints as `painting` (1×3×H×W in [0, 1])."""
    figures: Figures = {}
    for name in names:
        figures |= MEASURES[name](yardstick, stylise, painting)
    return figures


def parse_measures(text: str) -> tuple[str, ...]:
    """Return the measures that `text` names, separated by commas; raises NstError for an unknown one."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise NstError(
            f"`measure` does not know {', '.join(map(repr, unknown))}; it knows {', '.join(MEASURES)}",
            "separate several by commas",
        )
    return names


def parse_sizes(text: str | None) -> tuple[int, ...]:
    """Return the short sides in pixels that `text` names, separated by commas; raises NstError for anything else."""
    if text is None:
        return ()
    try:
        sizes = tuple(dict.fromkeys(int(size) for size in text.split(",")))
    except ValueError:
        sizes = (0,)
    if not all(64 <= size <= 4096 for size in sizes):
        raise NstError(
            f"`sizes` is {text!r}, not a list of short sides from 64 to 4096 pixels", "write it as 256,512,1024"
        )
    return sizes


def sweep_sizes(
    meter: QualityMeter, stylise: Stylise, painting: torch.Tensor, photos: Sequence[Path], sizes: Sequence[int]
) -> dict[int, Figures]:
    """Return the quality at each short side of `sizes`, in pixels; the `painting` (1×3×H×W in [0, 1]) keeps its own."""
    rows: dict[int, Figures] = {}
    for size in sizes:
        seen = (meter.see(read_style(path, size)) for path in photos)
        quality = asdict(meter.measure(painting, seen, _on_tensors(stylise)))
        rows[size] = {column: quality[column] for column in SWEEP_COLUMNS}
    return rows


def _on_tensors(stylise: Stylise) -> StyliseUnit:
    return lambda photo: torch.from_numpy(to_unit(stylise(from_unit(photo.numpy()))))
