"""``nst-student evaluate``: the quality table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from nst_features.networks import load_network
from nst_runtime.contracts.catalogue import read_catalogue
from nst_runtime.contracts.files import write_json
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels, resize_short_side, to_unit
from nst_runtime.pictures.read import list_pictures, read_picture
from nst_runtime.pictures.write import check_writable_suffix, write_picture
from nst_student.cli.evaluate_options import MeasuringOptions, OutputOptions, SubjectOptions
from nst_student.cli.progress import say
from nst_student.evaluation.candidates import Wanted, find_candidates
from nst_student.evaluation.clips import read_clips
from nst_student.evaluation.contact_sheet import Column, TeacherPictures, contact_sheet, find_teacher_pictures
from nst_student.evaluation.evaluation import (
    Figures,
    Plan,
    Yardstick,
    measure,
    parse_measures,
    parse_sizes,
    sweep_sizes,
)
from nst_student.evaluation.figures_table import figures_table
from nst_student.evaluation.metrics import PHOTO_SIZE_PX, STYLE_SIZE_PX, QualityMeter
from nst_student.evaluation.perceptual_distances import find_distances
from nst_student.evaluation.stylizers import Candidate, remembered
from nst_student.losses.judges import read_style

SHEET_PHOTOS = 6


def evaluate(subject: SubjectOptions, measuring: MeasuringOptions, output: OutputOptions) -> None:
    """Measure styles against their pictures: those of a pack, by the runtime that people run, ONNX graphs and commands.

    quality: mean, relu3_1 and deep are what is left of the photos' distance to the style (1: nothing done, 0: the
    style's own statistics); content is how far the photo is left behind (0: the photo itself), least_content how far
    any picture with the style's own statistics has to leave it.

    gains, on the first 6 photographs: noise_gain and shift_gain are the mean change of the picture, in levels of 255,
    when the photo gets noise of one level (0.76: left as it is) or moves by one pixel; frame_gain is the change between
    frames of --clips over the clips' own.

    border, on the same: border_error is the change, in levels, of the outer 16 px when the photo gets a mirrored
    margin, border_ratio the same over the change within. lattice: the RMS, in levels, of the pattern of period 8 px
    laid over the photos (0: none; on 30 photos, up to 0.3 is chance). perceptual: LPIPS and DISTS to the photo,
    where installed.

    Example: nst-student evaluate --photos photos --catalogue catalogue.toml --pictures paintings --style waves
    --onnx waves:johnson=wave.onnx --onnx-range 255 --measure gains,lattice --sheet sheet.png
    """
    plan = Plan(parse_measures(measuring.measure), parse_sizes(measuring.sizes))
    _check(measuring, output, plan)
    say(f"reading styles and the photographs of {measuring.photos}")
    entries = read_catalogue(subject.catalogue)
    paintings = {name: subject.pictures / entry.picture for name, entry in entries.items()}
    candidates = find_candidates(_wanted(subject), paintings, subject.catalogue)
    paths = list_pictures(measuring.photos)[: measuring.count]
    if not paths:
        raise NstError(f"no pictures in {measuring.photos}", "give a folder of photographs: --photos FOLDER")
    teacher = _teacher_pictures(output, candidates, paths)
    yardstick = _yardstick(measuring, plan, paths)
    candidates = [replace(c, stylise=remembered(c.stylise, yardstick.photos)) for c in candidates]
    rows: dict[str, Figures] = {}
    for candidate in candidates:
        rows |= _measured_rows(candidate, paintings[candidate.style], yardstick, plan, paths)
    if output.sheet is not None:
        _write_sheet(output.sheet, candidates, yardstick.photos, paintings, teacher)
    if output.out is not None:
        write_json(output.out, rows)
    print(json.dumps(rows, indent=2) if output.as_json else figures_table(rows))


def _measured_rows(
    candidate: Candidate, painting: Path, yardstick: Yardstick, plan: Plan, paths: Sequence[Path]
) -> dict[str, Figures]:
    """Return the candidate's row, by its name, and those of the sizes, by ``NAME@SIZE``."""
    say(f"measuring {candidate.name} on {len(paths)} photographs")
    if candidate.note:
        say(candidate.note)
    picture = read_style(painting, STYLE_SIZE_PX)
    rows = {candidate.name: measure(yardstick, plan.measures, candidate.stylise, picture)}
    if yardstick.meter is not None:
        swept = sweep_sizes(yardstick.meter, candidate.stylise, picture, paths, plan.sizes)
        rows |= {f"{candidate.name}@{size}": figures for size, figures in swept.items()}
    return rows


