import sys
import types
from collections.abc import Callable

import pytest
import typer

from nst_runtime.cli.launch import launch, printable
from nst_runtime.errors import NstError, PackError

Launch = Callable[..., tuple[int, str, str]]


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Launch:
    """Launch a program with one command, `go --count N`, that calls `act`; return exit code, stdout and stderr."""

    def call(act: Callable[[], object], *arguments: str) -> tuple[int, str, str]:
        app = typer.Typer(add_completion=False)

        @app.command()
        def go(count: int = 1) -> None:
            typer.echo(count)
            act()

        @app.callback()
        def main() -> None:
            """Have subcommands."""

        module = types.ModuleType("nst_test_cli")
        module.app = app  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "nst_test_cli", module)
        monkeypatch.setattr(sys, "argv", ["nst-test", *(arguments or ("go",))])
        code = launch("nst_test_cli", "nst-test", "train")
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


def throw(error: BaseException) -> Callable[[], object]:
    def act() -> object:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (NstError("no such thing; use that"), 1, "nst-test: no such thing; use that"),
        (PackError("two\nlines\x1b[31m"), 1, r"nst-test: two\nlines\x1b[31m"),
        (KeyboardInterrupt(), 130, "nst-test: interrupted"),
        (typer.Abort(), 130, "nst-test: interrupted"),
        (MemoryError(), 1, "nst-test: not enough memory; use smaller pictures or fewer at once"),
        (
            ModuleNotFoundError("No module named 'torch'", name="torch"),
            1,
            "nst-test: needs the 'train' extra: pip install 'nst-stylebank[train]' (no module torch)",
        ),
        (
            ModuleNotFoundError("No module named 'onnxruntime'", name="onnxruntime"),
            1,
            "nst-test: needs the 'cpu' extra: pip install 'nst-stylebank[cpu]' (no module onnxruntime)",
        ),
        (
            ModuleNotFoundError("No module named 'nst_lost'", name="nst_lost"),
            1,
            "nst-test: ModuleNotFoundError: No module named 'nst_lost' (this is a fault in the program: "
            "run again with NST_TRACEBACK=1 and report it)",
        ),
        (
            RuntimeError("strange"),
            1,
            "nst-test: RuntimeError: strange (this is a fault in the program: run again with NST_TRACEBACK=1 "
            "and report it)",
        ),
        (PermissionError(13, "Permission denied", "a/b.png"), 1, "nst-test: cannot open a/b.png: Permission denied"),
        (OSError(36, "File name too long", "a" * 9), 1, "nst-test: cannot open aaaaaaaaa: File name too long"),
        (
            FileNotFoundError(2, "No such file or directory", "lost.txt"),
            1,
            "nst-test: FileNotFoundError: [Errno 2] No such file or directory: 'lost.txt' (this is a fault in the "
            "program: run again with NST_TRACEBACK=1 and report it)",
        ),
    ],
)
def test_every_end_is_one_line(launched: Launch, error: BaseException, code: int, line: str) -> None:
    assert launched(throw(error)) == (code, "1\n", f"{line}\n")


def test_good_ends(launched: Launch) -> None:
    assert launched(lambda: None, "go", "--count", "3") == (0, "3\n", "")
    assert launched(throw(typer.Exit(7))) == (7, "1\n", "")


@pytest.mark.parametrize(
    ("arguments", "start", "end"),
    [
        (("go", "--count", "x"), "nst-test: Invalid value for '--count'", "; see nst-test go --help\n"),
        (("go", "--speed", "1"), "nst-test: No such option", "; see nst-test go --help\n"),
        (("go", "more"), "nst-test: Got unexpected extra argument", "; see nst-test go --help\n"),
        (("gone",), "nst-test: No such command 'gone'", "; see nst-test --help\n"),
    ],
)
def test_wrong_usage(launched: Launch, arguments: tuple[str, ...], start: str, end: str) -> None:
    code, out, err = launched(lambda: None, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(start)
    assert err.endswith(end)
    assert err.count("\n") == 1


def test_traceback_on_request(launched: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_TRACEBACK", "1")
    with pytest.raises(RuntimeError, match="strange"):
        launched(throw(RuntimeError("strange")))


def test_a_missing_library_of_the_program_itself(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    monkeypatch.setattr(sys, "argv", ["nst-test"])
    assert launch("onnxscript", "nst-test", "train") == 1
    assert capfd.readouterr().err.count("\n") == 1


def test_printable() -> None:
    assert printable("Große Welle × 2") == "Große Welle × 2"
    assert printable("a\tb\x9b\udcff\u202e") == r"a\tb\x9b\udcff\u202e"
