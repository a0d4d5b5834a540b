"""Show the figures of a benchmark as Markdown tables and as a chart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from timing import Milliseconds

PARTS = ("to floats", "encoder", "bank", "decoder", "to uint8")
WHOLES = ("network", "end to end")


@dataclass(frozen=True)
class Case:
    """The times at one size with one number of threads."""

    width: int
    height: int
    threads: int
    rounds: int
    times: Mapping[str, Milliseconds]

    @property
    def label(self) -> str:
        """The size as people write it."""
        return f"{self.width}×{self.height}"

    def ratio(self, whole: str) -> float | None:
        """Return how many times as long the other network's median of `whole` is, None where it was not measured."""
        other = self.times.get(f"Johnson {whole}")
        return None if other is None else other.median / self.times[whole].median


@dataclass(frozen=True)
class Report:
    """All figures: times in ms, peak memory in MB by size, time of a swap in ms."""

    machine: Mapping[str, str]
    johnson_parameters: int
    cases: tuple[Case, ...]
    peak_mb: Mapping[str, Mapping[str, float]]
    swap: Mapping[str, Milliseconds]


def show(report: Report) -> str:
    """Return the report as Markdown."""
    machine = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    return "\n\n".join(
        [
            f"Median (least) in milliseconds; {machine}.",
            table(("size", "threads", *PARTS, *WHOLES), map(_times_row, report.cases)),
            *(_beside_johnson(report) if report.johnson_parameters else ()),
            "Peak memory of a process in MB, one thread (started: libraries and pack loaded, nothing done):",
            _memory_table(report.peak_mb),
            "Swap of style in milliseconds: "
            + ", ".join(f"{name} {value.median:.3f} ({value.least:.3f})" for name, value in report.swap.items()),
        ]
    )


def _beside_johnson(report: Report) -> tuple[str, str]:
    return (
        f"Beside a network of Johnson's architecture, {report.johnson_parameters:,} parameters:",
        table(("size", "threads", "network", "ratio", "end to end", "ratio"), map(_other_row, report.cases)),
    )


def _times_row(case: Case) -> list[str]:
    return [case.label, str(case.threads), *(_cell(case.times.get(name)) for name in (*PARTS, *WHOLES))]


def _other_row(case: Case) -> list[str]:
    cells = [case.label, str(case.threads)]
    for whole in WHOLES:
        ratio = case.ratio(whole)
        cells += [_cell(case.times.get(f"Johnson {whole}")), "–" if ratio is None else f"{ratio:.1f}×"]
    return cells


def _cell(time: Milliseconds | None) -> str:
    return "–" if time is None else f"{time.median:.1f} ({time.least:.1f})"


def _memory_table(peaks: Mapping[str, Mapping[str, float]]) -> str:
    columns = list(next(iter(peaks.values())))
    return table(("size", *columns), ([size, *(f"{row[name]:.0f}" for name in columns)] for size, row in peaks.items()))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table of those columns and rows."""
    lines = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    rule = " | ".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in [text[0], rule, *text[1:]])


def plot(report: Report, path: Path) -> None:
    """Draw the end-to-end times of both networks as bars on a logarithmic scale to the PNG `path`."""
    from matplotlib.figure import Figure  # noqa: PLC0415 (not needed for the tables)

    figure = Figure(figsize=(8, 0.7 * len(report.cases) + 1.2), layout="constrained")
    axes = figure.subplots()
    for row, case in enumerate(reversed(report.cases)):
        for name, shift, colour in (("end to end", 0.2, "tab:blue"), ("Johnson end to end", -0.2, "tab:grey")):
            if name in case.times:
                bar = axes.barh(row + shift, case.times[name].median, 0.38, color=colour)
                axes.bar_label(bar, fmt="%.0f ms", padding=3)
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.set_yticks(range(len(report.cases)), [_row_label(case) for case in reversed(report.cases)])
    axes.set_xlabel("milliseconds, end to end: this pack (blue), Johnson's architecture (grey)")
    figure.savefig(path, dpi=120)


def _row_label(case: Case) -> str:
    return f"{case.label}, {case.threads} thread{'s' if case.threads > 1 else ''}"
