"""Every command shows few options, and help and lists are there at once: they load neither torch nor numpy."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from nst_teacher.cli.app import app

MOST = 12
HEAVY = ("torch", "torchvision", "numpy", "PIL", "matplotlib", "ray")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
PROGRAM = """
import sys, nst_teacher
code = nst_teacher.main()
print(code, *(name for name in {heavy} if name in sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_shows_at_most_twelve_options(name: str) -> None:
    options = [
        option.name
        for option in COMMANDS[name].params
        if option.param_type_name == "option" and option.name != "help" and not option.hidden
    ]
    assert len(options) <= MOST, options
    assert name == "presets" or {"preset", "network", "weights", "device", "set_"} <= set(options)


@pytest.mark.parametrize("name", COMMANDS)
def test_options_are_called_as_settings_are(name: str) -> None:
    for parameter in COMMANDS[name].params:
        if parameter.param_type_name == "option" and parameter.name not in ("set_", "as_json", "explained"):
            assert parameter.opts == [f"--{parameter.name.replace('_', '-')}"]
            assert not (parameter.metavar or "").startswith("<")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",), *((name, "--help") for name in COMMANDS), ("presets",), ("presets", "--explain", "mak2021"),
        ("presets", "--json"), ("stylize", "a.jpg", "b.jpg", "c.png", "--set", "losses.content_wait=1"),
    ],
)  # fmt: skip
def test_help_and_lists_load_nothing_heavy(arguments: tuple[str, ...]) -> None:
    program = [sys.executable, "-c", PROGRAM.format(heavy=HEAVY), *arguments]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    code = "1" if arguments[0] == "stylize" and "--set" in arguments else "0"
    assert done.stderr.splitlines()[-1] == code, done.stderr


def test_the_first_words_come_before_torch(tmp_path: Path) -> None:
    """What is said first, and what is wrong with the pictures only after it."""
    arguments = ["stylize", f"{tmp_path}/a.jpg", f"{tmp_path}/b.jpg", f"{tmp_path}/c.png", "--network", "random"]
    program = [sys.executable, "-c", PROGRAM.format(heavy=()), *arguments]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    lines = done.stderr.splitlines()
    assert (lines[0], lines[1].startswith("error: no picture at"), lines[-1]) == ("note: loading torch", True, "1")
