"""Run cases one after the other in a process of their own, and tell on stdout which one runs.

    python -m tests.runtime.fuzz.worker picture_cases 0 90 jpeg png-8-2        (cases 0 to 89 of two kinds)

A line is ``KIND NUMBER`` before a case, and ``! TEXT`` where it fails. A case that takes too long ends the process, as
a crash does: the last line names it.
"""

import faulthandler
import importlib
import os
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

SECONDS = 10
MEMORY_BYTES = 1_000_000_000


def main(subject: str, first: int, stop: int, kinds: list[str]) -> None:
    cases = importlib.import_module(f".{subject}", __package__)
    warnings.simplefilter("ignore")
    faulthandler.enable()
    with tempfile.TemporaryDirectory() as folder:
        _limit_memory()
        for kind in kinds:
            for number in range(first, stop):
                _say(f"{kind} {number}")
                faulthandler.dump_traceback_later(getattr(cases, "SECONDS", SECONDS), exit=True)
                try:
                    cases.check(kind, number, Path(folder))
                except BaseException:
                    _say(f"! {traceback.format_exc()!r}")
    faulthandler.cancel_dump_traceback_later()


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def _limit_memory() -> None:
    """Let this process take no more than MEMORY_BYTES above what it has now, where the system can."""
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
