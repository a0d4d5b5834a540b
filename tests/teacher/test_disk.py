"""Threads that read and write: in order, errors where they belong, nothing half-written."""

import os
import threading
import time
from pathlib import Path

import pytest

from nst_runtime.errors import NstError
from nst_runtime.pictures.write import write_picture
from nst_teacher.engine.engine import Outcome
from nst_teacher.pairs.batches import Loaded
from nst_teacher.pairs.disk import PairWriter, map_ahead
from nst_teacher.pairs.pair_folder import PairFolder
from nst_teacher.pictures.photos import identify

from .conftest import draw_photo


@pytest.fixture
def loaded(tmp_path: Path) -> list[Loaded]:
    found = []
    for number in range(12):
        path = tmp_path / f"{number}.png"
        write_picture(path, draw_photo(number, 32, 32))
        found.append(Loaded(identify(path, 0), draw_photo(number, 32, 32)))
    return found


def outcome(one: Loaded) -> Outcome:
    return Outcome(one.pixels[::-1].copy(), 2.0, 1.0, 0.25, 0.5, finite=True)


def test_pairs_appear_in_the_order_they_were_given(loaded: list[Loaded], tmp_path: Path) -> None:
    folder = PairFolder(tmp_path / "pairs", {"a": 1})
    with PairWriter(folder) as writer:
        for one in loaded:
            writer.save(one, outcome(one))
        first = [pair.id for _, pair in writer.finished(leave=8)]
        assert len(first) >= 4
        rest = [pair.id for _, pair in writer.finished(leave=0)]
    assert first + rest == [one.photo.id for one in loaded]
    assert all(folder.find(one.photo) is not None for one in loaded)


def test_a_folder_that_cannot_be_written_is_one_line(loaded: list[Loaded], tmp_path: Path) -> None:
    (tmp_path / "pairs").write_text("a file")
    with PairWriter(PairFolder(tmp_path / "pairs", {})) as writer:
        writer.save(loaded[0], outcome(loaded[0]))
        with pytest.raises(NstError, match=r"cannot write .*pairs"):
            list(writer.finished(leave=0))


def test_leaving_early_ends_what_has_begun_and_drops_the_rest(
    loaded: list[Loaded], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_disk, go_on, flush = threading.Semaphore(0), threading.Event(), os.fsync

    def wait(handle: int) -> None:
        at_disk.release()
        go_on.wait(10)
        flush(handle)

    monkeypatch.setattr(os, "fsync", wait)
    with pytest.raises(KeyboardInterrupt), PairWriter(PairFolder(tmp_path / "pairs", {})) as writer:
        for one in loaded:
            writer.save(one, outcome(one))
        at_disk.acquire()
        threading.Timer(0.2, go_on.set).start()
        raise KeyboardInterrupt
    records = list((tmp_path / "pairs/records").glob("*.json"))
    assert 1 <= len(records) < 12
    assert len(list((tmp_path / "pairs/target").iterdir())) == len(records)
    assert not list((tmp_path / "pairs").rglob("*.tmp"))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("nst-write")]


def test_results_keep_their_order_though_the_first_are_the_slowest() -> None:
    def slow(number: int) -> int:
        time.sleep(0.02 if number < 2 else 0)
        return number * number

    assert list(map_ahead(slow, range(10), ahead=4)) == [number * number for number in range(10)]


def test_no_more_than_asked_for_are_read_ahead() -> None:
    begun: list[int] = []
    results = map_ahead(begun.append, range(50), ahead=5, threads=2)
    for taken in range(1, 11):
        next(results)
        assert len(begun) <= taken + 5
    results.close()  # type: ignore[attr-defined]
    assert len(begun) <= 16


def test_an_error_comes_in_its_turn() -> None:
    def divide(number: int) -> float:
        return 1 / number

    results = map_ahead(divide, [2, 1, 0, 4], ahead=3)
    assert [next(results), next(results)] == [0.5, 1.0]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_when_nobody_takes_any_more_the_threads_end() -> None:
    results = map_ahead(str, range(100), ahead=8)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("nst-read")]
