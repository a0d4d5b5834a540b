"""What the runtime's tests share."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import nst_runtime
from nst_runtime import Stylizer

FAKE_PACK = Path(__file__).parent / "fake_pack"


@dataclass(frozen=True)
class Result:
    """What a program left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture(scope="session")
def fake_pack() -> Path:
    """The committed pack; not to be changed."""
    return FAKE_PACK


@pytest.fixture
def pack_copy(tmp_path: Path) -> Path:
    """A copy of the fake pack that a test may damage."""
    return shutil.copytree(FAKE_PACK, tmp_path / "pack")


@pytest.fixture(scope="session")
def stylizer() -> Stylizer:
    return Stylizer.load(FAKE_PACK, threads=1)


@pytest.fixture
def photo() -> npt.NDArray[np.uint8]:
    """Noise of 37×50 pixels: a size that is no multiple of 4, at the bottom by 3 and at the right by 2."""
    return np.random.default_rng(7).integers(0, 256, (37, 50, 3), dtype=np.uint8)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run nst-runtime in this process, as its console script does."""

    def call(*arguments: str | Path) -> Result:
        monkeypatch.setattr("sys.argv", ["nst-runtime", *map(str, arguments)])
        code = nst_runtime.main()
        captured = capfd.readouterr()
        return Result(code, captured.out, captured.err)

    return call
