"""Run cases in worker processes, so that a crash or a hang of native code is seen, and named, as any other failure."""

import ast
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_LAST_LINES = 15  # of what a process said before it died
MOST_FAILURES = 10


def failures(module: str, kinds: Sequence[str], count: int, first: int = 0) -> list[str]:
    """Return how the cases `first` to `first` + `count` of each of the `kinds` fail: a text each, which names the case.

    `module` is the module beside this one whose `check` runs a case. Ten failures of a kind are enough.
    """
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        found = pool.map(lambda kind: list(_failures_of(module, kind, first, first + count)), kinds)
        return [failure for of_kind in found for failure in of_kind]


def _failures_of(module: str, kind: str, first: int, stop: int) -> Iterator[str]:
    left = MOST_FAILURES
    while first < stop and left > 0:
        lines, ended = _run(module, kind, first, stop)
        number = first
        for line in lines:
            if line.startswith("! "):
                left -= 1
                yield _described(module, kind, number, ast.literal_eval(line[2:]))
            else:
                number = int(line.split()[1])
        if not ended and number == stop - 1:
            return
        left -= 1
        yield _described(module, kind, number, ended)
        first = number + 1


def _run(module: str, kind: str, first: int, stop: int) -> tuple[list[str], str]:
    """Return a worker's lines, and how it ended before its last case: "" if it did not."""
    command = [sys.executable, "-m", "tests.runtime.fuzz.worker", module, str(first), str(stop), kind]
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        run = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=said, text=True, check=False)
        said.seek(0)
        last = "".join(said.readlines()[-_LAST_LINES:])
    ended = (
        f"the process ended with {run.returncode}, by a crash or in too long a case:\n{last}" if run.returncode else ""
    )
    return run.stdout.splitlines(), ended


def _described(module: str, kind: str, number: int, what: str) -> str:
    again = f"python -m tests.runtime.fuzz.worker {module} {number} {number + 1} {kind}"
    return f"{kind} {number} (make it again with `{again}`):\n{what}"
