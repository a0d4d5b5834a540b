import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import nst_runtime

HEAVY = ("torch", "torchvision", "onnx", "onnxscript", "typer", "rich", "onnxruntime", "numpy", "PIL")


def loaded(code: str, modules: tuple[str, ...]) -> str:
    check = f"{code}; import sys; print(*[name for name in {modules!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_import_is_light() -> None:
    assert loaded("import nst_runtime", HEAVY) == ""


def test_stylizer_needs_numpy_and_pillow_only_until_it_loads_a_pack() -> None:
    assert loaded("from nst_runtime import Stylizer", HEAVY) == "numpy PIL"


def test_stylising_never_loads_the_training_libraries(fake_pack: Path) -> None:
    code = (
        "import numpy as np; from nst_runtime import Stylizer; "
        f"Stylizer.load({str(fake_pack)!r}, 1).stylize(np.zeros((16, 16, 3), np.uint8), 'plain')"
    )
    assert loaded(code, HEAVY) == "onnxruntime numpy PIL"


def test_version_is_the_distribution_s() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert nst_runtime.__version__ == project["version"]


def test_unknown_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Styliser'"):
        _ = nst_runtime.Styliser
