"""What an import costs, and what the runtime never loads."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import nst_runtime

TRAINING = ("torch", "torchvision", "onnx", "onnxscript", "matplotlib", "tensorboard", "ray", "safetensors.torch")
HEAVY = (*TRAINING, "typer", "rich", "onnxruntime", "numpy", "PIL", "safetensors", "platformdirs")


def loaded(code: str, modules: tuple[str, ...]) -> str:
    check = f"{code}; import sys; print(*[name for name in {modules!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_import_is_light() -> None:
    assert loaded("import nst_runtime", HEAVY) == ""
    assert loaded("from nst_runtime import NstError, PackError", HEAVY) == ""


def test_stylizer_needs_numpy_and_pillow_only_until_it_loads_a_pack() -> None:
    assert loaded("from nst_runtime import Stylizer, Look, Picture", HEAVY) == "numpy PIL"


def test_a_library_needs_no_onnxruntime() -> None:
    code = "from nst_runtime import open_library; [style.record() for style in open_library().styles()]"
    assert not {"onnxruntime", *TRAINING} & set(loaded(code, HEAVY).split())


def test_stylising_never_loads_the_training_libraries(fake_pack: Path) -> None:
    code = (
        "import numpy as np; from nst_runtime import Stylizer; "
        f"Stylizer.load({str(fake_pack)!r}, 1).stylize(np.zeros((16, 16, 3), np.uint8), 'negative')"
    )
    assert set(loaded(code, HEAVY).split()) <= {"onnxruntime", "numpy", "PIL", "safetensors", "platformdirs"}


def test_every_public_name_is_there() -> None:
    assert dir(nst_runtime) == sorted(nst_runtime.__all__)
    for name in nst_runtime.__all__:
        assert getattr(nst_runtime, name) is not None


def test_version_is_the_distribution_s() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert nst_runtime.__version__ == project["version"]


def test_unknown_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Styliser'"):
        _ = nst_runtime.Styliser
