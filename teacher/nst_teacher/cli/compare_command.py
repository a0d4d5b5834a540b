"""nst-teacher compare: optimizers, or Mak's six cases of layer weights, against each other."""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer

from nst_runtime.errors import NstError
from nst_teacher.cli.option_table import OPTIMISATION
from nst_teacher.cli.options import Choice, with_method
from nst_teacher.cli.progress_display import follow, progress_display
from nst_teacher.cli.stylize_command import SizeOption, choose_size
from nst_teacher.figures.compare import Comparison, Contestant, compare, parse_contestants
from nst_teacher.figures.layer_cases import BENCHMARK, PRESETS, LayerCase, compare_layer_cases, scale_snapshots
from nst_teacher.settings.presets import load_preset

USUAL_OPTIMIZERS = "lbfgs,adam,adadelta,gd"


@partial(with_method, without=("optimizer", "learning_rate", "mask_feather_px"))
def compare_command(
    content: Annotated[Path, typer.Argument(help="Photo.")],
    style: Annotated[Path, typer.Argument(help="Style picture.")],
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder to write to.")],
    optimizers: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[=RATE],…",
            rich_help_panel=OPTIMISATION,
            help="Optimizers; a rate replaces the usual.",
            show_default=USUAL_OPTIMIZERS,
        ),
    ] = None,
    layer_cases: Annotated[
        bool, typer.Option("--layer-cases", help="Instead: mak2021 and its five cases, at the paper's snapshots.")
    ] = False,
    size: SizeOption = None,
    *,
    choice: Choice,
    device: torch.device,
) -> None:
    """Plot the loss of optimizers over time and over iterations, from the same start.

    Writes compare.png (the plot), compare_sheet.png, the pictures, compare.csv and compare.jsonl to OUT_DIR; with
    --layer-cases layer_cases.png (the plot), layer_cases_sheet.png (rows are cases, columns snapshots) and the rest.
    Prints the paths of plot, sheet, table and log. Times are the optimisation's alone.

    Example: nst-teacher compare photo.jpg wave.jpg out --optimizers lbfgs,adam=0.05,gd --network random
    """
    if layer_cases:
        _check_cases(choice, optimizers)
        paths = _run_cases(Comparison(content, style, out, choose_size(size, load_preset(BENCHMARK))), choice, device)
    else:
        task = Comparison(content, style, out, choose_size(size, choice.preset))
        paths = _run_optimizers(task, choice, parse_contestants(optimizers or USUAL_OPTIMIZERS), device)
    print(*paths, sep="\n")


def _run_optimizers(
    task: Comparison, choice: Choice, contestants: tuple[Contestant, ...], device: torch.device
) -> tuple[Path, ...]:
    method = choice.method([contestant.optimizer for contestant in contestants])
    with progress_display(sys.stderr, len(contestants), "pictures") as display:
        return follow(compare(task, method, contestants, device), display)


def _check_cases(choice: Choice, optimizers: str | None) -> None:
    taken = {"--optimizers": optimizers, "--preset": choice.preset} | {
        f"--{key.replace('_', '-')}": choice.given.get(key) for key in ("style_layers", "layer_weights")
    }
    if given := [option for option, value in taken.items() if value is not None]:
        raise NstError(f"--layer-cases sets what {given[0]} would", "leave one of them out")


def _run_cases(task: Comparison, choice: Choice, device: torch.device) -> tuple[Path, ...]:
    benchmark = load_preset(BENCHMARK)
    method = replace(choice, preset=benchmark).method()
    planned, iterations = benchmark.method().plan.iterations, method.plan.iterations
    snapshots = scale_snapshots(benchmark.snapshots, planned, iterations)
    if iterations < planned:
        shown = ", ".join(map(str, snapshots))
        print(f"{iterations} iterations in place of {planned}: snapshots at {shown}", file=sys.stderr)
    with progress_display(sys.stderr, len(PRESETS), "pictures") as display:
        return follow(compare_layer_cases(task, read_cases(choice), snapshots, device), display)


def read_cases(choice: Choice) -> list[LayerCase]:
    """Return the benchmark and the five cases, with what the options of `choice` change."""
    cases = []
    for name in PRESETS:
        preset = load_preset(name)
        weights = dict(zip(preset.table["style_layers"], preset.table["layer_weights"], strict=True))
        heavy = max(weights, key=lambda layer: weights[layer])
        even = len(set(weights.values())) == 1
        method, _ = replace(choice, preset=preset).matched()
        label = "benchmark" if even else name.rpartition("-")[2].replace("case", "case ")
        cases.append(LayerCase(label, f"{'all' if even else heavy} at {weights[heavy]:g}", method))
    return cases
