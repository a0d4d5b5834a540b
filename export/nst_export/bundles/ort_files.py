"""Files in onnxruntime's own format, which reduced builds read, and the list of operators that such a build needs.

There are none in half precision: the converter runs on this machine's processor, and writes into the file that its
numbers are turned into float32 wherever that processor has no operator for them.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nst_export.bundles.names import Precision
from nst_export.bundles.tools import using_tools
from nst_runtime.inference.sessions import load_onnxruntime

OPERATORS_FILE = "required_operators.config"
CONVERTED: frozenset[Precision] = frozenset({"fp32", "int8"})
RUNTIME_MARK = ".with_runtime_opt"  # that the converter puts into names
HEAD = "# What the .ort files beside this file need: build.sh --include_ops_by_config, in a checkout of onnxruntime\n"


def write_ort_files(folder: Path, models: Sequence[Path], *, for_processor: bool) -> None:
    """Write an .ort file into `folder` for each of `models`, and OPERATORS_FILE for all of them.

    `for_processor` fuses operators as the processor computes them; without it they stay as accelerators know them.
    Raises OSError when they cannot be written.
    """
    load_onnxruntime()  # with its telemetry off
    from onnxruntime.tools.convert_onnx_models_to_ort import (  # noqa: PLC0415
        OptimizationStyle,
        convert_onnx_models_to_ort,
    )

    style = OptimizationStyle.Fixed if for_processor else OptimizationStyle.Runtime
    with tempfile.TemporaryDirectory() as source, using_tools("write .ort files"):
        for model in models:
            shutil.copy(model, source)
        convert_onnx_models_to_ort(Path(source), folder, [style], target_platform="arm")
    for path in sorted(folder.glob(f"*{RUNTIME_MARK}.*")):
        path.rename(path.with_name(path.name.replace(RUNTIME_MARK, "")))
    operators = folder / OPERATORS_FILE
    lines = operators.read_text(encoding="utf-8").splitlines(keepends=True)
    operators.write_text(HEAD + "".join(line for line in lines if not line.startswith("#")), encoding="utf-8")
