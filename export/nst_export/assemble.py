"""Write the files of a style pack from trained networks."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nst_export.checkpoints import Trained
from nst_export.folders import BANKS, GRAPH_SUFFIX
from nst_export.parts import bank_model, decoder_model, encoder_model
from nst_runtime.contracts.catalogue import CatalogueEntry
from nst_runtime.contracts.files import read_json, sha256_of_bytes
from nst_runtime.contracts.packs import FORMAT_VERSION, Codec, GraphFile, PackManifest, Style, write_manifest
from nst_runtime.contracts.records import Scalar
from nst_runtime.errors import NstError
from nst_student.checkpoint import TrainedBank
from nst_student.network import ARCHITECTURES, MINIMUM_PX

Metrics = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Labels:
    """What a pack says of itself besides its networks: its name, the catalogue and the quality of its styles."""

    name: str = "default"
    catalogue: Mapping[str, CatalogueEntry] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=dict)


def write_pack(folder: Path, trained: Trained, labels: Labels) -> PackManifest:
    """Write the graphs of `trained` and pack.json to the empty `folder`; the same input gives the same bytes."""
    codec = _write_codec(folder, trained)
    styles = tuple(_write_style(folder, trained, style, labels) for style in trained.banks)
    manifest = PackManifest(labels.name, codec, styles)
    write_manifest(folder, manifest)
    return manifest


def read_metrics(path: Path) -> Metrics:
    """Return the numbers by style in the JSON file `path`, as ``nst-student evaluate`` writes them.

    Raises NstError when it is missing, no JSON, or holds anything but objects of finite numbers.
    """
    content = read_json(path)
    if not isinstance(content, dict) or not all(_is_numbers(numbers) for numbers in content.values()):
        raise NstError(f"{path} must hold numbers by style, such as those of nst-student evaluate --out")
    return content


def _is_numbers(content: object) -> bool:
    return isinstance(content, dict) and all(
        isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
        for number in content.values()
    )


def _write_codec(folder: Path, trained: Trained) -> Codec:
    codec = trained.codec
    architecture = ARCHITECTURES[codec.description.architecture]
    encoder = encoder_model(codec.encoder, _metadata(trained, "encoder"))
    decoder = decoder_model(codec.decoder, _metadata(trained, "decoder"), conditional=architecture.conditional)
    return Codec(
        architecture.name,
        codec.sha256,
        architecture.multiple_px,
        MINIMUM_PX,
        _write_graph(folder, f"encoder{GRAPH_SUFFIX}", encoder),
        _write_graph(folder, f"decoder{GRAPH_SUFFIX}", decoder),
        _scalars(codec.description.training),
    )


def _write_style(folder: Path, trained: Trained, style: str, labels: Labels) -> Style:
    bank: TrainedBank = trained.banks[style]
    entry = labels.catalogue.get(style, CatalogueEntry(title=style))
    graph = bank_model(bank.bank, {**_metadata(trained, "bank"), "nst.style": style})
    return Style(
        style,
        _write_graph(folder, f"{BANKS}/{style}{GRAPH_SUFFIX}", graph),
        trained.codec.sha256,
        entry.title,
        entry.artist,
        entry.year,
        entry.licence,
        _scalars(bank.description.training),
        {name: float(value) for name, value in labels.metrics.get(style, {}).items()},
    )


def _write_graph(folder: Path, file: str, data: bytes) -> GraphFile:
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return GraphFile(file, sha256_of_bytes(data), len(data))


def _metadata(trained: Trained, part: str) -> dict[str, str]:
    return {
        "nst.part": part,
        "nst.architecture": trained.codec.description.architecture,
        "nst.codec_sha256": trained.codec.sha256,
        "nst.format_version": str(FORMAT_VERSION),
    }


def _scalars(recipe: Mapping[str, Any]) -> dict[str, Scalar]:
    """Return `recipe` with values that are no JSON scalars written out as text."""
    return {name: value if _is_scalar(value) else json.dumps(value, sort_keys=True) for name, value in recipe.items()}


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
