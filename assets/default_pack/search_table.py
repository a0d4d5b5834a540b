"""The costs of the architectures that search.py trained, beside what it found of their pictures.

    python -m assets.default_pack.search_table OUT WORK

OUT is what the last run left. Its archive is unpacked to WORK, where each architecture's style pack is written and
compared with torch. Prints the figures, then numbers and products, and milliseconds on one thread, for which the packs
take turns; draws a plot of both, search.png in WORK.
"""

import argparse
import json
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

import torch
from assets.default_pack import card
from assets.default_pack.search import FIGURES, Found
from torch.utils.flop_counter import FlopCounterMode

from nst_export.assemble import Labels
from nst_export.commands import export_pack
from nst_export.sources import Sources, load_trained
from nst_runtime import Stylizer
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.pictures.arrays import resize
from nst_runtime.pictures.read import read_picture
from nst_student.evaluation.evaluation import figures_table
from nst_student.networks.registry import ARCHITECTURES

PLOT = "search.png"
PHOTO = Path(__file__).parents[1] / "scenes" / "town.jpg"
TIMED_PX, ROUNDS = 512, 15


def main() -> None:
    """Read the arguments and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("work", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    tell(options.out, options.work)


def tell(out: Path, work: Path) -> None:
    """Print the figures, and the costs of each architecture beside the first one's; draw both."""
    found: Found = json.loads((out / FIGURES).read_text())
    card.unpack(out, work)
    print(figures_table({f"{name} {style}": row for name, rows in found.items() for style, row in rows.items()}))
    took = _milliseconds({name: _exported(work / name) for name in found})
    first = took[next(iter(took))]
    costs = {name: {**_sizes(name), "ms": ms, "ratio": ms / first} for name, ms in took.items()}
    print(figures_table(costs))
    means = {name: statistics.mean(row["mean"] for row in rows.values()) for name, rows in found.items()}
    _plot(work / PLOT, {name: (costs[name]["ms"], mean) for name, mean in means.items()})


def _exported(workspace: Path) -> Stylizer:
    """Return the style pack of what was trained in `workspace`, compared with torch on the way."""
    pack = workspace / "pack"
    for _ in export_pack(load_trained(Sources.of(Workspace(workspace))), Labels(), pack):
        pass
    return Stylizer.load(pack, threads=1)


def _milliseconds(stylizers: Mapping[str, Stylizer]) -> dict[str, float]:
    """Return the median time of a picture of 512×512 on one thread, of rounds that take turns."""
    photo = resize(read_picture(PHOTO).rgb, TIMED_PX, TIMED_PX)
    times: dict[str, list[float]] = {name: [] for name in stylizers}
    for number in range(ROUNDS + 1):
        for name, stylizer in stylizers.items():
            began = time.perf_counter()
            stylizer.stylize(photo, stylizer.styles[0].name)
            if number:
                times[name].append(1000 * (time.perf_counter() - began))
    return {name: statistics.median(each) for name, each in times.items()}


def _sizes(name: str) -> dict[str, float]:
    """Return how many thousand numbers a bank has, and how many thousand products a pixel takes, codec and all."""
    plan = ARCHITECTURES[name]
    encoder, bank, decoder = plan.encoder(), plan.blank_bank(), plan.decoder()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        decoder(*bank(*encoder(torch.rand(1, 3, TIMED_PX, TIMED_PX))))
    numbers = sum(parameter.numel() for parameter in bank.parameters())
    return {"k_numbers": numbers / 1000, "k_mac_a_pixel": counter.get_total_flops() / 2 / TIMED_PX**2 / 1000}


def _plot(path: Path, points: Mapping[str, tuple[float, float]]) -> None:
    """Draw each architecture as a point, its milliseconds to the right and its styles' mean figure up."""
    from matplotlib.figure import Figure  # noqa: PLC0415 (takes a second that only the plot needs)

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for name, (ms, mean) in points.items():
        axes.scatter(ms, mean)
        axes.annotate(name, (ms, mean), xytext=(4, 4), textcoords="offset points")
    axes.margins(x=0.2, y=0.1)  # names stand to the right of their points
    axes.set(xlabel="milliseconds at 512×512, one thread", ylabel="style left, all layers, mean of the styles")
    figure.savefig(path)
    print(path)


if __name__ == "__main__":
    main()
