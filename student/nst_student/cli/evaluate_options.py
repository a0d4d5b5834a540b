"""The options of ``nst-student evaluate``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from typer import Option

from nst_features.names import Precision


@dataclass(frozen=True)
class SubjectOptions:
    """What to measure."""

    catalogue: Annotated[Path, Option(help="Style catalogue (TOML) that names each style's picture.")]
    pictures: Annotated[Path, Option(help="Folder of the style pictures.")]
    pack: Annotated[
        Path | None,
        Option(
            help="Style pack; the shipped one if not given. With --onnx or --command no pack is measured unless "
            "--pack or --style asks for it."
        ),
    ] = None
    style: Annotated[
        list[str] | None,
        Option(help="Measure only this style of the pack; may be repeated."),
    ] = None
    onnx: Annotated[
        list[str] | None,
        Option(
            metavar="STYLE[:LABEL]=FILE",
            help="An ONNX graph, 1×3×H×W or 1×H×W×3 in and out, for the catalogue's STYLE; called STYLE:LABEL in the "
            "results (LABEL: onnx if not given); may be repeated.",
        ),
    ] = None
    onnx_range: Annotated[
        Literal["1", "255"],
        Option(help="White in the pictures that --onnx graphs take and give."),
    ] = "1"
    command: Annotated[
        list[str] | None,
        Option(
            metavar="STYLE[:LABEL]='PROG {input} {output}'",
            help="A command that stylises the PNG {input} to the PNG {output} in the catalogue's STYLE; {style} is its "
            "picture. Run without a shell. Called STYLE:LABEL (LABEL: command if not given); may be repeated.",
        ),
    ] = None


@dataclass(frozen=True)
class MeasuringOptions:
    """On what to measure, what, and by which networks."""

    photos: Annotated[Path, Option(help="Folder of photographs that nothing was trained on.")]
    measure: Annotated[
        str,
        Option(metavar="NAMES", help="What, separated by commas: quality, gains, border, lattice, perceptual."),
    ] = "quality,gains,border,lattice"
    weights: Annotated[
        Path | None,
        Option(help="VGG-19 weights to relu3_1 or deeper, not those trained with; for quality."),
    ] = None
    deep_weights: Annotated[
        Path | None,
        Option(help="VGG-19 weights to relu5_1, such as the distilled one; for quality."),
    ] = None
    count: Annotated[int | None, Option(min=1, help="Use only the first N photographs by name.")] = None
    sizes: Annotated[
        str | None,
        Option(
            metavar="PX,PX,…",
            help="Measure quality at these short sides of the photographs as well, a row STYLE@PX each.",
        ),
    ] = None
    clips: Annotated[
        Path | None,
        Option(help="Folder of video files (needs PyAV) or of folders of frames, for frame_gain."),
    ] = None
    precision: Annotated[Precision, Option(help="Arithmetic of the networks.")] = "fp32"


@dataclass(frozen=True)
class OutputOptions:
    """Where the results go."""

    out: Annotated[Path | None, Option(help="Write the numbers to this JSON file as well.")] = None
    as_json: Annotated[bool, Option("--json", help="Print JSON instead of a table.")] = False
    sheet: Annotated[
        Path | None,
        Option(help="Write a contact sheet of the first 6 photographs, paintings and stylised pictures to this file."),
    ] = None
    gatys: Annotated[
        Path | None,
        Option(
            help="Folder of the teacher's pictures for --sheet: STYLE/STEM.png for each photograph's STEM, or STEM.png "
            "where one style is measured."
        ),
    ] = None
