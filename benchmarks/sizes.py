"""Seconds and memory of whole commands from small pictures to 100 megapixels, and what each option costs.

python benchmarks/sizes.py                     # all tables, some ten minutes on two cores; the least of several runs
python benchmarks/sizes.py --tables sizes --megapixels 2 12 --threads 1
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from report import table
from timing import Stopwatch, test_picture

from nst_runtime import Look, Region, Regions, Stylizer, write_picture
from nst_runtime.contracts.packs import DEFAULT_PACK
from nst_runtime.inference.machine import usable_cpus
from nst_runtime.inference.painting import Painting, Sizes
from nst_runtime.pictures.arrays import Pixels

STYLE = "klee"
MEGAPIXELS = (0.25, 2, 12, 48, 100)
JPEG_UP_TO = 48  # larger ones are PNG and TIFF, which are read and written in strips
WAYS = {
    "default": (),
    "full strokes": ("--stroke-size", "full"),
    "full, 600MB": ("--stroke-size", "full", "--memory", "600MB"),
}
ALBUM, ALBUM_SIZE = 24, (768, 1024)
ROUNDS, RUNS = 7, 3
MEASURED = (
    "import sys, memory, nst_runtime; c = nst_runtime.main(); print(memory.peak_mb(), file=sys.stderr); sys.exit(c)"
)


def size_of(megapixels: float) -> tuple[int, int]:
    """Return height and width of a picture 4:3 with so many megapixels."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    return height, round(megapixels * 1e6 / height)


def run_often(arguments: Sequence[str]) -> tuple[float, float]:
    """Return the least of the seconds, and the largest of the peaks, of `RUNS` runs."""
    runs = [run(arguments) for _ in range(RUNS)]
    return min(seconds for seconds, _ in runs), max(peak for _, peak in runs)


def run(arguments: Sequence[str]) -> tuple[float, float]:
    """Run nst-runtime with `arguments`; return its seconds and its peak resident memory in MB."""
    began = time.perf_counter()
    command = [sys.executable, "-c", MEASURED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"nst-runtime {' '.join(arguments)}: {done.stderr}")
    return seconds, float(done.stderr.splitlines()[-1]) * 2**20 / 1e6


def time_sizes(folder: Path, megapixels: Sequence[float], threads: int) -> str:
    """Return the table of whole commands, from file to file."""
    rows = []
    for each in megapixels:
        for suffix in (".jpg",) if each <= JPEG_UP_TO else (".png", ".tif"):
            source = folder / f"in{suffix}"
            write_picture(source, test_picture(*size_of(each)))
            cells = [f"{each:g} MP {suffix}"]
            for options in WAYS.values():
                command = ["stylize", str(source), str(folder / f"out{suffix}"), "--style", STYLE]
                command += ["--threads", str(threads), "--max-pixels", "200000000", *options]
                cells += _cells(each, command)
            rows.append(cells)
            source.unlink()
    return table(["picture", *(f"{name}{column}" for name in WAYS for column in ("", ", MP/s", ", peak"))], rows)


def _cells(megapixels: float, command: Sequence[str]) -> list[str]:
    try:
        seconds, peak = run_often(command)
    except RuntimeError as error:
        if "more than --memory allows" not in str(error):
            raise
        return ["refused", "", ""]
    return [f"{seconds:.2f} s", f"{megapixels / seconds:.1f}", f"{peak:.0f} MB"]


def time_forms(threads: int) -> str:
    """Return the table of a picture painted directly, and with given statistics (folded), in turns."""
    stylizer = Stylizer.load(DEFAULT_PACK, threads)
    rows = []
    for height, width in ((512, 512), (1080, 1920)):
        picture, watch = test_picture(height, width), Stopwatch()
        looks = {"direct": Look(STYLE, strokes="full")}
        looks["folded"] = looks["direct"].with_statistics(stylizer.measure(picture, looks["direct"]))
        for number in range(-1, ROUNDS):
            if number == 0:
                watch.times.clear()
            for name, look in looks.items():
                with watch.measure(name):
                    stylizer.stylize(picture, look)
            with watch.measure("statistics"):
                Painting(stylizer.network, Sizes(picture)).measure(looks["direct"])
        times = {name: result.least for name, result in watch.results().items()}
        ratio = times["folded"] / times["direct"]
        rows.append([f"{width}×{height}", *(f"{times[name]:.1f} ms" for name in times), f"{ratio:.2f}"])
    return table(["size", "direct", "folded", "measuring", "folded / direct"], rows)


