"""The help of ``nst-student``: short, at once, and without what computes."""

import subprocess
import sys

import pytest
import typer

from nst_student.cli.app import app

from .conftest import ENVIRONMENT

MOST_OPTIONS = 12
COMPUTES = {"torch", "torchvision", "matplotlib", "onnxruntime", "numpy"}
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def loaded_by(*arguments: str) -> str:
    """Run the program; return what it printed on stderr, which ends with what it has loaded that computes."""
    code = "import sys, nst_student; sys.argv = ['nst-student', *sys.argv[1:]]; code = nst_student.main()"
    code += f"; print(sorted({COMPUTES!r} & sys.modules.keys()), file=sys.stderr); sys.exit(code)"
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert (done.returncode, done.stdout != "") == (0, True)
    return done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_help_loads_nothing_that_computes(name: str) -> None:
    assert loaded_by(name, "--help") == "[]\n"


@pytest.mark.parametrize("arguments", [["--help"], ["recipes"], ["evaluate", "--explain"], ["compare", "--explain"]])
def test_lists_load_nothing_that_computes(arguments: list[str]) -> None:
    assert loaded_by(*arguments) == "[]\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_shows_more_options_than_one_reads(name: str) -> None:
    shown = [each for each in COMMANDS[name].params if each.param_type_name == "option" and not each.hidden]
    assert 2 <= len(shown) <= MOST_OPTIONS
    assert not [each.opts for each in shown if each.metavar is not None and each.metavar.startswith("<")]
