"""The program as a whole: usage, help, and results that nobody takes."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from nst_runtime import __version__
from nst_runtime.cli.app import app

from ..running import Run, check_refusal, clean_environment


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("stylize",), "Missing argument 'IN'; see nst-runtime stylize --help"),
        (("stylize", "a.jpg"), "Missing argument 'IN'"),
        (("stylize", "a.jpg", "b.jpg"), "Missing option '--style'"),
        (("stylize", "a", "b", "--style", "x", "--threads", "0"), "Invalid value for '--threads'"),
        (("stylize", "a", "b", "--style", "x", "--max-pixels", "many"), "Invalid value for '--max-pixels'"),
        (("stylize", "a", "b", "--style", "x", "--device", "gpu"), "'gpu' is not one of 'auto', 'cpu', 'cuda'"),
        (("stylize", "a", "b", "--style", "x", "-0", "--json"), "it does not go with --json"),
        (("bench", "--size", "12x"), "'12x' is not a size; write 512 or 1920x1080"),
        (("paint",), "No such command 'paint'"),
        (("styles", "--jsn"), "No such option"),
        (("styles", "paint"), "No such command 'paint'; see nst-runtime styles --help"),
        (("styles", "show"), "Missing argument 'NAME'; see nst-runtime styles show --help"),
    ],
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...], message: str) -> None:
    assert message in check_refusal(run(*arguments), code=2)


def test_help_and_version(run: Run) -> None:
    version = run("--version")
    assert (version.code, version.out, version.err) == (0, f"nst-runtime {__version__}\n", "")
    nothing = run()
    assert (nothing.code, nothing.out) == (2, "")
    assert "Commands:" in nothing.err


COMMANDS = ("stylize", "styles list", "styles show", "styles preview", "styles add", "styles remove", "info", "bench")


@pytest.mark.parametrize("command", COMMANDS)
def test_options_are_few_or_in_groups_and_the_example_is_right(run: Run, command: str) -> None:
    words = command.split()
    text = run(*words, "--help").out
    found: Any = typer.main.get_command(app)  # typer's classes have other homes in other versions
    for word in words:
        found = found.commands[word]
    shown = [parameter for parameter in found.params if parameter.param_type_name == "option" and not parameter.hidden]
    in_groups = all(f"\n{group}:\n" in text for group in ("Look", "Files", "Machine"))
    assert len([option for option in shown if option.name != "help"]) <= (25 if in_groups else 10)
    example = next(line for line in text.splitlines() if line.strip().startswith(f"nst-runtime {command}"))
    arguments = example.split("<")[0].split()[1 + len(words) :]
    assert found.make_context(command, arguments).params  # typer reads it without a complaint


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_left(fake_pack: Path, unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "nst_runtime", "styles", "--pack", str(fake_pack)]
    environment = clean_environment(PYTHONUNBUFFERED=unbuffered)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False, env=environment)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_results_that_cannot_be_printed(fake_pack: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "nst_runtime", "styles", "--pack", str(fake_pack)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "error: cannot write the results: No space left on device\nhint: free some space, or send them elsewhere\n",
    )
