"""Curves of losses, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Literal

from nst_runtime.contracts.files import replacing
from nst_teacher.figures.figure_files import in_short
from nst_teacher.figures.observation import Reading

Quantity = Literal["iteration", "seconds", "total", "content", "style"]
# Told apart with any kind of colour vision: Okabe and Ito, "Color Universal Design" (2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
WIDTH_IN, HEIGHT_IN, DOTS_PER_IN = 9.0, 4.0, 150


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
        _draw(axes, curves, panel)
        if same:
            axes.label_outer()
    columns = len(curves) if len(curves) < 5 else 3
    figure.legend(*every[0].get_legend_handles_labels(), loc="outside upper center", ncols=columns, frameon=False)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=DOTS_PER_IN)


def _draw(axes: Any, curves: Sequence[Curve], panel: Panel) -> None:  # noqa: ANN401 (matplotlib has no types here)
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: PLC0415 (as above)

    for curve, colour in zip(curves, cycle(COLOURS)):
        across = [getattr(reading, panel.across) for reading in curve.readings]
        up = [getattr(reading, panel.up) for reading in curve.readings]
        axes.plot(across, up, color=colour, linewidth=1.6, label=curve.name)
    axes.set(yscale="log", xlabel=panel.across_name, ylabel=panel.up_name)
    axes.set_xlim(left=0)
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=_marks(high / low)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _label(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _marks(span: float) -> tuple[float, ...]:
    """Return which multiples of powers of ten are marked on an axis whose ends are `span` times apart."""
    if span < 6:
        return (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
    return (1, 2, 5) if span < 1000 else (1,)


def _label(value: float) -> str:
    return f"{value:g}" if 1e-3 <= value < 1e4 else in_short(value)
