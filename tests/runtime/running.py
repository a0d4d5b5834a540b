"""Run nst-runtime as its console script does, and read what it says."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import nst_runtime


@dataclass(frozen=True)
class Result:
    """What a program left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run nst-runtime in this process, in the folder `tmp_path`, whose ``own`` takes the user's own styles."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_STYLES", str(tmp_path / "own"))
    monkeypatch.delenv("NST_TRACEBACK", raising=False)

    def call(*arguments: str | Path | int) -> Result:
        monkeypatch.setattr("sys.argv", ["nst-runtime", *map(str, arguments)])
        code = nst_runtime.main()
        captured = capfd.readouterr()
        return Result(code, captured.out, captured.err)

    return call


def check_refusal(result: Result, code: int = 1) -> str:
    """Check that the program ended with an error and maybe a hint for the person; return them as "error; hint"."""
    assert result.code == code
    assert result.out == ""
    return error_and_hint(result.err)


def error_and_hint(err: str) -> str:
    """Check that `err` is a line ``error: …`` and maybe a line ``hint: …``; return them as "error; hint"."""
    error, *hints = err.removesuffix("\n").split("\n")
    assert error.startswith("error: ")
    assert len(hints) <= 1
    assert all(hint.startswith("hint: ") for hint in hints)
    return "; ".join([error.removeprefix("error: "), *(hint.removeprefix("hint: ") for hint in hints)])


def clean_environment(**more: str) -> dict[str, str]:
    """Return this process's environment for a program, its errors without traceback, and `more` variables."""
    return {key: value for key, value in os.environ.items() if key != "NST_TRACEBACK"} | more


def in_a_small_disk(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the shell `script` in `folder`, where ``disk`` is a disk of 64 kB; skips the test where that cannot be."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs the program unshare to mount a small disk")
    mount = "mkdir disk && mount -t tmpfs -o size=64k tmpfs disk || exit 77; "
    command = [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", mount + script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=clean_environment())
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("may not mount a small disk here")
    return done


def hear_ctrl_c() -> None:
    """Undo, in a new process, what a shell does to jobs in the background, whose Ctrl-C is switched off."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
