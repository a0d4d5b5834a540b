"""The contract of a bundle for apps: a folder with bundle.json, graphs, reference pictures and sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nst_export.bundles.folder import MANIFEST, read_manifest, require_replaceable
from nst_export.bundles.names import INPUT, OUTPUT, Precision, TargetName
from nst_export.bundles.placement import Placement
from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.files import write_json
from nst_runtime.contracts.packs import Form, PackFile
from nst_runtime.contracts.versions import headed

FORMAT = "nst-mobile-bundle"
FORMAT_VERSION = 1
AGAIN = "write it again with nst-export bundle mobile"


@dataclass(frozen=True)
class Tensor:
    """What a graph takes or gives: R, G and B as planes of rows, float32 in `range`."""

    name: str
    shape: tuple[int, ...]
    type: Literal["float32"] = "float32"
    range: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True)
class Size:
    """A size of pictures, in pixels, and the tensors for it.

    A picture is mirrored by so many columns at the right and rows at the bottom, without its last one, and what comes
    back is cut to width × height.
    """

    name: str
    width: int
    height: int
    padding_right: int
    padding_bottom: int
    input: Tensor
    output: Tensor
    padding: Literal["reflect"] = "reflect"


@dataclass(frozen=True)
class Measured:
    """How a graph does on the machine that wrote the bundle, on the reference pictures.

    `milliseconds` are those of the fastest of some runs on one thread of its processor. `max_difference` is the largest
    to the runtime's picture, in levels of 255, and `psnr_db` that of all pixels; None where no pixel differs.
    """

    milliseconds: float
    max_difference: int
    psnr_db: float | None


@dataclass(frozen=True)
class Model:
    """A style at a size for a target: its files, what to start onnxruntime with, and what was found out about it.

    `size_bytes` is the size of the .onnx file. There is not an .ort file in half precision.
    """

    style: str
    size: str
    target: TargetName
    precision: Precision
    form: Form
    onnx: str
    ort: str | None
    size_bytes: int
    provider: str
    provider_options: Mapping[str, str]
    placement: tuple[Placement, ...]
    measured: Measured


@dataclass(frozen=True)
class Expected:
    """What the runtime makes of a reference picture with a style, by a form of the network."""

    style: str
    form: Form
    file: str


@dataclass(frozen=True)
class Reference:
    """A picture of a size, with which an app can test itself."""

    size: str
    picture: str
    expected: tuple[Expected, ...]


@dataclass(frozen=True)
class BundledStyle:
    """A style, and what people read about it."""

    name: str
    info: StyleInfo


@dataclass(frozen=True)
class Bundle:
    """What bundle.json says; the codec is the one that the styles were trained for.

    `onnxruntime` is the version that wrote the .ort files: apps take this one or a newer one.
    """

    codec_sha256: str
    architecture: str
    styles: tuple[BundledStyle, ...]
    sizes: tuple[Size, ...]
    models: tuple[Model, ...]
    references: tuple[Reference, ...]
    least_psnr_db: Mapping[Precision, float]
    onnxruntime: str
    files: tuple[PackFile, ...]
    requires: tuple[str, ...] = ()
    format: str = FORMAT
    format_version: int = FORMAT_VERSION


def size_of(width: int, height: int, multiple_px: int) -> Size:
    """Return the size of pictures of `width`×`height` for a codec that takes multiples of `multiple_px`."""
    right, bottom = -width % multiple_px, -height % multiple_px
    shape = (1, 3, height + bottom, width + right)
    return Size(f"{width}x{height}", width, height, right, bottom, Tensor(INPUT, shape), Tensor(OUTPUT, shape))


def write_bundle(folder: Path, bundle: Bundle) -> None:
    """Write `bundle` to bundle.json in `folder`."""
    write_json(folder / MANIFEST, headed(bundle))


def read_bundle(folder: Path) -> Bundle:
    """Return what bundle.json in `folder` says; raises NstError when it is missing, damaged or of another format."""
    return read_manifest(Bundle, folder, form=FORMAT, version=FORMAT_VERSION, what="a bundle for apps", again=AGAIN)


def check_replaceable(final: Path, target: Path) -> None:
    """Raise NstError unless `final`, which `target` leads to, is an empty folder or such a bundle, nothing besides."""
    require_replaceable(final, target, "apps", lambda folder: read_bundle(folder).files)
