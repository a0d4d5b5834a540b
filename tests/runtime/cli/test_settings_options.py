"""Options and --set, made from the dataclass that has the settings, as a command sees them."""

import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

import pytest
import typer

from nst_runtime.cli.explain import explain, explain_json
from nst_runtime.cli.launch import launch
from nst_runtime.cli.settings_options import Given, with_settings
from nst_runtime.contracts.settings import Setting, apply, entries, to_sections
from nst_runtime.errors import NstError

Said = Callable[[Sequence[str]], tuple[int, list[tuple[str, Given]]]]


@dataclass(frozen=True)
class Pace:
    steps: Annotated[int, Setting("Steps in all.", minimum=1, paper="Srinath et al., sec. IV")] = 8000
    kind: Annotated[Literal["soap", "adam"], Setting("How to minimise.")] = "soap"
    falls: Annotated[bool, Setting("Let it fall.")] = True


@dataclass(frozen=True)
class Second:
    weights: Annotated[Path, Setting("Another file.")]
    share: Annotated[float, Setting("Its share.")] = 0.5


@dataclass(frozen=True)
class Whole:
    pace: Pace = field(default_factory=Pace)
    layers: Annotated[tuple[str, ...] | None, Setting("Layers.", usual="the network's own", section="losses")] = None
    weights: Annotated[Path | None, Setting("A file.", section="losses")] = None
    rate: Annotated[float, Setting("Rate.", 1e-6, 1, section="losses")] = 0.005
    second: Second | None = None


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """Run the program with arguments; return its exit code and what the command was given."""
    seen: list[tuple[str, Given]] = []
    module = ModuleType("program_of_a_test")
    app = typer.Typer(rich_markup_mode=None)

    @app.command("train")
    @with_settings(Whole, ("pace.steps", "pace.falls", "losses.layers"), listed="prog recipes --explain",
                   without={"losses.rate": "the optimizer finds its steps"})  # fmt: skip
    def train(name: Annotated[str, typer.Argument(metavar="NAME")], given: Given, fresh: bool = False) -> None:
        """Train."""
        seen.append((name, given))
        apply(Whole(), given)
        if given.get("losses") == {"layers": ["b"]}:
            raise NstError("`weights`, not `second.weights`")
        if fresh:
            raise NstError("`kind` and `steps` disagree", "change `kind`, or give another `name`")

    @app.callback()
    def nothing() -> None:
        """Be a program with commands."""

    module.app = app  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "program_of_a_test", module)

    def run(arguments: Sequence[str]) -> tuple[int, list[tuple[str, Given]]]:
        monkeypatch.setattr(sys, "argv", ["prog", *arguments])
        return launch("program_of_a_test", "prog", "train"), seen

    return run


def test_options_and_set_give_the_same_values(said: Said) -> None:
    code, seen = said(["train", "x", "--steps", "3", "--no-falls", "--layers", "a,b", "--set", "pace.kind=adam"])
    assert code == 0
    assert seen == [("x", {"pace": {"kind": "adam", "steps": 3, "falls": False}, "losses": {"layers": ["a", "b"]}})]
    settings = apply(Whole(), seen[0][1])
    assert settings == Whole(Pace(3, "adam", falls=False), ("a", "b"))


def test_an_option_for_a_list_may_be_repeated(said: Said) -> None:
    code, seen = said(["train", "x", "--layers", "a,b", "--layers", "c"])
    assert (code, seen) == (0, [("x", {"losses": {"layers": ["a", "b", "c"]}})])


def test_what_is_not_given_is_not_there(said: Said) -> None:
    assert said(["train", "x"]) == (0, [("x", {})])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--steps", "3", "--set", "pace.steps=3"], "error: --steps is given twice, the second time as pace.steps"),
        (["--set", "pace.kinds=adam"], "error: there is no setting pace.kinds\nhint: did you mean pace.kind?"),
        (["--set", "losses.rate=0.1"], "error: losses.rate would change nothing here: the optimizer finds its steps"),
        (["--layers", "b"], "error: losses.weights, not second.weights"),
        (["--set", "second.share=1"], "error: second.share says nothing without second.weights"),
        (["--fresh"], "error: pace.kind and --steps disagree\nhint: change pace.kind, or give another NAME"),
    ],
)
def test_errors_name_options_and_settings_as_people_give_them(
    said: Said, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(["train", "x", *arguments])[0] == 1
    assert capsys.readouterr().err.startswith(message)


def test_bounds_of_an_option_are_those_of_its_setting(said: Said, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(["train", "x", "--steps", "0"])[0] == 2
    assert "Invalid value for '--steps'" in capsys.readouterr().err


def test_help_has_meaning_and_default_and_names_where_all_settings_are(
    said: Said, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(["train", "--help"])[0] == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "--steps N Steps in all. [default: 8000] [x>=1]" in shown
    assert "Layers. [default: (the network's own)]" in shown
    assert "--set SECTION.NAME=VALUE Any other setting; prog recipes --explain lists them." in shown


def test_set_completes_settings(
    said: Said, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "_PROG_COMPLETE": "complete_bash",
        "COMP_WORDS": "prog train --set pa",
        "COMP_CWORD": "3",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        said([])
    assert capsys.readouterr().out.split() == ["pace.steps=", "pace.kind=", "pace.falls="]


def test_what_explain_prints_is_a_file_that_gives_the_same_settings() -> None:
    settings = Whole(Pace(5, "adam", falls=False), ("a",))
    text = explain(settings)
    assert apply(Whole(), tomllib.loads(text)) == settings
    assert "# Steps in all (whole number of at least 1; without it: 8000). Srinath et al., sec. IV.\nsteps = 5" in text
    assert "# weights =" in text


def test_explain_leaves_out_what_a_command_refuses() -> None:
    text = explain(Whole(), without=("pace.kind", "losses.layers", "losses.weights", "losses.rate"))
    assert list(tomllib.loads(text)) == ["pace", "second"]
    assert "kind" not in text


def test_explain_for_programs_has_every_setting() -> None:
    rows = explain_json(Whole())
    assert [row["key"] for row in rows] == [entry.key for entry in entries(Whole)]
    assert rows[0]["value"] == rows[0]["default"] == to_sections(Whole())["pace"]["steps"] == 8000
