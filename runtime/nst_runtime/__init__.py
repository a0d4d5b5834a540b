"""Stylise pictures on the edge, without torch.

from nst_runtime import Stylizer
stylised = Stylizer.load().stylize(photo, "waves")   # uint8 H×W×3, a PIL image, or a path
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nst_runtime.errors import DeviceError, ImageError, NstError, PackError, TooManyPixelsError

if TYPE_CHECKING:
    from nst_runtime.contracts.catalogue import StyleInfo
    from nst_runtime.contracts.library import FoundStyle, Library, open_library
    from nst_runtime.contracts.packs import Pack
    from nst_runtime.contracts.styles import Statistics, StyleFile, StyleRecord, read_style
    from nst_runtime.inference.devices import RunSettings
    from nst_runtime.inference.look import Look
    from nst_runtime.inference.look_statistics import LookStatistics, save_statistics
    from nst_runtime.inference.regions import Region, Regions
    from nst_runtime.inference.stylizer import Encoded, Stylizer
    from nst_runtime.pictures.arrays import Picture
    from nst_runtime.pictures.metadata.record import Metadata
    from nst_runtime.pictures.read import read_picture, read_picture_bytes
    from nst_runtime.pictures.write import encode_picture, write_picture

__version__ = "0.1.0"

_HOMES = {
    "Stylizer": "inference.stylizer",
    "Encoded": "inference.stylizer",
    "Look": "inference.look",
    "LookStatistics": "inference.look_statistics",
    "save_statistics": "inference.look_statistics",
    "Region": "inference.regions",
    "Regions": "inference.regions",
    "Picture": "pictures.arrays",
    "read_picture": "pictures.read",
    "read_picture_bytes": "pictures.read",
    "write_picture": "pictures.write",
    "encode_picture": "pictures.write",
    "Library": "contracts.library",
    "open_library": "contracts.library",
    "StyleFile": "contracts.styles",
    "StyleRecord": "contracts.styles",
    "read_style": "contracts.styles",
    "Statistics": "contracts.styles",
    "StyleInfo": "contracts.catalogue",
    "FoundStyle": "contracts.library",
    "Pack": "contracts.packs",
    "RunSettings": "inference.devices",
    "Metadata": "pictures.metadata.record",
}
__all__ = [
    "DeviceError",
    "Encoded",
    "FoundStyle",
    "ImageError",
    "Library",
    "Look",
    "LookStatistics",
    "Metadata",
    "NstError",
    "Pack",
    "PackError",
    "Picture",
    "Region",
    "Regions",
    "RunSettings",
    "Statistics",
    "StyleFile",
    "StyleInfo",
    "StyleRecord",
    "Stylizer",
    "TooManyPixelsError",
    "__version__",
    "encode_picture",
    "main",
    "open_library",
    "read_picture",
    "read_picture_bytes",
    "read_style",
    "save_statistics",
    "write_picture",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 (a module's attributes are of any type)
    """Load a public name, and numpy and Pillow with it, when it is first asked for (PEP 562)."""
    if name in _HOMES:
        return getattr(import_module(f"nst_runtime.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def main() -> int:
    """Run the program ``nst-runtime`` and return its exit code."""
    from nst_runtime.cli.launch import launch  # noqa: PLC0415

    return launch("nst_runtime.cli.app", "nst-runtime", "cpu")
