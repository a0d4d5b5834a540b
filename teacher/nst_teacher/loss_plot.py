"""Curves of losses, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nst_runtime.files import replacing
from nst_teacher.observation import Reading

Quantity = Literal["iteration", "seconds", "total", "content", "style"]
# Told apart with any kind of colour vision: Okabe and Ito, "Color Universal Design" (2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
WIDTH_IN, HEIGHT_IN, DOTS_PER_IN = 9.0, 3.8, 150


@dataclass(frozen=True)
class Curve:
    """A run's readings and its name."""

    name: str
    readings: Sequence[Reading]


@dataclass(frozen=True)
class Panel:
    """A diagram of one quantity over another, with their names in words."""

    across: Quantity
    across_name: str
    up: Quantity
    up_name: str


def write_plot(path: Path, curves: Sequence[Curve], panels: Sequence[Panel]) -> None:
    """Write `panels` of the same `curves`, losses on a logarithmic axis, to the PNG `path`; raises NstError."""
    from matplotlib.figure import Figure  # noqa: PLC0415 (takes a second that no other command needs)

    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), layout="constrained")
    same = len({panel.up for panel in panels}) == 1
    every = figure.subplots(1, len(panels), sharey=same, squeeze=False)[0]
    for axes, panel in zip(every, panels, strict=True):
        for number, curve in enumerate(curves):
            across = [getattr(reading, panel.across) for reading in curve.readings]
            up = [getattr(reading, panel.up) for reading in curve.readings]
            dashes = "-" if number < len(COLOURS) else "--"
            axes.plot(across, up, dashes, color=COLOURS[number % len(COLOURS)], linewidth=1.6, label=curve.name)
        axes.set_yscale("log")
        axes.set_xlim(left=0)
        axes.set_xlabel(panel.across_name)
        if not same or axes is every[0]:
            axes.set_ylabel(panel.up_name)
        axes.grid(visible=True, color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    every[-1].legend(frameon=False)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=DOTS_PER_IN)
