"""``nst-student evaluate``: the quality table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from nst_runtime.cli.explain import explain_option
from nst_runtime.cli.options import JsonOption
from nst_runtime.cli.output import print_json, say
from nst_runtime.cli.settings_options import Given, with_settings
from nst_runtime.contracts.catalogue import read_catalogue
from nst_runtime.contracts.files import write_json
from nst_runtime.contracts.settings import apply
from nst_runtime.errors import NstError
from nst_student.evaluation.settings import EvaluateSettings

LISTED = "nst-student evaluate --explain"
EPILOG = """\b
Examples:
  nst-student evaluate --content photos --pictures paintings --catalogue catalogue.toml
  nst-student evaluate --content photos --pictures paintings --catalogue catalogue.toml \\
      --style waves --other waves:johnson=wave.onnx --set onnx.white=255 \\
      --figures gains,lattice --set sheet.file=sheet.png
"""
NEEDS_METER = ("weights", "deep_weights", "precision")


@with_settings(EvaluateSettings, ("measure.figures",), listed=LISTED)
def evaluate(
    content: Annotated[Path, typer.Option(metavar="DIR", help="A folder of photographs that nothing was trained on.")],
    pictures: Annotated[Path, typer.Option(metavar="DIR", help="A folder of the styles' pictures.")],
    catalogue: Annotated[
        Path, typer.Option(metavar="FILE", help="The TOML file that says which picture is which style's.")
    ],
    style: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", show_default="all of the pack", help="Measure only this style. Once for each."),
    ] = None,
    pack: Annotated[
        Path | None, typer.Option(metavar="DIR", show_default="the built-in one", help="The style pack to measure.")
    ] = None,
    other: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STYLE[:LABEL]=WHAT",
            help="Measure this for a style of the catalogue: a style file, an ONNX file, or a command with {input} and "
            "{output}. "
            "Once for each. A pack is measured beside it if --pack or --style is given.",
        ),
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Use only the first N photographs by name.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the figures to this JSON file as well.")
    ] = None,
    *,
    given: Given,
    as_json: JsonOption = False,
    explain: Annotated[bool, explain_option(EvaluateSettings())] = False,
) -> None:
    """Measure styles against their pictures, and print a table with a row for each.

    The figures "quality" say how much of the style is missing: mean, relu3_1 and deep, where 1 is the photograph itself
    and 0 the style's own statistics. They also say how far the picture is from the photograph: content, and
    least_content, which the style asks for at least. The figures "gains" say how much the picture changes when the
    photograph gets noise of one level or moves by one pixel, and between the frames of clips. The figures "border" and
    "lattice" measure faults at the borders and a pattern of 8 px. The figures "perceptual" are LPIPS and DISTS to the
    photograph, where they are installed.

    An --other has a row STYLE:LABEL. In a command, {input} and {output} are PNG files and {style} is the style's
    picture; it is run without a shell.
    """
    settings = apply(EvaluateSettings(), given)
    _refuse_idle(settings, given, other or ())
    paintings = {name: pictures / entry.picture for name, entry in read_catalogue(catalogue).items()}
    say("loading torch and reading the photographs")
    from nst_runtime.pictures.write import check_writable_suffix
    from nst_student.evaluation.candidates import Wanted, find_candidates, remember_pictures
    from nst_student.evaluation.contact_sheet import find_all_teacher_pictures, write_sheet
    from nst_student.evaluation.evaluation import figures_table, measure_rows
    from nst_student.evaluation.yardstick import make_yardstick

    if settings.sheet.file is not None:
        check_writable_suffix(settings.sheet.file)
    wanted = Wanted(pack, style or (), other or (), float(settings.onnx.white))
    candidates = find_candidates(wanted, paintings, catalogue)
    paths = _find_photos(content, count)
    styles = list(dict.fromkeys(candidate.style for candidate in candidates))
    gatys = settings.sheet.gatys
    teacher = {} if gatys is None else find_all_teacher_pictures(gatys, styles, paths)
    yardstick = make_yardstick(settings.measure, paths)
    candidates = remember_pictures(candidates, yardstick.photos)
    for note in [*yardstick.notes, *(candidate.note for candidate in candidates if candidate.note)]:
        say(note)
    rows: dict[str, dict[str, float]] = {}
    for candidate in candidates:
        say(f"measuring {candidate.name} on {len(paths)} photographs")
        rows |= measure_rows(yardstick, settings.measure, candidate, paintings[candidate.style])
    if settings.sheet.file is not None:
        write_sheet(settings.sheet.file, candidates, yardstick.photos, paintings, teacher)
    if out is not None:
        write_json(out, rows)
    print_json(rows) if as_json else print(figures_table(rows))


def _find_photos(folder: Path, count: int | None) -> Sequence[Path]:
    from nst_runtime.pictures.find import list_pictures

    paths = list_pictures(folder)[:count]
    if not paths:
        raise NstError(f"there are no pictures in {folder}", "give a folder of photographs: --content DIR")
    return paths


def _refuse_idle(settings: EvaluateSettings, given: Given, others: Sequence[str]) -> None:
    """Raise NstError for a setting that would change nothing, before anything is loaded."""
    from nst_student.evaluation.stylizers import parse_source

    idle = [name for name in NEEDS_METER if name in given.get("measure", {})]
    if idle and not settings.measure.needs_meter:
        raise NstError(
            f"`{idle[0]}` would change nothing here: networks judge quality alone",
            "leave it out, or add quality to `figures`",
        )
    if "white" in given.get("onnx", {}) and all(parse_source(other).kind != "onnx" for other in others):
        raise NstError("`white` would change nothing here: no `other` is an ONNX file", "leave it out")
