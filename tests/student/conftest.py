"""A folder of small photos, a style picture and the command ``nst-student`` as a person runs it."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import nst_student
from nst_runtime.pictures.arrays import resize
from nst_runtime.pictures.write import write_picture


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


def refused(done: Done, code: int = 1) -> str:
    """Check that a command ended with `code`, an error and maybe a hint for the person; return both, a line each."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith(("note: ", "warning: "))]
    assert [line.partition(" ")[0] for line in lines] in (["error:"], ["error:", "hint:"]), done.stderr
    assert "`" not in done.stderr
    return "\n".join(lines)


COMMAND = [sys.executable, "-c", "import nst_student, sys; sys.argv[0] = 'nst-student'; sys.exit(nst_student.main())"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def clouds(seed: int, size: int = 80) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 255, (9, 9, 3), dtype=np.uint8)
    return resize(coarse, size, size)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for seed in range(4):
        write_picture(tmp_path / "photos" / f"{seed}.png", clouds(seed))
    return tmp_path / "photos"


@pytest.fixture
def style(tmp_path: Path) -> Path:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[::8], stripes[:, 3::16] = (250, 120, 20), (20, 60, 200)
    write_picture(tmp_path / "style.png", stripes)
    return tmp_path / "style.png"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> Done:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["nst-student", *(str(argument) for argument in arguments)])
        capsys.readouterr()
        code = nst_student.main()
        return Done(code, *capsys.readouterr())

    return call