def time_jobs(folder: Path) -> str:
    """Return the table of a folder of photographs by jobs and threads, in turns."""
    (folder / "album").mkdir()
    for number in range(ALBUM):
        write_picture(folder / "album" / f"{number:02}.jpg", np.roll(test_picture(*ALBUM_SIZE), number, axis=1))
    cores = usable_cpus()
    ways = sorted({(1, 1), (1, cores), (cores, 1), (cores, cores)})
    seconds: dict[tuple[int, int], list[float]] = {way: [] for way in ways}
    for _ in range(3):
        for jobs, threads in ways:
            command = ["stylize", str(folder / "album"), str(folder / "painted"), "--style", STYLE, "--overwrite"]
            seconds[jobs, threads].append(run([*command, "--jobs", str(jobs), "--threads", str(threads)])[0])
    rows = [[str(jobs), str(threads), f"{min(times):.2f} s"] for (jobs, threads), times in seconds.items()]
    return table(["--jobs", "--threads", f"{ALBUM} photographs of {ALBUM_SIZE[1]}×{ALBUM_SIZE[0]}"], rows)


def time_options(threads: int) -> str:
    """Return the table of what each option of a look costs, in turns with the plain look."""
    stylizer, picture = Stylizer.load(DEFAULT_PACK, threads), test_picture(1080, 1350)
    mask = np.tile(np.linspace(0, 255, 1350).astype(np.uint8), (1080, 1))
    calls: dict[str, Callable[[], Pixels]] = {
        name: lambda look=look: stylizer.stylize(picture, look)  # type: ignore[misc]
        for name, look in _looks(stylizer, picture, mask)
    }
    watch = Stopwatch()
    for number in range(-1, ROUNDS):
        if number == 0:
            watch.times.clear()
        for name, call in calls.items():
            with watch.measure(name):
                call()
    times = watch.results()
    base = times["--style NAME"].least
    rows = [[name, f"{each.least:.0f} ms", f"{each.least - base:+.0f} ms"] for name, each in times.items()]
    return table([f"{picture.shape[1]}×{picture.shape[0]}", "time", "more"], rows)


def _looks(stylizer: Stylizer, picture: Pixels, mask: Pixels) -> Iterator[tuple[str, Look | Regions]]:
    yield "--style NAME", Look(STYLE)
    yield "--style NAME=0.5 --style OTHER=0.5", Look({STYLE: 0.5, "waves": 0.5})
    yield "--strength 0.5", Look(STYLE, strength=0.5)
    yield "--keep-colors", Look(STYLE, colors=0)
    yield "--stroke-size 540", Look(STYLE, strokes=540)
    yield "--protect FILE", Regions(rest=STYLE, protect=Image.fromarray(mask))
    yield "--mask FILE, two styles", Regions([Region(mask, STYLE)], rest="waves")
    yield "--statistics FILE", Look(STYLE, statistics=stylizer.measure(picture, STYLE))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ("sizes", "forms", "options", "jobs")
    parser.add_argument("--tables", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--megapixels", type=float, nargs="+", default=MEGAPIXELS, metavar="N")
    parser.add_argument("--threads", type=int, default=usable_cpus(), metavar="N")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        tables: dict[str, Callable[[], str]] = {
            "sizes": lambda: time_sizes(Path(folder), given.megapixels, given.threads),
            "forms": lambda: time_forms(given.threads),
            "options": lambda: time_options(given.threads),
            "jobs": lambda: time_jobs(Path(folder)),
        }
        for name in given.tables:
            print(f"{tables[name]()}\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
