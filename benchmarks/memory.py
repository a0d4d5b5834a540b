"""Measure the peak memory of a program that does one thing, each in a fresh process."""

import subprocess
import sys
from pathlib import Path

import timing

from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import from_network, to_network

RUNS = 3


def measure_peak_mb(what: str, model: Path, height: int, width: int) -> float:
    """Return the peak resident memory, in MB, of a process that runs `what` on a picture of that size.

    `what` is ``start`` (load and do nothing), ``pack`` (`model` is a pack's folder) or ``johnson`` (an ONNX file).
    """
    command = [sys.executable, __file__, what, str(model), str(height), str(width)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip().splitlines()[-1:]}")
    return float(done.stdout)


def _run(what: str, model: Path, height: int, width: int) -> None:
    picture = timing.test_picture(height, width)
    if what == "johnson":
        network = timing.open_network(model.read_bytes(), threads=1)
        for _ in range(RUNS):
            from_network(network(to_network(picture, 4)), height, width)
        return
    stylizer = Stylizer.load(model, threads=1)
    for _ in range(RUNS if what == "pack" else 0):
        stylizer.stylize(picture, stylizer.styles[0].name)


def peak_mb() -> float:
    """Return this process's peak resident memory; Linux's ru_maxrss would also count the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource  # noqa: PLC0415 (not on Windows)

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    _run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    print(peak_mb())
