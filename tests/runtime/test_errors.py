"""What errors say: the core knows settings by their names in Python, and nothing of a command line."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from nst_runtime.contracts.settings import entries
from nst_runtime.errors import DeviceError, ImageError, NstError, PackError, TooManyPixelsError

ROOT = Path(__file__).parents[2]
PACKAGES = ("runtime", "features", "student", "teacher", "export")
ERRORS = {kind.__name__ for kind in (NstError, ImageError, TooManyPixelsError, PackError, DeviceError)}
# Modules that read the command line, besides those in a folder `cli`, and may name its options.
COMMANDS = ("cli.py",)
# Hints may say how to run a program that is not ours.
OTHER_PROGRAMS = re.compile(r"\b(ray start|pip install) [^,;]*")


def core_modules() -> list[Path]:
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in paths if path.name not in COMMANDS and "cli" not in path.parent.parts]


def said(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and each literal text of every error that is raised, or made to be raised, in `tree`."""
    for node in ast.walk(tree):
        raised = isinstance(node, ast.Raise)
        made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS
        if raised or made:
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.lineno, part.value


def test_a_flag_in_an_error_is_found() -> None:
    tree = ast.parse('def f(x):\n    error = NstError(f"{x} is large", "give --size")\n    raise error')
    assert [line for line, text in said(tree) if "--size" in text] == [2]
    assert len(core_modules()) > 100


@pytest.mark.parametrize("package", PACKAGES)
def test_no_error_of_the_core_names_an_option(package: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in core_modules()
        if path.relative_to(ROOT).parts[0] == package
        for line, text in said(ast.parse(path.read_text()))
        if re.search(r"--[a-z]", OTHER_PROGRAMS.sub("", text))
    ]
    assert found == []


@pytest.mark.parametrize("package", ["student", "teacher"])
def test_settings_that_errors_name_are_options_or_settable_in_the_packages_commands(package: str) -> None:
    pytest.importorskip("torch")
    app = importlib.import_module(f"nst_{package}.cli.app").app
    commands = typer.main.get_command(app).commands.values()  # type: ignore[attr-defined]
    options = {each.name for command in commands for each in command.params if each.param_type_name == "option"}
    records = [command.callback.settings for command in commands if hasattr(command.callback, "settings")]
    assert records
    options |= {name for record in records for each in entries(record) for name in (each.name, each.path[-1])}
    paths = [path for path in core_modules() if path.relative_to(ROOT).parts[0] == package]
    named = {
        (path.name, name)
        for path in paths
        for _, text in said(ast.parse(path.read_text()))
        for name in re.findall(r"`(\w+)`", text)
    }
    assert len(named) > 8
    assert {(place, name) for place, name in named if name not in options} == set()


def test_an_error_is_its_message_and_its_hint() -> None:
    error = PackError("no pack", "make one")
    assert (error.message, error.hint, str(error)) == ("no pack", "make one", "no pack; make one")
    assert str(NstError("no pack")) == "no pack"
    assert TooManyPixelsError("too large", pixels=9).pixels == 9
