"""What is measured of an optimisation: its own time, and losses that compare."""

import time

import pytest
import torch

from nst_teacher.engine.engine import Engine
from nst_teacher.figures.observation import LOGGED, Reading, Trial, logged, watch
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import Plan

from .conftest import draw_photo, draw_style


def test_some_two_hundred_iterations_are_logged() -> None:
    assert logged(5) == {0, 1, 2, 3, 4, 5}
    assert logged(LOGGED) == set(range(LOGGED + 1))
    many = logged(1900, (300, 301))
    assert {0, 10, 300, 301, 1890, 1900} <= many
    assert len(many) == 192


def test_time_is_the_optimisations_alone() -> None:
    method = Method(network="random", plan=Plan("adam", 4), style_size_px=32, style_weight=4.0)
    trial = Trial("one", method, draw_photo(0, 32, 32), draw_style(32, 32), 0, snapshots=(2,))
    events = watch(Engine(method, trial.style, torch.device("cpu")), trial)
    begun, idle = time.perf_counter(), 0.0
    while True:
        try:
            next(events)
        except StopIteration as end:
            found = end.value
            break
        time.sleep(0.1)
        idle += 0.1
    assert found.readings[-1].seconds <= time.perf_counter() - begun - idle
    assert [reading.iteration for reading in found.readings] == [0, 1, 2, 3, 4]
    assert list(found.snapshots) == [2]
    last: Reading = found.at(4)
    parts = 4 * last.style + 0.01 * last.content + 0.03 * last.variation
    assert last.total == pytest.approx(parts, rel=1e-5)
