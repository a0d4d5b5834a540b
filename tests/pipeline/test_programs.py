"""What all programs have in common."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from nst_runtime import __version__

CLI = {
    "nst-runtime": "nst_runtime.cli.app",
    "nst-features": "nst_features.cli.app",
    "nst-teacher": "nst_teacher.cli.app",
    "nst-student": "nst_student.cli.app",
    "nst-export": "nst_export.cli.app",
}
PROGRAMS = list(CLI)
MOST_OPTIONS = 12
SLOW_TO_LOAD = ("torch", "torchvision", "onnx", "onnxruntime", "matplotlib", "tensorboard", "ray", "numpy", "rich")


def run(program: str, *commands: list[str], needs_no: tuple[str, ...] = ("torch",)) -> subprocess.CompletedProcess[str]:
    """Run `program` with the arguments of each of `commands`, in one process; it exits with what it should not load."""
    package = program.replace("-", "_")
    code = (
        f"import sys, {package}\n"
        f"for words in {list(commands)!r}:\n    sys.argv = [{program!r}, *words]\n    code = {package}.main()\n"
        f"sys.exit(','.join(name for name in {needs_no!r} if name in sys.modules) or code)"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def commands(program: str) -> Iterator[tuple[str, Any]]:
    """Yield each command of `program` by the words that call it."""

    def below(words: str, group: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 (typer's, with a home by version)
        for verb, command in getattr(group, "commands", {}).items():
            yield f"{words} {verb}".strip(), command
            yield from below(f"{words} {verb}".strip(), command)

    yield from below("", typer.main.get_command(importlib.import_module(CLI[program]).app))


@pytest.mark.parametrize("program", PROGRAMS)
def test_version(program: str) -> None:
    """At once, without torch."""
    done = run(program, ["--version"], needs_no=(*SLOW_TO_LOAD, "typer"))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{program} {__version__}\n", "")


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_of_every_command_loads_nothing_slow(program: str) -> None:
    every = [[*words.split(), "--help"] for words, _ in commands(program)]
    done = run(program, ["--help"], *every, needs_no=SLOW_TO_LOAD)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Usage: ") == len(every) + 1


@pytest.mark.parametrize(("program", "words"), [("nst-teacher", ["presets"]), ("nst-student", ["recipes"])])
def test_lists_of_settings_load_nothing_slow(program: str, words: list[str]) -> None:
    done = run(program, words, [*words, "--explain"], needs_no=SLOW_TO_LOAD[:-2])
    assert (done.returncode, done.stderr) == (0, "")
    assert "[losses]" in done.stdout


@pytest.mark.parametrize("program", [name for name in PROGRAMS if name != "nst-runtime"])
def test_a_command_shows_the_options_that_matter_only(program: str) -> None:
    """All that nst-runtime has are shown: people use them every day, and they stand in groups."""
    shown = {
        words: len([each for each in command.params if each.param_type_name == "option" and not each.hidden])
        for words, command in commands(program)
    }
    assert {words: count for words, count in shown.items() if count > MOST_OPTIONS} == {}


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_is_plain_text_with_an_example(program: str) -> None:
    for words, command in commands(program):
        told = f"{command.help}{command.epilog}"
        assert "nst-" in told or hasattr(command, "commands"), words
        assert all(each.help for each in command.params if not each.hidden and each.name != "help"), words


@pytest.mark.parametrize("program", PROGRAMS)
def test_shells_can_complete(program: str) -> None:
    verb = next(words for words, command in commands(program) if not hasattr(command, "commands"))
    name = f"_{program.replace('-', '_').upper()}_COMPLETE"
    asked = {name: "complete_bash", "COMP_WORDS": f"{program} {verb[:3]}", "COMP_CWORD": "1"}
    package = program.replace("-", "_")
    code = f"import sys, {package}; sys.argv = [{program!r}]; sys.exit({package}.main())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, **asked}
    )
    assert verb in done.stdout.split()
