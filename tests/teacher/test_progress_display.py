"""What a person sees while pairs are made."""

import io
import re

import pytest

from nst_runtime.contracts.pairs import Losses, Pair
from nst_teacher.cli import progress_display as shown
from nst_teacher.pairs.job import BatchHalved, Event, Iterated, PairReady, PhotoFailed, Started

PAIR = Pair("a", "a.jpg", "0" * 64, "content/a.png", "0" * 64, "target/a.png", "0" * 64, 1, Losses(0.5, 0.25, 0.1, 0.1))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_lines_give_the_time_left_at_the_pace_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 10.0, 30.0])
    monkeypatch.setattr("nst_teacher.cli.progress_display.time.monotonic", lambda: next(clock))
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


@pytest.mark.parametrize(
    ("events", "done"),
    [
        ([], "0/4"),
        ([PairReady(PAIR, reused=True)], "1/4"),
        ([PairReady(PAIR, reused=True), Iterated(29, 59, 2)], "1/4"),  # 29/60 of two pictures
        ([PairReady(PAIR, reused=True), Iterated(30, 59, 2)], "2/4"),
        ([PairReady(PAIR, reused=True), Iterated(30, 59, 2), PhotoFailed("b.jpg", "b.jpg is empty")], "2/4"),
        ([Started(8), PairReady(PAIR, reused=False)], "1/8"),
    ],
)
def test_on_a_terminal_a_bar_moves_with_the_iterations(events: list[Event], done: str) -> None:
    stream = Terminal()
    with shown.progress_display(stream, 4) as display:
        for event in events:
            display.show(event)
    assert re.findall(r"\d+/\d+", stream.getvalue())[-1] == done


def test_on_a_terminal_a_smaller_batch_is_a_line_above_the_bar() -> None:
    stream = Terminal()
    with shown.progress_display(stream, 4) as display:
        display.show(BatchHalved(8, 4))
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    assert "not enough memory for 8 pictures at once: going on with 4\n" in plain
