"""Errors of the core name settings in backquotes, as the commands call them, and never a command-line option."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

import nst_features
import nst_teacher
from nst_runtime.contracts.settings import entries
from nst_teacher.cli.app import app
from nst_teacher.settings.teacher_settings import TeacherSettings

PACKAGES = [Path(package.__file__ or "").parent for package in (nst_teacher, nst_features)]
# All but the modules that talk to the person, who knows options.
CORE = [path for folder in PACKAGES for path in sorted(folder.rglob("*.py")) if path.parent.name != "cli"]
OTHER_PROGRAMS = ("ray start --head",)


def texts(path: Path) -> Iterator[str]:
    """Yield the texts in a module but for its docstrings; of a text with values in it, the parts between them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    described = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in described:
            yield node.value


@cache
def option_names() -> set[str]:
    commands = typer.main.get_command(app).commands.values()  # type: ignore[attr-defined]
    options = {parameter.name for command in commands for parameter in command.params}
    return options | {name for entry in entries(TeacherSettings) for name in (entry.name, entry.key)}


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_settings_are_named_as_the_commands_call_them_and_no_options(path: Path) -> None:
    for text in texts(path):
        unknown = set(re.findall(r"`([\w.]+)`", text)) - option_names()
        assert not unknown, f"no command has {unknown}, in {text!r}"
        if not text.endswith(OTHER_PROGRAMS):
            assert not re.search(r"(?<![\w-])--[a-z]", text), f"{text!r} names an option"


def test_there_are_messages_to_look_at() -> None:
    found = {name for path in CORE for text in texts(path) for name in re.findall(r"`(\w+)`", text)}
    assert found >= {"size", "style_size_px", "weights", "weights_normalisation", "network", "match_layers", "shard"}
