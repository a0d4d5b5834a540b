"""What the tests of the examples share: a small photograph, and the examples as programs."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nst_runtime import Stylizer, read_picture
from nst_runtime.pictures.arrays import resize

from .running import EXAMPLES, Pixels, Result, Run, Start, Started


@pytest.fixture(scope="session")
def stylizer() -> Stylizer:
    return Stylizer.load()


@pytest.fixture(scope="session")
def photo() -> Pixels:
    """A photograph of 96×72 pixels."""
    return resize(read_picture(EXAMPLES.parent / "assets" / "scenes" / "town.jpg").rgb, 96, 72)


def _hear_ctrl_c() -> None:
    """Undo what a shell does to jobs in the background, whose Ctrl-C is switched off."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start an example in the folder `tmp_path`; it ends with the test."""
    started: list[Started] = []
    pipe = subprocess.PIPE
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}

    def call(example: str, *arguments: str | Path | int) -> Started:
        command = [sys.executable, str(EXAMPLES / example), *map(str, arguments)]
        started.append(
            subprocess.Popen(
                command, cwd=tmp_path, env=buffered, stdin=pipe, stdout=pipe, stderr=pipe,
                preexec_fn=_hear_ctrl_c,  # noqa: PLW1509 (it only sets a signal)
            )
        )  # fmt: skip
        return started[-1]

    yield call
    for program in started:
        program.kill()
        with program:  # closes its pipes
            program.wait()


@pytest.fixture
def run(start: Start) -> Run:
    """Run an example to its end."""

    def call(example: str, *arguments: str | Path | int, given: bytes = b"") -> Result:
        program = start(example, *arguments)
        out, err = program.communicate(given, timeout=60)
        return Result(program.returncode, out, err.decode())

    return call
