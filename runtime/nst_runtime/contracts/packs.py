"""The contract between export and runtime: a folder with pack.json, graph templates, a codec's numbers and styles."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from nst_runtime.contracts.files import check_sha256, is_relative_name, path_inside, read_json, write_json
from nst_runtime.contracts.names import is_name
from nst_runtime.contracts.tensors import Tensor, Tensors, check_file, load_arrays, read_bytes
from nst_runtime.contracts.versions import headed, read_headed
from nst_runtime.errors import NstError, PackError

MANIFEST = "pack.json"
CODEC_FILE = "codec.safetensors"
STYLES_FOLDER = "styles"
FORMAT = "nst-style-pack"
FORMAT_VERSION = 2
MANIFEST_LIMIT_BYTES = 1_000_000
FILE_LIMIT_BYTES = 64_000_000
VALUES_LIMIT = 16_000_000  # that a template's weights may have, whatever its manifest says
DEFAULT_PACK = Path(__file__).parents[1] / "default_pack"
PLAIN = "plain"
AGAIN = "get the pack again, or write it again with nst-export pack"

Part = Literal["encoder", "bank", "decoder"]
Form = Literal["direct", "staged", "folded"]


@dataclass(frozen=True)
class PackFile:
    """A file of the pack: its path inside the folder, and what its bytes must hash and add up to."""

    file: str
    sha256: str
    size_bytes: int

    def __post_init__(self) -> None:
        if not is_relative_name(self.file):
            raise ValueError(f"{self.file!r} is not a path inside the pack")
        if not 0 < self.size_bytes <= FILE_LIMIT_BYTES:
            raise ValueError(f"size_bytes {self.size_bytes} is not in 1–{FILE_LIMIT_BYTES}")
        check_sha256(self.sha256)


@dataclass(frozen=True)
class Port:
    """A template's input or output, float32: its name, and its sides as numbers or as free sizes such as ``H/4``."""

    name: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True)
class Weight:
    """A tensor that a template wants from the style file or the codec's: float32, of exactly this shape."""

    name: str
    shape: tuple[int, ...]

    def __post_init__(self) -> None:
        values = 1
        for side in self.shape:
            values *= side
            if side < 1 or values > VALUES_LIMIT:
                raise ValueError(f"the shape {list(self.shape)} of {self.name} is not one of at most {VALUES_LIMIT}")


@dataclass(frozen=True)
class Norm:
    """An instance norm of a part: ``scale·(x - mean)/sqrt(variance + eps) + bias``.

    Scale and bias are `channels` numbers each of the tensors `scale` and `bias`, from `scale_start` and `bias_start`
    on. The *staged* form gives x as the output ``NAME.x`` and takes ``NAME.a`` and ``NAME.b``, of a·x + b; the *folded*
    form takes these two as weights.
    """

    name: str
    channels: int
    eps: float
    scale: str
    bias: str
    scale_start: int = 0
    bias_start: int = 0

    def __post_init__(self) -> None:
        if self.channels < 1 or min(self.scale_start, self.bias_start) < 0 or not 0 < self.eps < math.inf:
            raise ValueError(f"the norm {self.name} has no channels, a negative start, or an eps that is not above 0")


@dataclass(frozen=True)
class Template(PackFile):
    """A part of the network in one form, as an ONNX graph whose weights lie outside of it.

    Parts, forms and precisions that a reader does not know are for others.
    """

    part: str
    form: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    weights: tuple[Weight, ...]
    precision: str = "float32"

    def select(self, tensors: Tensors, where: str) -> dict[str, Tensor]:
        """Return those of `tensors` that the template wants, float32 and contiguous; `where` is the file they are from.

        Raises PackError for one that is missing or of another shape; others are left out.
        """
        chosen = {}
        for weight in self.weights:
            tensor = tensors.get(weight.name)
            if tensor is None or tensor.shape != weight.shape:
                found = "is missing" if tensor is None else f"is {_by(tensor.shape)}"
                raise PackError(
                    f"{where} does not fit the pack's {self.part}: its {weight.name} {found}, not {_by(weight.shape)}",
                    "get the file again, or train the style again with nst-student train-bank",
                )
            chosen[weight.name] = np.require(tensor, np.float32, "C")
        return chosen


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "one number"


@dataclass(frozen=True)
class Painted:
    """What banks paint and the decoder takes: `channels` at 1/`scale_px` of the picture's size.

    A decoder without norms may work on strips of it: of whole numbers of `step` rows, with `overlap` rows more on
    either side.
    """

    channels: int
    scale_px: int
    overlap: int
    step: int

    def __post_init__(self) -> None:
        if not all(1 <= value <= 4096 for value in (self.channels, self.scale_px, self.overlap, self.step)):
            raise ValueError("channels, scale_px, overlap and step must be in 1–4096")


