"""Write docs/cli.md: every command of the five programs with its arguments and options, as `--help` has them.

python assets/cli_page.py
"""

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from importlib import import_module
from inspect import cleandoc, signature
from pathlib import Path
from typing import Any, Literal, Protocol, cast, get_args, get_origin

from typer.main import get_command

from nst_runtime.contracts.files import write_text

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
PROGRAMS = {
    "nst-runtime": "nst_runtime.cli.app",
    "nst-student": "nst_student.cli.app",
    "nst-features": "nst_features.cli.app",
    "nst-teacher": "nst_teacher.cli.app",
    "nst-export": "nst_export.cli.app",
}
HEAD = """# Commands and options

Every command of the five programs. `COMMAND --help` says the same in a terminal, and each program takes
`--version`. Results go to stdout, all else to stderr; [troubleshooting.md](troubleshooting.md) has the exit codes.
`python assets/cli_page.py` writes this page.
"""
VALUES: dict[type, str] = {int: "N", float: "X", Path: "PATH", str: "TEXT"}


class Parameter(Protocol):
    """What the page asks of an argument or option of typer."""

    name: str
    opts: list[str]
    secondary_opts: list[str]
    param_type_name: str
    metavar: str | None
    help: str | None
    default: object
    hidden: bool
    required: bool
    multiple: bool
    nargs: int
    min: float | None
    max: float | None


class Command(Protocol):
    """What the page asks of a command of typer; a group has `commands` too."""

    params: list[Parameter]
    help: str | None
    epilog: str | None
    callback: Callable[..., Any] | None


def main() -> None:
    """Write the page."""
    write_text(PAGE, page())
    print(PAGE)


def page() -> str:
    """Return the whole page as Markdown."""
    found = list(commands())
    index = "\n".join(f"- [{name}](#{name.replace(' ', '-')})" for name, _ in found)
    return "\n".join([HEAD, index, "", *(section(name, command) for name, command in found)])


def commands() -> Iterator[tuple[str, Command]]:
    """Yield the full name and the command of each program's commands, those of groups after the group."""
    for program, module in PROGRAMS.items():
        yield from _below(program, cast(Command, get_command(import_module(module).app)))


def _below(name: str, group: Command) -> Iterator[tuple[str, Command]]:
    inner: Mapping[str, Command] = getattr(group, "commands", {})
    for verb, command in inner.items():
        yield f"{name} {verb}", command
        yield from _below(f"{name} {verb}", command)


def section(name: str, command: Command) -> str:
    """Return the heading of a command, what it does, and its arguments and options."""
    given = signature(command.callback, eval_str=True).parameters if command.callback else {}
    types = {key: parameter.annotation for key, parameter in given.items()}
    visible = [each for each in command.params if not each.hidden and each.name in types]
    arguments = [each for each in visible if is_argument(each)]
    usage = " ".join([name, *(word(each, types) for each in arguments), "[OPTIONS]"])
    lines = [f"## {name}\n", f"    {usage}\n", told(command.help or ""), told(command.epilog or "")]
    lines += [f"- {entry(each, types)}" for each in sorted(visible, key=is_argument, reverse=True)]
    return "\n".join(line for line in lines if line).rstrip("\n") + "\n"


def is_argument(parameter: Parameter) -> bool:
    """Tell whether `parameter` is given by its place, not by a name."""
    return bool(parameter.param_type_name == "argument")


def told(text: str) -> str:
    """Return a help text as Markdown: examples, and paragraphs whose lines are protected, as blocks of code."""
    paragraphs = [paragraph for paragraph in cleandoc(text.replace("\f", "")).split("\n\n") if paragraph.strip("\b\n")]
    return "".join(f"{_told(paragraph)}\n\n" for paragraph in paragraphs)[:-1]


def _told(paragraph: str) -> str:
    body = paragraph.strip("\b\n")
    if example := re.fullmatch(r"(.*?):\s+(nst-\w+ .*[^.])", body, re.DOTALL):
        head, lines = f"{example[1]}:\n\n", example[2].splitlines()
    elif paragraph.lstrip("\n").startswith("\b") or body.startswith("nst-"):
        head, lines = "", body.splitlines()
    else:
        return re.sub("^- ", "`-` ", body)
    protected = paragraph.lstrip("\n").startswith("\b")
    return head + "\n".join(f"    {line.strip()}" for line in (lines if protected else [" ".join(lines)]))


def entry(parameter: Parameter, types: Mapping[str, object]) -> str:
    """Return one argument or option: its names, its value, what it does, its limits and its default."""
    shown = "" if is_argument(parameter) else ", ".join([*parameter.opts, *parameter.secondary_opts])
    value = "" if getattr(parameter, "is_flag", False) else word(parameter, types)
    facts = [limits(parameter.min, parameter.max), "required" if parameter.required else default(parameter)]
    if parameter.multiple or parameter.nargs != 1:
        facts.append("may be repeated")
    notes = "; ".join(fact for fact in facts if fact)
    return f"`{f'{shown} {value}'.strip()}`: {parameter.help or ''}" + (f" ({notes})" if notes else "")


def word(parameter: Parameter, types: Mapping[str, object]) -> str:
    """Return what stands for the value of `parameter`: its own word, its choices, or a word for its type."""
    if parameter.metavar:
        return str(parameter.metavar)
    return kind(types[parameter.name]) or str(parameter.name).upper()


def kind(annotation: object) -> str:
    """Return the choices of an annotation, or a word for its type, empty if there is none."""
    if get_origin(annotation) is Literal:
        return "|".join(map(str, get_args(annotation)))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "|".join(str(member.value) for member in annotation)
    if isinstance(annotation, type) and annotation in VALUES:
        return VALUES[annotation]
    return next((found for inner in get_args(annotation) if (found := kind(inner))), "")


def limits(low: float | None, high: float | None) -> str:
    """Return a range in words, nothing for none."""
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"at least {low}"
    return f"at most {high}" if high is not None else ""


def default(parameter: Parameter) -> str:
    """Return the default in words, nothing where an option is off or empty unless it is given."""
    told_default = getattr(parameter, "show_default", None)
    if isinstance(told_default, str):
        return f"default: {told_default}"
    value = _plain(parameter.default)
    return "" if value is None or value is False or value in ("", (), []) else f"default: {value}"


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


if __name__ == "__main__":
    main()
