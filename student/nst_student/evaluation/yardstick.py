"""What every stylizer is measured on and by: the same for all, made ready once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from nst_features.networks import load_network
from nst_runtime.pictures.arrays import Pixels, resize_short_side, to_unit
from nst_runtime.pictures.read import read_picture
from nst_student.evaluation.clips import read_clips
from nst_student.evaluation.metrics import PHOTO_SIZE_PX, QualityMeter, SeenPhoto
from nst_student.evaluation.perceptual_distances import Distance, find_distances
from nst_student.evaluation.settings import MeasureSettings


@dataclass(frozen=True)
class Yardstick:
    """Photographs and clips, and the networks that judge.

    `photos` are uint8 H×W×3 of the measuring size, from the files `paths`; `seen` the same as the `meter` sees them;
    `clips` are frames in a row. Without a meter there is no quality, without distances no LPIPS or DISTS, without clips
    no gain of frames. `notes` say what a person should know, such as a distance that is not installed.
    """

    photos: Sequence[Pixels]
    paths: Sequence[Path] = ()
    clips: Sequence[Sequence[Pixels]] = ()
    meter: QualityMeter | None = None
    seen: Sequence[SeenPhoto] = ()
    distances: Mapping[str, Distance] = field(default_factory=dict)
    notes: Sequence[str] = ()


def make_yardstick(settings: MeasureSettings, paths: Sequence[Path]) -> Yardstick:
    """Return what `settings` measure by, on the photographs `paths`.

    Raises NstError when a photograph, a clip or weights cannot be read.
    """
    photos = [resize_short_side(read_picture(path).rgb, PHOTO_SIZE_PX) for path in paths]
    clips = () if settings.clips is None else tuple(read_clips(settings.clips).values())
    distances, notes = find_distances() if "perceptual" in settings.figures else ({}, [])
    meter = _load_meter(settings) if settings.needs_meter else None
    judged = photos if meter is not None and "quality" in settings.figures else []
    seen = [meter.see(torch.from_numpy(to_unit(photo))) for photo in judged] if meter is not None else []
    return Yardstick(photos, paths, clips, meter, seen, distances, notes)


def _load_meter(settings: MeasureSettings) -> QualityMeter:
    shallow, deep = (
        load_network("vgg19", weights=weights, precision=settings.precision)
        for weights in (settings.weights, settings.deep_weights)
    )
    return QualityMeter(shallow, deep)
