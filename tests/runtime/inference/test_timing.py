import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest

from nst_runtime import Stylizer
from nst_runtime.errors import ImageError
from nst_runtime.inference.templates import PartSession
from nst_runtime.inference.timing import Timing, median_ms, time_size, time_swap

SLOW_MS = {"encoder": 30, "bank": 200, "decoder": 90}
BUSY_MS = 50  # what a busy machine may add


def test_median_of_the_runs_after_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 9.0, 10.0, 10.001, 20.0, 20.003])  # start and end of three runs: 9000, 1 and 3 ms
    monkeypatch.setattr(time, "perf_counter", lambda: next(ticks))
    calls = itertools.count()
    assert median_ms(lambda: next(calls), 3) == pytest.approx(3)
    assert next(calls) == 4


@pytest.fixture
def slow(stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch) -> Timing:
    """The timing of a network whose parts take SLOW_MS longer."""

    def slow_down(part: PartSession, milliseconds: float) -> None:
        run: Callable[..., Any] = part.session.run

        def run_slowly(*arguments: object) -> object:
            time.sleep(milliseconds / 1000)
            return run(*arguments)

        monkeypatch.setattr(part.session, "run", run_slowly)

    slow_down(stylizer.network.encoder, SLOW_MS["encoder"])
    slow_down(stylizer.network.bank("plain"), SLOW_MS["bank"])
    slow_down(stylizer.network.decoder, SLOW_MS["decoder"])
    return time_size(stylizer, "plain", 203, 101, repeats=3)


def test_a_slow_part_shows_up_in_its_own_column(slow: Timing) -> None:
    assert (slow.width, slow.height) == (203, 101)
    for part, milliseconds in SLOW_MS.items():
        assert milliseconds <= getattr(slow, f"{part}_ms") <= milliseconds + BUSY_MS


def test_timings_add_up(slow: Timing) -> None:
    parts = slow.encoder_ms + slow.bank_ms + slow.decoder_ms
    assert parts == pytest.approx(slow.end_to_end_ms, abs=BUSY_MS)


def test_the_decoder_s_time_is_that_of_all_strips(stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[int] = []
    run = stylizer.network.decoder.session.run

    def count(feeds: Any, outputs: Any) -> Any:  # noqa: ANN401
        rows.append(next(iter(feeds.values())).shape[2])
        return run(feeds, outputs)

    monkeypatch.setattr(stylizer.network.decoder.session, "run", count)
    time_size(stylizer, "plain", 2048, 1024, repeats=1)
    assert len(rows) == 4 * 4  # two runs for each of the columns decoder and end to end
    assert sum(rows) >= 4 * 1024 // stylizer.pack.manifest.codec.painted.scale_px


def test_a_swap_reads_the_style_again(stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    def open_slowly(look: object) -> None:
        opened.append(look)
        time.sleep(0.03)

    monkeypatch.setattr(stylizer.network, "open_bank", open_slowly)
    assert time_swap(stylizer, "swapped", repeats=2) >= 30
    assert opened == ["swapped"] * 3


def test_too_small(stylizer: Stylizer) -> None:
    with pytest.raises(ImageError, match="8×8 pixels is too small"):
        time_size(stylizer, "plain", 8, 8, repeats=1)
