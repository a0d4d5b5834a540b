"""What a person sees of a training: where it goes on, how far it is, where Ctrl-C stopped it."""

import io
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from nst_student.cli import progress
from nst_student.cli.progress import show
from nst_student.training.loop import Report
from nst_student.training.session import Interrupted, Progress, run_session

from .conftest import COMMAND, ENVIRONMENT
from .test_cli import CROPS, sets
from .test_loop import STEPS, hear_ctrl_c, kept_step, make_loop, run  # noqa: F401 (a fixture)

OPTIONS = ("--mode", "reconstruct", *CROPS, *sets(training={"sample_every": 0}))


class Terminal(io.StringIO):
    """What a terminal gets."""

    def isatty(self) -> bool:
        """Tell rich that a person watches."""
        return True


def session(
    folder: Path, *, fresh: bool = False, in_step: Callable[[int], None] = lambda number: None
) -> Iterator[Progress]:
    loop = make_loop(folder, in_step=in_step)
    return run_session(folder, loop, sample_every=0, write_sample=lambda path: None, fresh=fresh)


def press_at(step: int) -> Callable[[int], None]:
    return lambda number: signal.raise_signal(signal.SIGINT) if number == step - 1 else None


def reports(*steps: int, resumed_at: int = 0, terms: int = 1, pictures: int = 0) -> Iterator[Progress]:
    more = {f"term{i}": 0.5 for i in range(1, terms)}
    for step in steps:
        yield Progress(Report(step, {"loss": 1 / step, **more}), 8000, resumed_at, pictures)


def test_a_training_that_goes_on_says_so_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, make_loop(tmp_path), stop_after=6)
    show(session(tmp_path), "bank")
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["note: training bank", "note: goes on at step 6"]
    assert re.fullmatch(r"bank: step 12/12  loss \d+\.\d{3}  number 10\.500  0 s left", lines[2])
    show(session(tmp_path), "bank")
    assert capsys.readouterr().err.splitlines()[1:] == [f"note: all {STEPS} steps were done before"]
    show(session(tmp_path, fresh=True), "bank")
    assert "note: goes" not in capsys.readouterr().err


def test_a_training_without_a_state_says_that_it_begins_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, make_loop(tmp_path), stop_after=2, kill=True)
    show(session(tmp_path), "bank")
    told = capsys.readouterr().err.splitlines()
    assert told[1] == "note: begins again at step 0: the training before was stopped before it had a state"


@pytest.mark.parametrize("fresh", [False, True])
def test_ctrl_c_says_how_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str], fresh: bool) -> None:
    """The same command with --fresh would begin again."""
    with pytest.raises(typer.Exit) as stop:
        show(session(tmp_path, in_step=press_at(7), fresh=fresh), "bank")
    assert stop.value.exit_code == 130
    command = "the same command without --fresh" if fresh else "the same command"
    assert capsys.readouterr().err.splitlines()[-1] == f"interrupted at step 7 of 12; {command} goes on from there"


def test_ctrl_c_while_a_report_is_shown_keeps_its_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(seconds: float) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(progress, "LINE_EVERY_S", 0.0)
    monkeypatch.setattr(progress, "_clock", press)
    with pytest.raises(typer.Exit):
        show(session(tmp_path), "bank")
    assert "interrupted at step 2 of 12; the same command goes on from there\n" in capsys.readouterr().err
    assert kept_step(tmp_path) == 2


def test_ctrl_c_where_nothing_is_kept_promises_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def plain() -> Iterator[Progress]:
        yield from reports(1)
        raise KeyboardInterrupt

    def early() -> Iterator[Progress]:
        yield from reports(1)
        raise Interrupted(0, 8000, fresh=False)

    with pytest.raises(KeyboardInterrupt):
        show(plain(), "adam")
    assert "interrupted" not in capsys.readouterr().err
    with pytest.raises(typer.Exit):
        show(early(), "adam")
    assert "interrupted before the first step was done; the same command begins again\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pictures", "seen"), [(0, ("", "")), (12, ("2.4 pictures a second  ", "60 pictures a second  "))]
)
def test_lines_come_every_ten_seconds_with_the_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, pictures: int, seen: tuple[str, str]
) -> None:
    """From the first report on: what comes before, such as reading photographs, is not a step's time."""
    clock = iter([0.0, 0.0, *[at for second in (100.0, 104.0, 112.0) for at in (second, second)]])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    show(reports(20, 40, 80, pictures=pictures), "codec")
    assert capsys.readouterr().err.splitlines()[1:] == [
        f"codec: step 20/8000  loss 0.050  {seen[0]}665 min 00 s left",
        f"codec: step 80/8000  loss 0.013  {seen[1]}26 min 24 s left",
    ]


@pytest.mark.parametrize(("terms", "shown"), [(8, True), (9, False)])
def test_many_terms_are_left_out_but_the_loss(capsys: pytest.CaptureFixture[str], terms: int, shown: bool) -> None:
    show(reports(8000, terms=terms), "codec")
    told = capsys.readouterr().err
    assert "loss 0.000" in told
    assert ("term1 0.500" in told) == shown


def test_a_terminal_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    show(reports(20, 4000, 8000, terms=8), "codec (reconstruct)")
    told = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    assert told.startswith("note: training codec (reconstruct)\n")
    assert "━" in told
    last = told.split("\r")[-1].split("\n")[-2]
    assert "codec (reconstruct)" in last and "8000/8000" in last and "0 s left" in last and "loss 0.000" in last
    assert "): step" not in told


def test_a_command_interrupted_by_the_person_goes_on(photos: Path, tmp_path: Path) -> None:
    """Well before the hundredth step."""
    arguments = ("train-codec", "--content", photos, "--steps", 4000, *OPTIONS)
    state = tmp_path / "workspace/codec/state.pt"
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)], cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    ) as process:
        log = tmp_path / "workspace/codec/log.jsonl"
        ends_by = time.monotonic() + 60
        while not (log.exists() and log.read_text()) and time.monotonic() < ends_by:
            time.sleep(0.02)
        assert not state.exists()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    found = re.search(r"^interrupted at step (\d+) of 4000; the same command goes on from there$", told, re.MULTILINE)
    assert found is not None, told
    assert 20 <= int(found[1]) < 100
    assert kept_step(state.parent) == int(found[1])
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)], cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "note: 4000 steps; the time left is shown after the first ones\n"
        assert process.stderr.readline() == "note: loading torch\n"
        assert process.stderr.readline() == "note: training codec (reconstruct)\n"
        assert process.stderr.readline() == f"note: goes on at step {found[1]}\n"
        process.kill()