def _check(measuring: MeasuringOptions, output: OutputOptions, plan: Plan) -> None:
    """Refuse options that do not go together, before anything is loaded."""
    if plan.needs_meter and (measuring.weights is None or measuring.deep_weights is None):
        raise NstError(
            "quality is judged by networks", "give --weights and --deep-weights, or leave quality out of --measure"
        )
    if measuring.clips is not None and "gains" not in plan.measures:
        raise NstError("--clips is for frame_gain, which is not measured", "add gains to --measure")
    if output.gatys is not None and output.sheet is None:
        raise NstError("--gatys is for the contact sheet, which is not asked for", "give --sheet FILE as well")
    if output.sheet is not None:
        check_writable_suffix(output.sheet)


def _wanted(subject: SubjectOptions) -> Wanted:
    return Wanted(
        pack=subject.pack,
        styles=subject.style or (),
        onnx=subject.onnx or (),
        onnx_peak=float(subject.onnx_range),
        commands=subject.command or (),
    )


def _yardstick(measuring: MeasuringOptions, plan: Plan, paths: Sequence[Path]) -> Yardstick:
    photos = [resize_short_side(read_picture(path).rgb, PHOTO_SIZE_PX) for path in paths]
    clips = read_clips(measuring.clips) if measuring.clips is not None else {}
    distances, left_out = find_distances() if "perceptual" in plan.measures else ({}, [])
    for line in left_out:
        say(line)
    if not plan.needs_meter:
        return Yardstick(photos, list(clips.values()), distances=distances)
    meter = _meter(measuring)
    seen = [meter.see(torch.from_numpy(to_unit(photo))) for photo in photos] if "quality" in plan.measures else []
    return Yardstick(photos, list(clips.values()), meter, seen, distances)


def _meter(measuring: MeasuringOptions) -> QualityMeter:
    return QualityMeter(
        load_network("vgg19", weights=measuring.weights, precision=measuring.precision),
        load_network("vgg19", weights=measuring.deep_weights, precision=measuring.precision),
    )


def _teacher_pictures(
    output: OutputOptions, candidates: Sequence[Candidate], paths: Sequence[Path]
) -> dict[str, TeacherPictures]:
    if output.gatys is None:
        return {}
    styles = dict.fromkeys(candidate.style for candidate in candidates)
    rows = paths[:SHEET_PHOTOS]
    return {style: find_teacher_pictures(output.gatys, style, rows, alone=len(styles) == 1) for style in styles}


def _write_sheet(
    path: Path,
    candidates: Sequence[Candidate],
    photos: Sequence[Pixels],
    paintings: Mapping[str, Path],
    teacher: Mapping[str, TeacherPictures],
) -> None:
    """Write rows of photographs; for each style its painting, the teacher's pictures, and the stylizers' in order."""
    rows = photos[:SHEET_PHOTOS]
    columns = [Column("photo", rows)]
    for style in dict.fromkeys(candidate.style for candidate in candidates):
        columns.append(Column(f"{style}: the painting", [read_picture(paintings[style]).rgb] * len(rows)))
        if style in teacher:
            columns.append(Column(f"{style}: the teacher", teacher[style]))
        columns += [Column(c.name, [c.stylise(photo) for photo in rows]) for c in candidates if c.style == style]
    write_picture(path, contact_sheet(columns))
