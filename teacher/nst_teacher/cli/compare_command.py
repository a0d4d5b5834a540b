"""nst-teacher compare: optimizers, or Mak's six cases of layer weights, against each other."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nst_runtime.cli.output import say
from nst_runtime.cli.settings_options import Given, with_settings
from nst_runtime.errors import NstError
from nst_teacher.cli.choice import (
    LISTED,
    NOT_FOR_FIGURES,
    Choice,
    PresetOption,
    match,
    read_choice,
    start,
)
from nst_teacher.settings.presets import load_preset
from nst_teacher.settings.series import parse_optimizers
from nst_teacher.settings.teacher_settings import TeacherSettings

if TYPE_CHECKING:
    from nst_teacher.figures.layer_cases import LayerCase

USUAL_OPTIMIZERS = "lbfgs,adam,adadelta,gd"
BENCHMARK = "mak2021"
CASES = (BENCHMARK, *(f"{BENCHMARK}-case{number}" for number in range(1, 6)))
SETTLED = {
    "optimisation.optimizer": "--optimizers names all that minimise",
    "optimisation.learning_rate": "--optimizers has the rates, as adam=0.05",
}
SHOWN = (
    "run.size", "network.network", "network.weights", "losses.content_weight", "losses.style_weight",
    "optimisation.iterations", "optimisation.start", "run.device",
)  # fmt: skip
EPILOG = """\b
Examples:
  nst-teacher compare photo.jpg wave.jpg out --optimizers lbfgs,adam=0.05,gd --network random
  nst-teacher compare photo.jpg wave.jpg out --layer-cases --iterations 190
"""


@with_settings(TeacherSettings, SHOWN, listed=LISTED, without={**SETTLED, **NOT_FOR_FIGURES})
def compare_command(
    content: Annotated[Path, typer.Argument(metavar="CONTENT", help="The photo.")],
    style: Annotated[Path, typer.Argument(metavar="STYLE", help="The style picture.")],
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="The folder to write to.")],
    optimizers: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[=RATE],…", help="Optimizers; a rate replaces the usual.", show_default=USUAL_OPTIMIZERS
        ),
    ] = None,
    layer_cases: Annotated[
        bool, typer.Option("--layer-cases", help="Instead: mak2021 and its five cases, at the paper's snapshots.")
    ] = False,
    preset: PresetOption = None,
    *,
    given: Given,
) -> None:
    """Plot the loss of optimizers over time and over iterations, from the same start.

    Writes compare.png (the plot), compare_sheet.png, the pictures, compare.csv and compare.jsonl to OUT_DIR; with
    --layer-cases layer_cases.png (the plot), layer_cases_sheet.png (rows are cases, columns snapshots) and the rest.
    Prints the paths of plot, sheet, table and log. Times are the optimisation's alone.
    """
    if layer_cases:
        _check_cases(given, optimizers, preset)
        paths = _run_cases(content, style, out, Choice(given))
    else:
        paths = _run_optimizers(content, style, out, read_choice(preset, given), optimizers or USUAL_OPTIMIZERS)
    print(*paths, sep="\n")


def _run_optimizers(content: Path, style: Path, out: Path, choice: Choice, optimizers: str) -> tuple[Path, ...]:
    runs = parse_optimizers(optimizers)
    settings, device = start(choice, [run.optimizer for run in runs])
    from nst_teacher.cli.progress_display import follow, progress_display
    from nst_teacher.figures.compare import Comparison, compare

    task = Comparison(content, style, out, settings.size_px)
    with progress_display(sys.stderr, len(runs), "pictures") as display:
        return follow(compare(task, settings.method, runs, device), display)


def _check_cases(given: Given, optimizers: str | None, preset: str | None) -> None:
    taken = {"optimizers": optimizers, "preset": preset} | {
        key: given.get("network", {}).get(key) for key in ("style_layers", "layer_weights")
    }
    if there := [key for key, value in taken.items() if value is not None]:
        raise NstError(f"`layer_cases` sets what `{there[0]}` would", "leave one of them out")


def _run_cases(content: Path, style: Path, out: Path, choice: Choice) -> tuple[Path, ...]:
    benchmark = replace(choice, preset=load_preset(BENCHMARK))
    settings, device = start(benchmark)
    from nst_teacher.cli.progress_display import follow, progress_display
    from nst_teacher.figures.compare import Comparison
    from nst_teacher.figures.layer_cases import compare_layer_cases, scale_snapshots

    planned, iterations = load_preset(BENCHMARK).method().plan.iterations, settings.method.plan.iterations
    snapshots = scale_snapshots(settings.stylize.snapshots, planned, iterations)
    if iterations < planned:
        shown = ", ".join(map(str, snapshots))
        say(f"{iterations} iterations in place of {planned}: snapshots at {shown}")
    task = Comparison(content, style, out, settings.size_px)
    with progress_display(sys.stderr, len(CASES), "pictures") as display:
        return follow(compare_layer_cases(task, read_cases(choice), snapshots, device), display)


def read_cases(choice: Choice) -> "list[LayerCase]":
    """Return the benchmark and the five cases, with what the options of `choice` change."""
    from nst_teacher.figures.layer_cases import LayerCase

    cases = []
    for name in CASES:
        own = replace(choice, preset=load_preset(name))
        network = load_preset(name).sections["network"]
        weights = dict(zip(network["style_layers"], network["layer_weights"], strict=True))
        heavy = max(weights, key=lambda layer: weights[layer])
        even = len(set(weights.values())) == 1
        method, _ = match(own, own.settings())
        label = "benchmark" if even else name.rpartition("-")[2].replace("case", "case ")
        cases.append(LayerCase(label, f"{'all' if even else heavy} at {weights[heavy]:g}", method))
    return cases
