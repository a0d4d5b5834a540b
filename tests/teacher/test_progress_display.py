"""What a person sees while pairs are made."""

import io

import pytest

from nst_runtime.contracts.pairs import Losses, Pair
from nst_teacher import progress_display as shown
from nst_teacher.generate import Iterated, PairReady, PhotoFailed

PAIR = Pair("a", "a.jpg", "0" * 64, "content/a.png", "0" * 64, "target/a.png", "0" * 64, 1, Losses(0.5, 0.25, 0.1, 0.1))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_lines_give_the_time_left_at_the_pace_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 10.0, 30.0])
    monkeypatch.setattr("nst_teacher.progress_display.time.monotonic", lambda: next(clock))
    stream = io.StringIO()
    with shown.progress_display(stream, 30) as display:
        display.show(PairReady(PAIR, reused=True))
        display.show(Iterated(3, 60, 1))
        display.show(PairReady(PAIR, reused=False))
        display.show(PhotoFailed("b.jpg", "b.jpg is empty"))
    assert stream.getvalue().splitlines() == [
        "1 of 30 pairs were there already",
        "[2/30] a.jpg: loss 0.5 -> 0.25 in 10.0 s, 5 min left",
        "[3/30] b.jpg: failed",
    ]


def test_on_a_terminal_a_bar_moves_with_the_iterations() -> None:
    stream = Terminal()
    with shown.progress_display(stream, 4) as display:
        assert isinstance(display, shown.Bar)
        task = display._progress.tasks[0]
        display.show(PairReady(PAIR, reused=True))
        assert task.completed == 1
        display.show(Iterated(30, 59, 2))
        assert task.completed == 2
        display.show(PhotoFailed("b.jpg", "b.jpg is empty"))
        assert task.completed == 2
    assert "2/4" in stream.getvalue()
