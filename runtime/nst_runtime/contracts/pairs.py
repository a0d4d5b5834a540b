"""The contract between teacher and student: a folder of pairs and its manifest, pairs.json."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nst_runtime.contracts.files import check_sha256, is_relative_name, read_json, write_json
from nst_runtime.contracts.names import is_name
from nst_runtime.contracts.versions import headed, read_headed
from nst_runtime.errors import NstError

MANIFEST = "pairs.json"
FORMAT = "nst-pairs"
FORMAT_VERSION = 1
MANIFEST_LIMIT_BYTES = 2_000_000_000  # some two million pairs


@dataclass(frozen=True)
class StyleSource:
    """The style: its name, its picture's file name and that file's sha256, and maybe a title."""

    name: str
    picture: str
    sha256: str
    title: str | None = None

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise ValueError(f"{self.name!r} is not a valid style name")
        check_sha256(self.sha256)


@dataclass(frozen=True)
class Network:
    """The feature network; `weights_sha256` is None where it was drawn from a seed or downloaded by name."""

    name: str
    weights_sha256: str | None

    def __post_init__(self) -> None:
        if self.weights_sha256 is not None:
            check_sha256(self.weights_sha256)


@dataclass(frozen=True)
class Losses:
    """The total loss before and after, and the final loss's two weighted terms."""

    initial: float
    final: float
    content: float
    style: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in (self.initial, self.final, self.content, self.style)):
            raise ValueError("losses must be finite")


@dataclass(frozen=True)
class Pair:
    """A photo and its stylised version; `content` and `target` are paths inside the folder, `source` a file name."""

    id: str
    source: str
    source_sha256: str
    content: str
    content_sha256: str
    target: str
    target_sha256: str
    seed: int
    losses: Losses

    def __post_init__(self) -> None:
        check_sha256(self.source_sha256, self.content_sha256, self.target_sha256)
        for name in (self.content, self.target):
            if not is_relative_name(name):
                raise ValueError(f"{name!r} is not a path inside the folder")


@dataclass(frozen=True)
class PairManifest:
    """All pairs of one style, and every setting that made them; `settings_sha256` is the hash of the settings."""

    style: StyleSource
    settings: Mapping[str, Any]
    settings_sha256: str
    network: Network
    pairs: tuple[Pair, ...]
    format: str = field(default=FORMAT, kw_only=True)
    format_version: int = field(default=FORMAT_VERSION, kw_only=True)

    def __post_init__(self) -> None:
        check_sha256(self.settings_sha256)
        ids = [pair.id for pair in self.pairs]
        if len(set(ids)) < len(ids):
            raise ValueError("an id comes twice in pairs")


def read_pairs(folder: Path) -> PairManifest:
    """Return the manifest of the pairs in `folder`.

    Raises NstError when it is missing, damaged, of a newer format or names files outside of `folder`. The pictures
    themselves are not read.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise NstError(f"no pairs in {folder} (it has no {MANIFEST})", "make them with nst-teacher generate")
    content = read_json(path, limit_bytes=MANIFEST_LIMIT_BYTES)
    return read_headed(
        PairManifest,
        content,
        form=FORMAT,
        version=FORMAT_VERSION,
        what="a manifest of pairs",
        where=str(path),
        again="make the pairs again with nst-teacher generate",
        mend="run nst-teacher generate again",
        error=NstError,
    )


def write_pairs(folder: Path, manifest: PairManifest) -> None:
    """Write `manifest` into `folder`, whole or not at all."""
    write_json(folder / MANIFEST, headed(manifest))
