"""Write the files of a style pack from trained networks."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nst_export.sources import Trained
from nst_export.templates.registry import TEMPLATES, templates
from nst_runtime.contracts.catalogue import CatalogueEntry, StyleInfo
from nst_runtime.contracts.files import read_json, sha256_of_bytes
from nst_runtime.contracts.packs import (
    CODEC_FILE,
    PLAIN,
    STYLES_FOLDER,
    Codec,
    Norm,
    PackFile,
    PackManifest,
    StyleEntry,
    Template,
    write_manifest,
)
from nst_runtime.contracts.styles import SUFFIX, StyleFile, StyleRecord, style_bytes
from nst_runtime.contracts.tensors import save_arrays
from nst_runtime.errors import NstError
from nst_student.networks.checkpoint import Codec as TrainedCodec
from nst_student.networks.style_files import style_of

Metrics = Mapping[str, Mapping[str, float]]
PLAIN_INFO = StyleInfo("The photograph itself", licence="Apache-2.0")


@dataclass(frozen=True)
class Labels:
    """What a pack says of itself besides its networks: its name, the catalogue and the quality of its styles."""

    name: str = "default"
    catalogue: Mapping[str, CatalogueEntry] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=dict)


def write_pack(folder: Path, trained: Trained, labels: Labels) -> PackManifest:
    """Write templates, numbers and pack.json to the empty `folder`; the same input gives the same bytes."""
    codec = trained.codec
    (folder / STYLES_FOLDER).mkdir()
    written: list[Template] = []
    norms: dict[str, tuple[Norm, ...]] = {}
    for part, form, model in templates(codec.architecture.name):
        file = _write(folder, f"{part}.{form}.onnx", model.data)
        written.append(
            Template(file.file, file.sha256, file.size_bytes, part, form, model.inputs, model.outputs, model.weights)
        )
        norms[part] = model.norms
    manifest = PackManifest(
        labels.name,
        _codec(folder, codec, written, norms),
        tuple(written),
        tuple(_write_style(folder, _labelled(bank.file, name, labels)) for name, bank in trained.banks.items()),
        _write_plain(folder, codec),
    )
    write_manifest(folder, manifest)
    return manifest


def _codec(folder: Path, codec: TrainedCodec, written: list[Template], norms: Mapping[str, tuple[Norm, ...]]) -> Codec:
    wanted = {w.name for t in written if t.part != "bank" and t.form == "direct" for w in t.weights}
    modules = {"encoder": codec.encoder, "decoder": codec.decoder}
    arrays = {
        f"{part}.{name}": value.detach().cpu().float().numpy()
        for part, module in modules.items()
        for name, value in module.state_dict().items()
        if f"{part}.{name}" in wanted
    }
    return Codec(
        codec.record.architecture,
        codec.sha256,
        codec.architecture.multiple_px,
        codec.architecture.minimum_px,
        TEMPLATES[codec.architecture.name].painted,
        _write(folder, CODEC_FILE, save_arrays(arrays, {"codec_sha256": codec.sha256})),
        norms,
        training=codec.record.training,
    )


def _labelled(style: StyleFile, name: str, labels: Labels) -> StyleFile:
    """Return `style` as the pack calls it, with what the catalogue and the figures say of it."""
    entry = labels.catalogue.get(name)
    info = style.record.info if entry is None else entry.info
    metrics = {key: float(value) for key, value in labels.metrics.get(name, {}).items()}
    record = replace(style.record, name=name, info=info, metrics=metrics or style.record.metrics)
    return replace(style, record=record)


def _write_plain(folder: Path, codec: TrainedCodec) -> StyleEntry | None:
    if codec.architecture.plain is None:
        return None
    bank = codec.architecture.plain(codec.decoder)
    record = StyleRecord(PLAIN, codec.sha256, codec.record.architecture, PLAIN_INFO)
    return _write_style(folder, style_of(bank, record))


def _write_style(folder: Path, style: StyleFile) -> StyleEntry:
    name = style.record.name
    file = _write(folder, f"{STYLES_FOLDER}/{name}{SUFFIX}", style_bytes(style))
    return StyleEntry(file.file, file.sha256, file.size_bytes, name)


def _write(folder: Path, file: str, data: bytes) -> PackFile:
    (folder / file).write_bytes(data)
    return PackFile(file, sha256_of_bytes(data), len(data))


def read_metrics(path: Path) -> Metrics:
    """Return the numbers by style in the JSON file `path`, as ``nst-student evaluate`` writes them.

    Raises NstError when it is missing, not JSON, or holds anything but objects of finite numbers.
    """
    content = read_json(path)
    if not isinstance(content, dict) or not all(_is_numbers(numbers) for numbers in content.values()):
        raise NstError(f"{path} does not hold numbers by style", "give what nst-student evaluate wrote")
    return content


def _is_numbers(content: object) -> bool:
    return isinstance(content, dict) and all(
        isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
        for number in content.values()
    )
