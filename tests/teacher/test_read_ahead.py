"""Threads that read: in order, not too far ahead, and quiet when nobody listens."""

import threading
import time

import pytest

from nst_teacher.pairs.read_ahead import map_ahead


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
