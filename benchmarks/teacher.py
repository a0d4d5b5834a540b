"""Pairs per minute of the teacher's engine, by size and batch, beside the plain loop of public implementations.

python benchmarks/teacher.py --weights vgg19.safetensors            # 256 and 512 px, batches of 1, 4 and 16
python benchmarks/teacher.py --quick --cpu-time                     # random filters, small: a minute on a processor
"""

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from device_memory import peak_mb, reset_peak
from plain_loop import PlainLoop
from report import table
from torch.utils.flop_counter import FlopCounterMode

from nst_features.device import pick_device, set_arithmetic
from nst_features.names import NETWORK_NAMES, Precision
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels, to_unit
from nst_teacher.engine.engine import Engine
from nst_teacher.engine.judges import weigh_terms
from nst_teacher.objective.objective import Objective
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import Plan

# Dense matrix products, in operations a second, as the makers give them.
PEAKS = {
    "H200": {"bf16": 989e12, "tf32": 495e12, "fp32": 67e12},
    "H100": {"bf16": 989e12, "tf32": 495e12, "fp32": 67e12},
    "A100": {"bf16": 312e12, "tf32": 156e12, "fp32": 19.5e12},
}


@dataclass(frozen=True)
class Settings:
    """What to measure."""

    method: Method
    sizes_px: tuple[int, ...]
    batches: tuple[int, ...]
    rounds: int
    device: str
    cpu_time: bool


@dataclass(frozen=True)
class Case:
    """One line of the table; a `batch` of None is the plain loop."""

    size_px: int
    batch: int | None
    pairs_per_minute: float
    ratio: float
    peak_share: float | None
    peak_mb: float


def measure(settings: Settings) -> list[Case]:
    """Return all lines; in each round every way takes its turn, so that what slows the machine slows all."""
    device = pick_device("cuda" if settings.device == "cuda" else "cpu")
    cases: list[Case] = []
    for size_px in settings.sizes_px:
        style = draw_picture(size_px, 99)
        engine = Engine(settings.method, style, device)
        plain_style = torch.from_numpy(to_unit(style)).to(device)
        exact = Engine(replace(settings.method, precision="fp32"), style, device)
        loop = PlainLoop(exact.target.judges[0], plain_style, settings.method.content_weight)
        ways: dict[int | None, Callable[[], object]] = {None: partial(run_plain, loop, size_px, settings, device)}
        for batch in settings.batches:
            ways[batch] = partial(run_engine, engine, size_px, batch)
        times: dict[int | None, list[float]] = {way: [] for way in ways}
        peaks: dict[int | None, float] = {}
        for number in range(-1, settings.rounds):  # the first fills caches and chooses kernels
            for way, run in ways.items():
                print(f"{size_px} px, {name(way)}, round {number + 1} of {settings.rounds}", file=sys.stderr)
                took, peaks[way] = time_once(run, device, cpu_time=settings.cpu_time)
                if number >= 0:
                    times[way].append(took / (way or 1))
        plain = statistics.median(times[None])
        operations = count_operations(engine, size_px) * (settings.method.plan.iterations + 1)
        for way, seconds in ((way, statistics.median(found)) for way, found in times.items()):
            share = share_of_peak(operations / seconds, settings.method.precision if way else "fp32", device)
            cases.append(Case(size_px, way, 60 / seconds, plain / seconds, share, peaks[way]))
    return cases


def run_engine(engine: Engine, size_px: int, batch: int) -> None:
    """Optimise a batch and read the result back."""
    set_arithmetic(engine.method.precision)
    photos = [draw_picture(size_px, seed) for seed in range(batch)]
    for iterate in engine.run(photos, [0] * batch):
        last = iterate
    last.image.cpu()


def run_plain(loop: PlainLoop, size_px: int, settings: Settings, device: torch.device) -> None:
    """Optimise one picture with as many evaluations as the engine makes, in the arithmetic that torch starts with."""
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = True
    photo = torch.from_numpy(to_unit(draw_picture(size_px, 0))).to(device)
    loop.run(photo, settings.method.plan.iterations + 1).cpu()


