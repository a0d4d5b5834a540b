"""Write the shipped pack's figures into docs/quality.md, between its marks.

python assets/figures_table.py
"""

import re
from collections.abc import Sequence
from pathlib import Path

from nst_runtime.contracts.files import write_text
from nst_runtime.contracts.library import NOWHERE, Library
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack
from nst_runtime.contracts.styles import StyleRecord

ROOT = Path(__file__).parents[1]
COLUMNS = {
    ROOT / "docs" / "quality.md": (
        "mean", "relu3_1", "content", "deep", "noise_gain", "shift_gain", "frame_gain", "border_error", "lattice",
    ),
}  # fmt: skip
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def main() -> None:
    """Write the table of each document."""
    styles = shipped_records()
    for path, columns in COLUMNS.items():
        write_text(path, with_table(path.read_text(), table(styles, columns)))
        print(path)


def shipped_records() -> list[StyleRecord]:
    """Return what the style files of the shipped pack say of themselves."""
    return [style.record() for style in Library(read_pack(DEFAULT_PACK), NOWHERE, NOWHERE).styles()]


def table(styles: Sequence[StyleRecord], columns: Sequence[str]) -> str:
    """Return a row for each style, and the mean over all, as Markdown."""
    rows = [(style.name, [style.metrics[column] for column in columns]) for style in styles]
    means = [sum(values) / len(rows) for values in zip(*(values for _, values in rows), strict=True)]
    lines = ["| style | " + " | ".join(column.replace("_gain", " gain") for column in columns) + " |"]
    lines.append("|---" * (len(columns) + 1) + "|")
    for name, values in [*rows, ("*mean of all*", means)]:
        cells = [
            f"{value:.{1 if column.endswith('gain') else 3}f}" for column, value in zip(columns, values, strict=True)
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def with_table(text: str, new: str) -> str:
    """Return `text` with `new` between the marks; raises ValueError where there are none."""
    found, count = re.subn(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n{new}\n{END}", text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"expected one place between {BEGIN} and {END}, found {count}")
    return found


if __name__ == "__main__":
    main()
