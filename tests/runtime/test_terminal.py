import sys
import types
from collections.abc import Callable
from typing import Annotated

import pytest
import typer

from nst_runtime.cli.launch import launch, printable
from nst_runtime.cli.option_names import name_options
from nst_runtime.errors import NstError, PackError

Launch = Callable[..., tuple[int, str, str]]


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Launch:
    """Launch a program whose commands, `go` and `group deep`, call `act`; return exit code, stdout and stderr."""

    def call(act: Callable[[], object], *arguments: str) -> tuple[int, str, str]:
        app = typer.Typer(add_completion=False)

        @app.command()
        def go(
            place: Annotated[str, typer.Argument()] = ".",
            count: int = 1,
            max_px: Annotated[int, typer.Option("-l", "--largest", "--most")] = 9,
        ) -> None:
            typer.echo(count)
            act()

        group = typer.Typer()
        app.add_typer(group, name="group")

        @group.callback()
        def outer(loud: bool = False) -> None:
            """Have subcommands."""

        @group.command()
        def deep(depth: int = 1) -> None:
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


FAULT = "hint: run again with NST_TRACEBACK=1 and report what it shows\n"


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (NstError("no such thing", "use that"), 1, "error: no such thing\nhint: use that\n"),
        (NstError("no such thing"), 1, "error: no such thing\n"),
        (PackError("two\nlines\x1b[31m", "more\n"), 1, "error: two\\nlines\\x1b[31m\nhint: more\\n\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (typer.Abort(), 130, "interrupted\n"),
        (MemoryError(), 1, "error: not enough memory\nhint: use smaller pictures, or fewer at once\n"),
        (
            ModuleNotFoundError("No module named 'torch'", name="torch"),
            1,
            "error: nst-test needs the 'train' extra (no module torch)\nhint: pip install 'nst-stylebank[train]'\n",
        ),
        (
            ModuleNotFoundError("No module named 'onnxruntime'", name="onnxruntime"),
            1,
            "error: nst-test needs the 'cpu' extra (no module onnxruntime)\nhint: pip install 'nst-stylebank[cpu]'\n",
        ),
        (
            ModuleNotFoundError("No module named 'onnx'", name="onnx"),
            1,
            "error: nst-test needs the 'mobile' extra (no module onnx)\nhint: pip install 'nst-stylebank[mobile]'\n",
        ),
        (
            ModuleNotFoundError("No module named 'nst_lost'", name="nst_lost"),
            1,
            f"error: ModuleNotFoundError: No module named 'nst_lost' (a fault in the program)\n{FAULT}",
        ),
        (RuntimeError("strange"), 1, f"error: RuntimeError: strange (a fault in the program)\n{FAULT}"),
        (
            PermissionError(13, "Permission denied", "a/b.png"),
            1,
            "error: cannot open a/b.png: Permission denied\nhint: check the path and who may open it\n",
        ),
        (
            OSError(36, "File name too long", "a" * 9),
            1,
            "error: cannot open aaaaaaaaa: File name too long\nhint: check the path and who may open it\n",
        ),
        (
            FileNotFoundError(2, "No such file or directory", "lost.txt"),
            1,
            "error: FileNotFoundError: [Errno 2] No such file or directory: 'lost.txt' (a fault in the program)\n"
            f"{FAULT}",
        ),
    ],
)
def test_every_end_is_an_error_and_a_hint(launched: Launch, error: BaseException, code: int, lines: str) -> None:
    assert launched(throw(error)) == (code, "1\n", lines)


def test_good_ends(launched: Launch) -> None:
    assert launched(lambda: None, "go", "--count", "3") == (0, "3\n", "")
    assert launched(throw(typer.Exit(7))) == (7, "1\n", "")


@pytest.mark.parametrize(
    ("arguments", "start", "hint"),
    [
        (("go", "--count", "x"), "error: Invalid value for '--count'", "hint: see nst-test go --help"),
        (("go", "--speed", "1"), "error: No such option", "hint: see nst-test go --help"),
        (("go", "here", "more"), "error: Got unexpected extra argument", "hint: see nst-test go --help"),
        (("gone",), "error: No such command 'gone'", "hint: see nst-test --help"),
        (("group", "deep", "more"), "error: Got unexpected extra argument", "hint: see nst-test group deep --help"),
    ],
)
def test_wrong_usage(launched: Launch, arguments: tuple[str, ...], start: str, hint: str) -> None:
    code, out, err = launched(lambda: None, *arguments)
    assert (code, out) == (2, "")
    first, *rest = err.splitlines()
    assert first.startswith(start)
    assert rest == [hint]


@pytest.mark.parametrize(
    ("arguments", "text", "named"),
    [
        (("go",), "lower `count` or `max_px`", "lower --count or --largest"),
        (("go",), "`place` and `depth` are no options of this; `a b` is no name", "place and depth are no options of "
         "this; `a b` is no name"),
        (("group", "deep"), "raise `depth` above 2, not `count`", "raise --depth above 2, not count"),
        (("group", "--loud", "deep"), "leave out `loud`", "leave out --loud"),
    ],
)  # fmt: skip
def test_settings_are_named_as_the_commands_options(
    launched: Launch, arguments: tuple[str, ...], text: str, named: str
) -> None:
    code, _, err = launched(throw(NstError(text, text)), *arguments)
    assert (code, err) == (1, f"error: {named}\nhint: {named}\n")


def test_an_errors_settings_are_named_while_the_command_runs(launched: Launch) -> None:
    assert launched(lambda: typer.echo(name_options("`max_px`")))[1] == "1\n--largest\n"
    assert name_options("`nothing_runs`") == "nothing_runs"


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
    assert capfd.readouterr().err.splitlines() == [
        "error: nst-test needs the 'train' extra (no module onnxscript)",
        "hint: pip install 'nst-stylebank[train]'",
    ]


def test_printable() -> None:
    assert printable("Große Welle × 2") == "Große Welle × 2"
    assert printable("a\tb\x9b\udcff\u202e") == r"a\tb\x9b\udcff\u202e"