def time_once(run: Callable[[], object], device: torch.device, *, cpu_time: bool) -> tuple[float, float]:
    """Return the seconds that `run` takes and the peak of memory, in MB: the card's, or the process's."""
    clock = time.process_time if cpu_time else time.perf_counter
    reset_peak(device)
    began = clock()
    run()
    return clock() - began, peak_mb(device)


def count_operations(engine: Engine, size_px: int) -> float:
    """Return the floating-point operations of one evaluation of one picture and its gradient."""
    photo = torch.from_numpy(to_unit(draw_picture(size_px, 0))).to(engine.device)
    objective = Objective(engine.target, photo, weigh_terms(engine.method))
    leaf = photo.requires_grad_()
    with FlopCounterMode(display=False) as counter:  # whose hooks cannot stand a leaf at a module's door
        torch.autograd.grad(objective(leaf * 1).total.sum(), leaf)
    return float(counter.get_total_flops())


def share_of_peak(operations_per_second: float, precision: Precision, device: torch.device) -> float | None:
    """Return how much of the card's matrix peak that is; None on a processor or a card that is not in the table."""
    if device.type != "cuda":
        return None
    card = torch.cuda.get_device_name(device)
    peaks = next((row for known, row in PEAKS.items() if known in card), None)
    return None if peaks is None else operations_per_second / peaks[precision]


def draw_picture(size_px: int, seed: int) -> Pixels:
    """Return soft noise, uint8 size×size×3."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (size_px // 8 + 1, size_px // 8 + 1, 3)).repeat(8, 0).repeat(8, 1)
    return coarse[:size_px, :size_px].astype(np.uint8)


def name(batch: int | None) -> str:
    """Return what the table calls it."""
    return "plain loop" if batch is None else f"batch of {batch}"


def show(cases: Sequence[Case], settings: Settings) -> str:
    """Return the table as Markdown."""
    on_card = settings.device == "cuda"
    machine = torch.cuda.get_device_name() if on_card else f"CPU, {torch.get_num_threads()} threads"
    clock = "processor time" if settings.cpu_time else "wall time"
    head = (
        f"{settings.method.network}, {settings.method.plan.iterations} iterations of L-BFGS, "
        f"engine in {settings.method.precision}; {machine}; {clock}; "
        f"torch {torch.__version__}, python {platform.python_version()}"
    )
    rows = [
        (
            f"{case.size_px} px",
            name(case.batch),
            f"{case.pairs_per_minute:.3g}",
            f"{case.ratio:.2f}×",
            "CPU" if case.peak_share is None else f"{case.peak_share:.1%}",
            f"{case.peak_mb:.0f}",
        )
        for case in cases
    ]
    return f"{head}\n\n" + table(("size", "way", "pairs a minute", "ratio", "share of peak", "peak MB"), rows)


def _parse(arguments: Sequence[str] | None) -> tuple[Settings, argparse.Namespace]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=NETWORK_NAMES, default="vgg19")
    parser.add_argument("--weights", type=Path, help="weights file (else torchvision's download)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512], help="sides in px")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 16], help="pictures at once")
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3, help="repeats")
    parser.add_argument("--precision", choices=("fp32", "tf32", "bf16"), default="fp32", help="of the engine")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, help="processor threads")
    parser.add_argument("--cpu-time", action="store_true", help="count processor time: for a busy machine, one thread")
    parser.add_argument("--quick", action="store_true", help="random filters, 128 px, batches of 1 and 4")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    given = parser.parse_args(arguments)
    if given.quick:
        given.network, given.weights, given.sizes, given.batches = "random", None, [128], [1, 4]
        given.iterations, given.rounds = 5, 1
    if given.threads:
        torch.set_num_threads(given.threads)
    method = Method(
        given.network, given.weights, scales=1, plan=Plan("lbfgs", given.iterations), precision=given.precision
    )
    sizes, batches = tuple(given.sizes), tuple(given.batches)
    return Settings(method, sizes, batches, given.rounds, given.device, given.cpu_time), given


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table and return the exit code."""
    settings, given = _parse(arguments)
    try:
        cases = measure(settings)
    except NstError as error:
        print(f"teacher.py: {error}", file=sys.stderr)
        return 1
    print(show(cases, settings))
    if given.json:
        given.json.write_text(json.dumps([asdict(case) for case in cases], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
