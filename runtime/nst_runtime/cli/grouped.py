"""Help in groups: the options of a command that has many, the most used ones first."""

from typing import Any

from typer.core import TyperCommand


class Grouped(TyperCommand):
    """A command whose options stand below the name of their ``rich_help_panel``, in the order of their groups."""

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 (typer's, with a home by version)
        """Write arguments and options, a section for each group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            row = parameter.get_help_record(ctx)
            if row is None:
                continue
            if parameter.param_type_name == "argument":
                groups.setdefault("Arguments", []).append((str(parameter.metavar or parameter.name), row[1]))
            else:
                groups.setdefault(getattr(parameter, "rich_help_panel", None) or "Options", []).append(row)
        for name, rows in groups.items():
            with formatter.section(name):
                formatter.write_dl(rows)
