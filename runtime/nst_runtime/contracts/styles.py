"""Style files: a style's numbers, who it is, and a preview, in one safetensors file that can hold no program.

docs/pack-format.md describes the file for other languages.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.files import check_sha256, write_bytes
from nst_runtime.contracts.names import is_name, shown
from nst_runtime.contracts.records import to_json
from nst_runtime.contracts.tensors import (
    HEADER_LIMIT_BYTES,
    Tensor,
    Tensors,
    halved,
    load_arrays,
    read_bytes,
    read_metadata,
    save_arrays,
)
from nst_runtime.contracts.versions import read_headed
from nst_runtime.errors import PackError

FORMAT = "nst-style"
FORMAT_VERSION = 1
SUFFIX = ".safetensors"
STYLE_LIMIT_BYTES = 16_000_000
PREVIEW = "preview"
STATISTICS = "statistics."
AGAIN = "get the file again, or train the style again with nst-student train-bank"


@dataclass(frozen=True)
class StyleRecord:
    """What a style file says of itself.

    `codec_sha256` names the codec that the numbers were trained for, `architecture` what they are the numbers of;
    `metrics` are measured figures by name, and `training` is the recipe, as the training wrote it.
    """

    name: str
    codec_sha256: str
    architecture: str
    info: StyleInfo = field(default_factory=StyleInfo)
    recipe: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    format: str = FORMAT
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        check_sha256(self.codec_sha256)
        if not is_name(self.name):
            raise ValueError(f"{self.name!r} is not a valid style name")
        if not all(math.isfinite(value) for value in self.metrics.values()):
            raise ValueError("metrics must be finite")


@dataclass(frozen=True)
class Statistics:
    """Mean and variance of each channel before a norm, float32 C each, as photographs typically have them."""

    mean: Tensor
    variance: Tensor


@dataclass(frozen=True)
class StyleFile:
    """A style: its record, its numbers by name (float32), typical statistics by norm, and a preview (WebP or JPEG)."""

    record: StyleRecord
    tensors: Tensors
    statistics: Mapping[str, Statistics] = field(default_factory=dict)
    preview: bytes = b""


def read_style(path: Path | str) -> StyleFile:
    """Return the style in the file `path`.

    Raises PackError when the file is missing, damaged, larger than 16 MB, of a newer kind, or holds
    anything but finite numbers. Nothing in it is run, and it takes the memory that its size announces.
    """
    return parse_style(read_bytes(Path(path), STYLE_LIMIT_BYTES), str(path))


def read_record(path: Path) -> StyleRecord:
    """Return what the style file `path` says of itself, reading no more than its head; raises PackError."""
    data = read_bytes(path, HEADER_LIMIT_BYTES + 8, whole=False)
    if path.stat().st_size > STYLE_LIMIT_BYTES:
        raise PackError(
            f"{path} is larger than {STYLE_LIMIT_BYTES} bytes, and so not a style file", "give another file"
        )
    return _parse_record(data, str(path))


def parse_style(data: bytes, where: str) -> StyleFile:
    """Return the style that `data`, a file's bytes, holds; `where` names it in errors. Raises PackError."""
    record = _parse_record(data, where)
    floats: dict[str, Tensor] = {}
    preview = b""
    for name, array in load_arrays(data, where, AGAIN).items():
        if array.dtype == np.float32:
            floats[name] = array
        elif name == PREVIEW:
            preview = array.tobytes()
    weights = {name: array for name, array in floats.items() if not name.startswith(STATISTICS)}
    return StyleFile(record, weights, _statistics(floats, where), preview)


def _parse_record(data: bytes, where: str) -> StyleRecord:
    return read_headed(
        StyleRecord,
        read_metadata(data, where, AGAIN),
        form=FORMAT,
        version=FORMAT_VERSION,
        what="a style file",
        where=where,
        again="train the style again with nst-student train-bank",
        mend=AGAIN,
    )


def _statistics(floats: Tensors, where: str) -> dict[str, Statistics]:
    means = {name.removesuffix(".mean") for name in floats if name.startswith(STATISTICS) and name.endswith(".mean")}
    found = {}
    for key in sorted(means):
        mean, variance = floats[f"{key}.mean"], floats.get(f"{key}.variance")
        if variance is None or mean.ndim != 1 or variance.shape != mean.shape or (variance < 0).any():
            raise PackError(f"{where} is damaged: {shown(key)} is not a mean and a variance", AGAIN)
        found[key.removeprefix(STATISTICS)] = Statistics(mean, variance)
    return found


def write_style(path: Path, style: StyleFile) -> None:
    """Write `style` to `path`, whole or not at all: numbers in float16 where that changes none of them."""
    write_bytes(path, style_bytes(style))


def style_bytes(style: StyleFile) -> bytes:
    """Return the file that holds `style`; the same style gives the same bytes."""
    arrays: dict[str, npt.NDArray[Any]] = {name: halved(array) for name, array in style.tensors.items()}
    for name, statistics in style.statistics.items():
        arrays[f"{STATISTICS}{name}.mean"] = statistics.mean
        arrays[f"{STATISTICS}{name}.variance"] = statistics.variance
    if style.preview:
        arrays[PREVIEW] = np.frombuffer(style.preview, np.uint8)
    return save_arrays(arrays, to_json(style.record))
