"""Milliseconds and memory of a style pack, part by part, beside a network of Johnson's architecture.

python benchmarks/latency.py                    # the shipped pack, all sizes, one thread and all threads
python benchmarks/latency.py --pack workspace/pack --sizes 512x512 --threads 1 --json latency.json
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from memory import measure_peak_mb
from report import Case, Report, plot, show
from timing import open_network, test_picture, time_rounds, time_swap

from nst_runtime.contracts.packs import DEFAULT_PACK
from nst_runtime.errors import NstError
from nst_runtime.inference.machine import usable_cpus
from nst_runtime.inference.sessions import load_onnxruntime
from nst_runtime.inference.stylizer import Stylizer

SIZES = ("256x256", "512x512", "1920x1080")
PIXELS_OF_ALL_ROUNDS = 16_000_000


@dataclass(frozen=True)
class Settings:
    """What to measure, and how long."""

    pack: Path
    style: str | None
    sizes: tuple[tuple[int, int], ...]
    threads: tuple[int, ...]
    rounds: int | None
    johnson: bool
    cpu_time: bool


def measure(settings: Settings) -> Report:
    """Return all figures; the two networks take turns, so that what slows the machine slows both."""
    stylizer = Stylizer.load(settings.pack, 1)
    style = settings.style or stylizer.styles[0].name
    clock = time.process_time if settings.cpu_time else time.perf_counter
    model, parameters = _johnson() if settings.johnson else (b"", 0)
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "johnson.onnx"
        file.write_bytes(model)
        for threads in settings.threads:
            loaded = Stylizer.load(settings.pack, threads)
            other = open_network(model, threads) if model else None
            for width, height in settings.sizes:
                print(f"{width}×{height}, {threads} threads", file=sys.stderr)
                rounds = settings.rounds or max(8, min(40, PIXELS_OF_ALL_ROUNDS // (width * height)))
                times = time_rounds(loaded, style, other, test_picture(height, width), rounds=rounds, clock=clock)
                cases.append(Case(width, height, threads, rounds, times))
        peaks = _measure_memory(settings, file)
    return Report(_machine(settings), parameters, tuple(cases), peaks, time_swap(stylizer, style, clock))


def _johnson() -> tuple[bytes, int]:
    try:
        from johnson import johnson_model  # noqa: PLC0415 (the onnx package comes with the training extra)
    except ModuleNotFoundError as error:
        raise NstError(f"needs {error.name} to build the other network; install it or use --no-johnson") from error
    return johnson_model()


def _measure_memory(settings: Settings, johnson: Path) -> dict[str, dict[str, float]]:
    peaks: dict[str, dict[str, float]] = {}
    for width, height in settings.sizes:
        row = peaks.setdefault(f"{width}×{height}", {})
        row["started"] = measure_peak_mb("start", settings.pack, height, width)
        row["pack"] = measure_peak_mb("pack", settings.pack, height, width)
        if settings.johnson:
            row["Johnson"] = measure_peak_mb("johnson", johnson, height, width)
    return peaks


def _machine(settings: Settings) -> dict[str, str]:
    return {
        "onnxruntime": load_onnxruntime().__version__,
        "python": platform.python_version(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "clock": "processor time of all threads" if settings.cpu_time else "wall",
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def _parse(arguments: Sequence[str] | None) -> tuple[Settings, argparse.Namespace]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cores = usable_cpus()
    parser.add_argument("--pack", type=Path, default=DEFAULT_PACK, help="folder of the pack (the shipped one)")
    parser.add_argument("--style", help="style to measure (the first)")
    parser.add_argument("--sizes", type=_size, nargs="+", metavar="WxH", default=[_size(size) for size in SIZES])
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, cores}), help="numbers of threads")
    parser.add_argument("--rounds", type=int, help="repeats (8 to 40, by size)")
    parser.add_argument("--no-johnson", action="store_true", help="leave the other network out")
    parser.add_argument("--cpu-time", action="store_true", help="count processor time: for a busy machine, one thread")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the figures (needs matplotlib)")
    given = parser.parse_args(arguments)
    sizes, threads = tuple(given.sizes), tuple(given.threads)
    return Settings(given.pack, given.style, sizes, threads, given.rounds, not given.no_johnson, given.cpu_time), given


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the tables and return the exit code."""
    settings, given = _parse(arguments)
    try:
        report = measure(settings)
    except NstError as error:
        print(f"latency.py: {error}", file=sys.stderr)
        return 1
    print(show(report))
    if given.json:
        given.json.write_text(json.dumps(asdict(report), indent=2) + "\n")
    if given.plot:
        plot(report, given.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
