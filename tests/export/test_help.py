"""The help of ``nst-export``: short, at once, and without what computes."""

import subprocess
import sys

import pytest
import typer

from nst_export.cli import app

MOST_OPTIONS = 12


@pytest.mark.parametrize("arguments", [["--help"], ["pack", "--help"], ["verify", "--help"]], ids=" ".join)
def test_help_loads_nothing_that_computes(arguments: list[str]) -> None:
    code = "import sys, nst_export; sys.argv = ['nst-export', *sys.argv[1:]]; code = nst_export.main()"
    code += "; print(sorted({'torch', 'onnx', 'onnxruntime', 'numpy'} & sys.modules.keys()), file=sys.stderr)"
    code += "; sys.exit(code)"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")
    assert done.stdout.startswith("Usage: nst-export")


def test_no_command_shows_more_options_than_one_reads() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert set(commands) == {"pack", "verify"}
    for name, command in commands.items():
        shown = [each for each in command.params if each.param_type_name == "option" and not each.hidden]
        assert 2 <= len(shown) <= MOST_OPTIONS, name
