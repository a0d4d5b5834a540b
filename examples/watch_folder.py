"""Stylise pictures as they appear in a folder.

    python examples/watch_folder.py IN OUT --style waves

IN is looked into once a second, and a picture is taken when it has stopped growing. It keeps its name in OUT; `.png` is
added where its format can only be read. The paths written are printed. What is in OUT already, and newer, is skipped,
so that the program can be stopped with Ctrl-C and started again. A bad picture is told on stderr, and tried again when
it changes. With `--once` the program does what is there and ends, with 1 if a picture was bad.
"""

import argparse
import io
import sys
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from nst_runtime import Look, NstError, Stylizer
from nst_runtime.jobs.plan import Job
from nst_runtime.jobs.run import stylize_job
from nst_runtime.jobs.targets import name_result
from nst_runtime.pictures.read import list_pictures

EVERY_SECONDS = 1.0
Stamps = dict[Path, tuple[int, int]]


def look_into(folder: Path) -> Stamps:
    """Return the size and the time of the last change, in nanoseconds, of each picture in `folder`."""
    stamps: Stamps = {}
    for path in list_pictures(folder):
        with suppress(OSError):  # it has gone since
            status = path.stat()
            stamps[path] = status.st_size, status.st_mtime_ns
    return stamps


def plan_job(source: Path, folder: Path) -> tuple[Job, Path]:
    """Return the job for the picture `source`, and the file in `folder` that it writes."""
    result = folder / name_result(source.name, "")
    return Job(source, result), result


def is_done(result: Path, changed_ns: int) -> bool:
    """Tell whether `result` was made after its picture had changed at the time `changed_ns`."""
    return result.is_file() and result.stat().st_mtime_ns >= changed_ns


def watch(stylizer: Stylizer, look: Look, source: Path, target: Path, *, once: bool) -> int:
    """Stylise what comes to `source`, without an end, or `once`; return how many pictures were bad."""
    before: Stamps = {}
    tried = {path: stamp for path, stamp in look_into(source).items() if is_done(plan_job(path, target)[1], stamp[1])}
    bad = 0
    for turn in count():
        now = look_into(source)
        for path in (path for path, stamp in now.items() if before.get(path) == stamp != tried.get(path)):
            tried[path] = now[path]
            job, result = plan_job(path, target)
            try:
                stylize_job(stylizer, job, look)
                print(result, flush=True)
            except NstError as error:
                print(error, file=sys.stderr)
                bad += 1
        if once and turn == 1:
            break
        before = now
        time.sleep(EVERY_SECONDS)
    return bad


def main() -> int:
    """Read the command line, watch, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="IN", type=Path)
    parser.add_argument("target", metavar="OUT", type=Path)
    parser.add_argument("--style", required=True, metavar="NAME")
    parser.add_argument("--once", action="store_true")
    given = parser.parse_args()
    if given.source.resolve() == given.target.resolve():
        parser.error("OUT is IN itself: results would be stylised again")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name that is not text ends nothing
    try:
        stylizer, look = Stylizer.load(), Look(given.style)
        stylizer.prepare(look)  # says at once that there is no such style
        return 1 if watch(stylizer, look, given.source, given.target, once=given.once) else 0
    except NstError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
