"""Options made from the dataclass that has the settings: the few that a command shows, and --set for all others."""

import inspect
import typing
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Annotated, Any, Literal

import typer

from nst_runtime.cli.option_names import remember_settings
from nst_runtime.contracts.settings import Entry, Sections, bare, entries, find, origin_of, parse_sets, read_text, show
from nst_runtime.errors import NstError

GIVEN = "given"
Given = dict[str, dict[str, Any]]
"""What the options and --set gave, by section and name; the parameter ``given`` of a command has it."""


def with_settings(
    record: type[Any],
    shown: Collection[str],
    *,
    listed: str,
    usual: Sections | None = None,
    without: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a command, which takes ``given``, have options for the settings `shown` of `record`, and ``--set`` for all.

    `shown` are keys, ``section.name``; the option is the name with dashes, with the setting's meaning, bounds and
    default. `usual` are the command's own defaults where they are not the record's; `without` are the keys of settings
    that would change nothing here, and why. `listed` is the command that lists all settings.
    """
    chosen = [find(record, key) for key in shown]
    if lacking := sorted((without or {}).keys() & set(shown)):
        raise TypeError(f"{lacking[0]} is both shown and refused")

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        parameters = _parameters(command, chosen, usual or {}, _set_parameter(record, listed))

        @wraps(command)
        def run(**values: Any) -> None:  # noqa: ANN401 (typer passes what the signature below names)
            remember_settings({entry.name: entry.key for entry in reversed(entries(record))})  # of one name, the first
            options = {entry: values.pop(entry.name) for entry in chosen}
            given = parse_sets(record, values.pop("set_") or ())
            _refuse(given, without or {})
            for entry, value in options.items():
                if value is not None:
                    _add(given, entry, value)
            command(**values, given=given)

        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": None}
        run.settings = record  # type: ignore[attr-defined]  # for who checks command lines in documents
        return run

    return decorate


def _refuse(given: Sections, without: Mapping[str, str]) -> None:
    for key in (f"{section}.{name}" for section, values in given.items() for name in values):
        if key in without:
            raise NstError(f"{key} would change nothing here: {without[key]}", "leave it out")


def _add(given: Given, entry: Entry, value: Any) -> None:  # noqa: ANN401 (what typer read)
    section = given.setdefault(entry.section, {})
    if entry.name in section:
        raise NstError(f"`{entry.name}` is given twice, the second time as {entry.key}", "give it once")
    if isinstance(value, list):
        section[entry.name] = [item for text in value for item in read_text(entry, text)]
    else:
        section[entry.name] = read_text(entry, value) if isinstance(value, str) else value


def _parameters(
    command: Callable[..., None], chosen: list[Entry], usual: Sections, set_option: inspect.Parameter
) -> list[inspect.Parameter]:
    """Return the command's parameters with the options in place of ``given``."""
    hints = typing.get_type_hints(command, include_extras=True)
    found: list[inspect.Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        if parameter.name == GIVEN:
            found += [_option(entry, usual.get(entry.section, {}).get(entry.name)) for entry in chosen] + [set_option]
        else:
            found.append(parameter.replace(annotation=hints[parameter.name]))
    return [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in found]


def _option(entry: Entry, usual: object) -> inspect.Parameter:
    """Return the option of a setting; its value is None where it is not given."""
    kind = bare(entry.hint)
    name = entry.name.replace("_", "-")
    low, high = entry.about.minimum, entry.about.maximum
    bounded = kind in (int, float) and (low is not None or high is not None)
    limits: dict[str, Any] = {"min": low, "max": high} if bounded else {}
    default = show(usual if usual is not None else entry.default)
    option = typer.Option(
        f"--{name}/--no-{name}" if kind is bool else f"--{name}",
        help=f"{entry.about.meaning} [default: {default}]" if default else entry.about.meaning,
        metavar=_metavar(kind),
        show_default=False if default else entry.usual or False,  # typer puts what is not a value in brackets
        **limits,
    )
    taken: Any = kind if kind in (int, float, bool) or origin_of(kind) is Literal else str
    taken = list[str] if origin_of(kind) is tuple else taken  # given once with commas, or several times
    return inspect.Parameter(
        entry.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[taken | None, option]
    )


def _metavar(kind: Any) -> str | None:  # noqa: ANN401 (a type)
    if origin_of(kind) is tuple:
        return "A,B,…"
    return {int: "N", float: "X", str: "TEXT"}.get(kind, None if origin_of(kind) is Literal else "FILE")


def _set_parameter(record: type[Any], listed: str) -> inspect.Parameter:
    def complete(incomplete: str) -> list[str]:
        return [f"{entry.key}=" for entry in entries(record) if entry.key.startswith(incomplete)]

    option = typer.Option(
        "--set",
        metavar="SECTION.NAME=VALUE",
        help=f"Any other setting; {listed} lists them. Once for each.",
        autocompletion=complete,
    )
    return inspect.Parameter(
        "set_", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[list[str] | None, option]
    )
