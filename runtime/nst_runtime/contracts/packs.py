"""The contract between export and runtime: a folder with pack.json, the codec's two graphs and a bank per style."""

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nst_runtime.contracts.files import is_relative_name, path_inside, read_json, sha256_of_bytes, write_json
from nst_runtime.contracts.names import is_name
from nst_runtime.contracts.records import Scalar, from_json, to_json
from nst_runtime.errors import NstError, PackError

MANIFEST = "pack.json"
FORMAT = "nst-style-pack"
FORMAT_VERSION = 1
MANIFEST_LIMIT_BYTES = 1_000_000
GRAPH_LIMIT_BYTES = 64_000_000
DEFAULT_PACK = Path(__file__).parents[1] / "default_pack"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class GraphFile:
    """An ONNX file: its path inside the pack, and what its bytes must hash and add up to."""

    file: str
    sha256: str
    size_bytes: int

    def __post_init__(self) -> None:
        if not is_relative_name(self.file):
            raise ValueError(f"{self.file!r} is no path inside the pack")
        if not 0 < self.size_bytes <= GRAPH_LIMIT_BYTES:
            raise ValueError(f"size_bytes {self.size_bytes} is not in 1–{GRAPH_LIMIT_BYTES}")
        _check_sha256(self.sha256)


@dataclass(frozen=True)
class Codec:
    """The shared encoder and decoder; `sha256` names the checkpoint they were exported from, and with it the codec.

    The encoder takes pictures whose sides are multiples of `multiple_px` and at least `minimum_px`.
    """

    architecture: str
    sha256: str
    multiple_px: int
    minimum_px: int
    encoder: GraphFile
    decoder: GraphFile
    training: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_sha256(self.sha256)
        if not 1 <= self.multiple_px <= self.minimum_px <= 4096:
            raise ValueError("multiple_px must be at least 1 and at most minimum_px, which is at most 4096")


@dataclass(frozen=True)
class Style:
    """One style: where it comes from, its bank, the codec that the bank was trained for, and how good it is."""

    name: str
    bank: GraphFile
    codec_sha256: str
    title: str = ""
    artist: str = ""
    year: str = ""
    licence: str = ""
    training: Mapping[str, Scalar] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_sha256(self.codec_sha256)
        if not is_name(self.name):
            raise ValueError(f"{self.name!r} is no valid style name")
        if not all(math.isfinite(value) for value in self.metrics.values()):
            raise ValueError("metrics must be finite")


@dataclass(frozen=True)
class PackManifest:
    """What pack.json says."""

    name: str
    codec: Codec
    styles: tuple[Style, ...]
    format: str = field(default=FORMAT, kw_only=True)
    format_version: int = field(default=FORMAT_VERSION, kw_only=True)

    def __post_init__(self) -> None:
        names = [style.name for style in self.styles]
        if len(set(names)) < len(names):
            raise ValueError("a style's name comes twice")


@dataclass(frozen=True)
class Pack:
    """A pack folder and its manifest; graphs are read, and checked, when asked for."""

    folder: Path
    manifest: PackManifest

    def style(self, name: str) -> Style:
        """Return the style called `name`; raises PackError that lists the styles there are and names the nearest."""
        styles = {style.name: style for style in self.manifest.styles}
        if name not in styles:
            near = difflib.get_close_matches(name, styles, n=1)
            guess = f" did you mean {near[0]!r}?" if near else ""
            raise PackError(f"no style {name!r} in {self.folder};{guess} it has: {', '.join(styles) or 'none'}")
        return styles[name]

    def read_graph(self, graph: GraphFile) -> bytes:
        """Return the bytes of `graph`; raises PackError unless they have the size and hash the manifest declares."""
        path = path_inside(self.folder, graph.file)
        try:
            with path.open("rb") as file:
                data = file.read(graph.size_bytes + 1)
        except FileNotFoundError as error:
            raise PackError(f"{self.folder} lacks its file {graph.file}; get the pack anew") from error
        except OSError as error:
            raise PackError(f"cannot read {path}: {error.strerror or error}") from error
        if len(data) != graph.size_bytes or sha256_of_bytes(data) != graph.sha256:
            raise PackError(f"{path} is damaged or was changed (its size or sha256 is not {MANIFEST}'s); get it anew")
        return data


def read_pack(folder: Path) -> Pack:
    """Return the pack in `folder`; raises PackError when its manifest is missing, damaged or of a newer format."""
    path = folder / MANIFEST
    if not path.is_file():
        if folder == DEFAULT_PACK:
            raise PackError("this installation has no default pack; give one with --pack DIR")
        what = f"it has no {MANIFEST}" if folder.is_dir() else "no such folder"
        raise PackError(f"no style pack at {folder} ({what}); give the folder that nst-export pack wrote")
    try:
        content = read_json(path, limit_bytes=MANIFEST_LIMIT_BYTES)
    except NstError as error:
        raise PackError(str(error)) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise PackError(f'{path} is no manifest of a style pack (its "format" is not "{FORMAT}")')
    _check_version(path, content.get("format_version"))
    try:
        return Pack(folder, from_json(PackManifest, content))
    except ValueError as error:
        raise PackError(f"{path} is damaged: {error}; get the pack anew") from error


def _check_version(path: Path, version: object) -> None:
    if type(version) is int and version > FORMAT_VERSION:
        raise PackError(
            f"{path}: the pack is of a newer format {version}; this nst-runtime reads {FORMAT_VERSION}: "
            "upgrade with pip install -U nst-stylebank"
        )
    if version != FORMAT_VERSION or type(version) is not int:
        raise PackError(f"{path}: unknown format_version {version!r}; this nst-runtime reads {FORMAT_VERSION}")


def write_manifest(folder: Path, manifest: PackManifest) -> None:
    """Write `manifest` to pack.json in `folder`, whole or not at all."""
    content = to_json(manifest)
    head = {key: content.pop(key) for key in ("format", "format_version")}
    write_json(folder / MANIFEST, {**head, **content})


def _check_sha256(text: str) -> None:
    if not _SHA256.fullmatch(text):
        raise ValueError(f"{text!r} is no sha256 in hex")
