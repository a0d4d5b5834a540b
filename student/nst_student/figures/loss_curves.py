"""Curves of losses over steps, one for each training."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path

from nst_runtime.contracts.files import replacing

# Told apart with any kind of color vision: Okabe and Ito, "Color Universal Design" (2008).
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
WIDTH_IN, HEIGHT_IN, DOTS_PER_IN = 7.0, 4.0, 150
SMOOTHED_STEPS = 15


def write_curves(path: Path, losses: Mapping[str, Sequence[float]]) -> None:
    """Write the curves of `losses`, a loss for each step by name, on a logarithmic axis, to the PNG `path`.

    A pale line is the loss of each step, which depends on its photographs; a strong one the mean of the last 15 steps.
    Raises NstError when the file cannot be written.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 (takes a second that no other command needs)

    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), layout="constrained")
    axes = figure.subplots()
    for (name, values), color in zip(losses.items(), cycle(COLORS)):
        steps = range(1, len(values) + 1)
        axes.plot(steps, values, color=color, linewidth=0.6, alpha=0.3)
        axes.plot(steps, running_means(values, SMOOTHED_STEPS), color=color, linewidth=1.8, label=name)
    axes.set(yscale="log", xlabel="iteration", ylabel="loss")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.grid(visible=True, which="both", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=DOTS_PER_IN)


def running_means(values: Sequence[float], width: int) -> list[float]:
    """Return for each of `values` the mean of it and of those before it, `width` at most."""
    return [sum(part) / len(part) for part in (values[max(0, end - width) : end] for end in range(1, len(values) + 1))]
