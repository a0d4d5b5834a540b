"""Stylise pictures on the edge with numpy, pillow and onnxruntime alone.

from nst_runtime import Stylizer
stylised = Stylizer.load().stylize(image, "waves")   # image: uint8 H×W×3, sRGB
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nst_runtime.errors import NstError

if TYPE_CHECKING:
    from nst_runtime.inference.stylizer import Stylizer

__version__ = "0.1.0"
__all__ = ["NstError", "Stylizer", "__version__", "main"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 (a module's attributes are of any type)
    """Load the Stylizer, and numpy and Pillow with it, when it is first asked for (PEP 562)."""
    if name == "Stylizer":
        return import_module("nst_runtime.inference.stylizer").Stylizer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> int:
    """Run the program ``nst-runtime`` and return its exit code."""
    from nst_runtime.cli.launch import launch  # noqa: PLC0415

    return launch("nst_runtime.cli.app", "nst-runtime", "cpu")
