"""Show figures as a table in Markdown."""

from collections.abc import Mapping

Figures = Mapping[str, float | None]


def figures_table(rows: Mapping[str, Figures], corner: str = "style") -> str:
    """Return `rows` as a Markdown table, a column for each figure that any has, in the order they first come."""
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    lines = ["| " + " | ".join([corner, *columns]) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += ["| " + " | ".join([name, *(_shown(row.get(c)) for c in columns)]) + " |" for name, row in rows.items()]
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"