@dataclass(frozen=True)
class Codec:
    """The shared encoder and decoder; `sha256` names the checkpoint they come from, and with it the codec.

    The encoder takes pictures whose sides are multiples of `multiple_px` and at least `minimum_px`; others are mirrored
    at the bottom and at the right (`padding`), and what they gave is cropped.
    """

    architecture: str
    sha256: str
    multiple_px: int
    minimum_px: int
    painted: Painted
    weights: PackFile
    norms: Mapping[str, tuple[Norm, ...]]
    padding: Literal["reflect"] = "reflect"
    training: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_sha256(self.sha256)
        if not 1 <= self.multiple_px <= self.minimum_px <= 4096:
            raise ValueError("multiple_px must be at least 1 and at most minimum_px, which is at most 4096")


@dataclass(frozen=True)
class StyleEntry(PackFile):
    """A style of the pack: its name and its file, which says all else."""

    name: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if not is_name(self.name):
            raise ValueError(f"{self.name!r} is not a valid style name")


@dataclass(frozen=True)
class PackManifest:
    """What pack.json says; `plain` is the style that paints the photograph itself, where the codec has one."""

    name: str
    codec: Codec
    templates: tuple[Template, ...]
    styles: tuple[StyleEntry, ...]
    plain: StyleEntry | None = None
    requires: tuple[str, ...] = ()
    format: str = FORMAT
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        names = [style.name for style in (*self.styles, *filter(None, [self.plain]))]
        if len(set(names)) < len(names):
            raise ValueError("a style's name comes twice")
        if (self.plain and self.plain.name != PLAIN) or any(style.name == PLAIN for style in self.styles):
            raise ValueError(f"{PLAIN!r} is the name of the style under `plain`, and of no other")
        kinds = [(template.part, template.form, template.precision) for template in self.templates]
        if len(set(kinds)) < len(kinds):
            raise ValueError("a template comes twice")


@dataclass(frozen=True)
class Pack:
    """A pack folder and its manifest; files are read, and checked, when asked for."""

    folder: Path
    manifest: PackManifest

    @property
    def files(self) -> tuple[PackFile, ...]:
        """All files that the manifest names."""
        manifest = self.manifest
        return (manifest.codec.weights, *manifest.templates, *manifest.styles, *filter(None, [manifest.plain]))

    def template(self, part: Part, form: Form) -> Template:
        """Return the template of `part` in `form`; raises PackError when the pack lacks it."""
        norms = self.manifest.codec.norms.get(part, ())
        wanted = form if norms else "direct"  # without norms, all forms are one
        for template in self.manifest.templates:
            if (template.part, template.form, template.precision) == (part, wanted, "float32"):
                return template
        raise PackError(f"{self.folder} has no template of the {part} in the form {wanted}", AGAIN)

    def codec_tensors(self) -> Tensors:
        """Return the codec's numbers by name, float32; raises PackError when they are missing or damaged."""
        entry = self.manifest.codec.weights
        return load_arrays(self.read(entry), str(self.folder / entry.file), AGAIN)

    def read(self, entry: PackFile) -> bytes:
        """Return the bytes of `entry`; raises PackError unless they have the size and hash the manifest declares."""
        path = path_inside(self.folder, entry.file)
        if not path.is_file():  # a named pipe would never end
            raise PackError(f"{self.folder} lacks its file {entry.file}", AGAIN)
        data = read_bytes(path, entry.size_bytes + 1, whole=False)
        if not check_file(data, entry.size_bytes, entry.sha256):
            raise PackError(f"{path} is damaged or was changed (its size or sha256 is not {MANIFEST}'s)", AGAIN)
        return data


def read_pack(folder: Path) -> Pack:
    """Return the pack in `folder`; raises PackError when its manifest is missing, damaged or of another format."""
    path = folder / MANIFEST
    if not path.is_file():
        what = f"it has no {MANIFEST}" if folder.is_dir() else "no such folder"
        raise PackError(f"no style pack at {folder} ({what})", "give the folder that nst-export pack wrote")
    try:
        content = read_json(path, limit_bytes=MANIFEST_LIMIT_BYTES)
    except NstError as error:
        raise PackError(error.message, error.hint) from error
    manifest = read_headed(
        PackManifest,
        content,
        form=FORMAT,
        version=FORMAT_VERSION,
        what="a manifest of a style pack",
        where=str(path),
        again="write the pack again with nst-export pack",
        mend=AGAIN,
    )
    return Pack(folder, manifest)


def write_manifest(folder: Path, manifest: PackManifest) -> None:
    """Write `manifest` to pack.json in `folder`, whole or not at all."""
    write_json(folder / MANIFEST, headed(manifest))
