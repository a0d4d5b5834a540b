"""List settings as a commented file that can be copied, or as JSON for programs."""

import json
import textwrap
from collections.abc import Collection
from typing import Any

import typer

from nst_runtime.contracts.records import to_json
from nst_runtime.contracts.settings import Entry, entries, show, to_sections

WIDTH = 100


def explain(settings: Any, without: Collection[str] = ()) -> str:  # noqa: ANN401 (a dataclass)
    """Return every setting of the dataclass `settings` as TOML: its value, and above it meaning, values and source.

    `without` are the keys of settings that are left out. A setting without a value is a comment, as it has no value in
    a file either.
    """
    values = to_sections(settings)
    lines: list[str] = []
    section = ""
    for entry in (entry for entry in entries(type(settings)) if entry.key not in without):
        if entry.section != section:
            section = entry.section
            lines += ["", f"[{section}]"]
        lines += _described(entry, values[entry.section][entry.name])
    return "\n".join(lines[1:])


def explain_json(settings: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (a dataclass)
    """Return the same as records: key, value, default, usual, values, meaning, paper."""
    values = to_sections(settings)
    return [
        {
            "key": entry.key,
            "value": to_json(values[entry.section][entry.name]),
            "default": to_json(entry.default),
            "usual": entry.usual,
            "values": entry.values,
            "meaning": entry.about.meaning,
            "paper": entry.about.paper,
        }
        for entry in entries(type(settings))
    ]


def explain_option(settings: Any, without: Collection[str] = ()) -> Any:  # noqa: ANN401 (a dataclass; typer's class)
    """Return the option ``--explain`` of a command that is set by `settings`: it lists them and ends the program.

    `without` are the keys of settings that the command refuses.
    """

    def tell(asked: bool) -> None:
        if asked:
            print(explain(settings, without))
            raise typer.Exit

    return typer.Option("--explain", callback=tell, is_eager=True, help="List what --set takes, and exit.")


def _described(entry: Entry, value: object) -> list[str]:
    told = f"{entry.about.meaning.rstrip('.')} ({entry.values}"
    usual = entry.usual if value != entry.default or not show(entry.default) else ""
    told += f"; without it: {usual})." if usual else ")."
    told += f" {entry.about.paper}." if entry.about.paper else ""
    lines = textwrap.wrap(told, WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False)
    if value is None or value == ():
        return [*lines, f"# {entry.name} ="]
    return [*lines, f"{entry.name} = {to_toml(to_json(value))}"]


def to_toml(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return JSON's `value` as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {to_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(to_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
