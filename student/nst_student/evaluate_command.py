"""``nst-student evaluate``: the quality table."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import torch
import typer

from nst_features import Precision, load_network
from nst_runtime.catalogue import read_catalogue
from nst_runtime.errors import NstError
from nst_runtime.files import write_json
from nst_runtime.images import from_unit, list_pictures, to_unit
from nst_runtime.stylizer import Stylizer
from nst_student.judges import read_style
from nst_student.metrics import PHOTO_SIZE_PX, STYLE_SIZE_PX, Quality, QualityMeter, Stylise

COLUMNS = ("mean", "relu3_1", "content", "deep", "least_content")


@dataclass(frozen=True)
class EvaluateOptions:
    """What to measure, on what and by which networks."""

    photos: Annotated[Path, typer.Option(help="Folder of photographs that nothing was trained on.")]
    catalogue: Annotated[Path, typer.Option(help="Style catalogue (TOML) that names each style's picture.")]
    pictures: Annotated[Path, typer.Option(help="Folder of the style pictures.")]
    weights: Annotated[Path, typer.Option(help="VGG-19 weights to relu3_1 or deeper, not those trained with.")]
    deep_weights: Annotated[Path, typer.Option(help="VGG-19 weights to relu5_1, such as the distilled one.")]
    pack: Annotated[Path | None, typer.Option(help="Style pack; the shipped one if not given.")] = None
    style: Annotated[list[str] | None, typer.Option(help="Measure only this style; may be repeated.")] = None
    count: Annotated[int | None, typer.Option(min=1, help="Use only the first N photographs by name.")] = None
    precision: Annotated[Precision, typer.Option(help="Arithmetic of the networks.")] = "fp32"
    out: Annotated[Path | None, typer.Option(help="Write the numbers to this JSON file as well.")] = None
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False


def evaluate(options: EvaluateOptions) -> None:
    """Measure the styles of a pack against their pictures, by the runtime that people run.

    mean, relu3_1 and deep are what is left of the photos' distance to the style (1: nothing done, 0: the style's own
    statistics); content is how far the photo is left behind (0: the photo itself), least_content how far any picture
    with the style's own statistics has to leave it.
    """
    meter = QualityMeter(
        load_network("vgg19", weights=options.weights, precision=options.precision),
        load_network("vgg19", weights=options.deep_weights, precision=options.precision),
    )
    results = {name: asdict(quality) for name, quality in _measure(options, meter)}
    if options.out is not None:
        write_json(options.out, results)
    print(json.dumps(results, indent=2) if options.as_json else _table(results))


def _measure(options: EvaluateOptions, meter: QualityMeter) -> Iterator[tuple[str, Quality]]:
    catalogue = read_catalogue(options.catalogue)
    stylizer = Stylizer.load(options.pack)
    names = options.style or [style.name for style in stylizer.styles]
    missing = [name for name in names if name not in catalogue]
    if missing:
        raise NstError(f"{options.catalogue} has no style {', '.join(missing)}; it has {', '.join(catalogue)}")
    paths = list_pictures(options.photos)[: options.count]
    photos = [meter.see(read_style(path, PHOTO_SIZE_PX)) for path in paths]
    if not photos:
        raise NstError(f"no pictures in {options.photos}")
    for name in names:
        print(f"measuring {name} on {len(photos)} photographs", file=sys.stderr)
        picture = read_style(options.pictures / catalogue[name].picture, STYLE_SIZE_PX)
        yield name, meter.measure(picture, photos, _through(stylizer, name))


def _through(stylizer: Stylizer, style: str) -> Stylise:
    def stylise(photo: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(to_unit(stylizer.stylize(from_unit(photo.numpy()), style)))

    return stylise


def _table(results: dict[str, dict[str, float]]) -> str:
    lines = ["| style | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(f"{row[c]:.3f}" for c in COLUMNS) + " |" for name, row in results.items()]
    return "\n".join(lines)
