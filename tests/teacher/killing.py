"""Run nst-teacher in forked processes and stop them: a program of its own, which imports torch once.

``python killing.py kill TIMES SHARE ARGUMENTS…`` or ``killing.py interrupt ARGUMENTS…``; prints what happened as JSON.
SHARE is the part of an unbroken run's time within which a kill falls. ARGUMENTS end with ``--set generate.out=FOLDER``.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import torch

import nst_teacher
import nst_teacher.cli.app
from nst_teacher.pairs.folder_lock import locked

SOON = 0.1
OUT = "generate.out="


def spawn(arguments: list[str]) -> int:
    """Start nst-teacher with `arguments` in a process of its own and return its id."""
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGINT, signal.default_int_handler)
    torch.set_num_threads(1)
    sys.argv = ["nst-teacher", *arguments]
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os._exit(nst_teacher.main())


def end(pid: int) -> int:
    """Wait for `pid` and return its exit code, negative when a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def await_a_pair(folder: Path, seconds: float) -> None:
    """Wait until a pair more is there, `seconds` at most: on a busy machine time alone may not reach the work."""
    known, until = len(list(folder.glob("records/*.json"))), time.monotonic() + seconds
    while len(list(folder.glob("records/*.json"))) <= known and time.monotonic() < until:
        time.sleep(0.002)


def kill_at_random(given: list[str]) -> dict[str, object]:
    """Run once unbroken beside the folder; then kill runs at random moments, as often as asked, and let one finish.

    Every other kill comes soon after a new pair.
    """
    kills, share, arguments = int(given[0]), float(given[1]), given[2:]
    folder = Path(arguments[-1].removeprefix(OUT))
    started = time.monotonic()
    unbroken = end(spawn([*arguments[:-1], f"{OUT}{folder}_unbroken"]))
    duration = time.monotonic() - started
    draw, killed, pairs_at_kills = random.Random(time.time_ns()), 0, []
    for attempt in range(8 * kills):
        pid = spawn(arguments)
        if attempt % 2:
            await_a_pair(folder, duration)
        time.sleep(draw.uniform(0, duration * (SOON if attempt % 2 else share)))
        os.kill(pid, signal.SIGKILL)
        killed += end(pid) == -signal.SIGKILL
        pairs_at_kills.append(len(list(folder.glob("records/*.json"))))
        if killed == kills:
            break
        if (folder / "pairs.json").exists():
            for path in sorted(folder.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
    return {"killed": killed, "unbroken": unbroken, "last": end(spawn(arguments)), "pairs": pairs_at_kills}


def interrupt(arguments: list[str]) -> dict[str, object]:
    """Press Ctrl-C after the first pair."""
    folder = Path(arguments[-1].removeprefix(OUT))
    pid = spawn(arguments)
    while not list(folder.glob("records/*.json")):
        time.sleep(0.01)
    os.kill(pid, signal.SIGINT)
    code = end(pid)
    with locked(folder):
        temporary = [path.name for path in folder.rglob("*.tmp")]
    return {"code": code, "records": len(list(folder.glob("records/*.json"))), "temporary": temporary}


if __name__ == "__main__":
    what = {"kill": kill_at_random, "interrupt": interrupt}[sys.argv[1]]
    print(json.dumps(what(sys.argv[2:])))  # noqa: T201
