"""Files in onnxruntime's own format, which reduced builds read, and the list of operators that such a build needs."""

from collections.abc import Sequence
from pathlib import Path

from nst_export.bundles.precision import quiet

OPERATORS_FILE = "required_operators.config"


def write_ort_files(folder: Path, *, for_processor: bool) -> None:
    """Write an .ort file beside each .onnx file of `folder`, and OPERATORS_FILE for all of them.

    `for_processor` fuses operators as the processor computes them; without it they stay as accelerators know them.
    Raises OSError when they cannot be written.
    """
    from onnxruntime.tools.convert_onnx_models_to_ort import (  # noqa: PLC0415
        OptimizationStyle,
        convert_onnx_models_to_ort,
    )

    style = OptimizationStyle.Fixed if for_processor else OptimizationStyle.Runtime
    with quiet():
        convert_onnx_models_to_ort(folder, optimization_styles=[style], target_platform="arm")
    for path in _written(folder):
        path.rename(path.with_name(path.name.replace(".with_runtime_opt", "")))


def _written(folder: Path) -> Sequence[Path]:
    return sorted(folder.glob("*.with_runtime_opt.*"))
