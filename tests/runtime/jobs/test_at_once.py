"""Several pictures at once: in order, the same to the bit, and not more in memory than that."""

import os
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from nst_runtime import Stylizer
from nst_runtime.errors import ImageError, NstError
from nst_runtime.jobs import inputs
from nst_runtime.jobs import run as running
from nst_runtime.jobs.keeping import Keeping
from nst_runtime.jobs.plan import Job, Plan, plan
from nst_runtime.jobs.run import stylize_all
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

Pixels = npt.NDArray[np.uint8]
COUNT = 12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve pictures; the fifth is too small, the eighth is not a picture."""
    random = np.random.default_rng(3)
    for number in range(COUNT):
        side = 8 if number == 4 else 200 if number == 0 else 40 + number
        picture = random.integers(0, 256, (side, side, 3), dtype=np.uint8)
        write_picture(tmp_path / "in" / f"{number:02}.png", picture)
    (tmp_path / "in" / "07.png").write_bytes(b"not a picture")
    return tmp_path


def plan_to(folder: Path, name: str, **options: Any) -> Plan:  # noqa: ANN401
    return plan([str(folder / "in")], str(folder / name), **options)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_results_and_order_are_those_of_one_at_a_time(folder: Path, stylizer: Stylizer) -> None:
    alone = list(stylize_all(stylizer, plan_to(folder, "one").jobs, "swapped"))
    together = list(stylize_all(stylizer, plan_to(folder, "many").jobs, "swapped", at_once=4))
    assert [outcome.job.source for outcome in together] == sorted((folder / "in").iterdir())
    assert [outcome.result for outcome in together] == [outcome.result for outcome in alone]
    assert [n for n, outcome in enumerate(together) if outcome.error] == [4, 7]
    assert [str(outcome.error) for outcome in together] == [str(outcome.error) for outcome in alone]
    assert together[0].size == (200, 200)
    assert all(outcome.seconds > 0 for outcome in together)
    assert len(contents(folder / "one")) == COUNT - 2
    assert contents(folder / "many") == contents(folder / "one")


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_pictures_are_in_memory_than_at_once(
    folder: Path, stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Those that failed count, too: their errors, which are kept, must not hold them."""
    alive: weakref.WeakSet[Picture] = weakref.WeakSet()
    most, lock = 0, threading.Lock()

    def count(path: Path, **options: int) -> Picture:
        nonlocal most
        picture = read_picture(path, **options)
        with lock:
            alive.add(picture)
            most = max(most, len(alive))
        return picture

    def fail(target: Path, picture: Picture, **options: Any) -> None:  # noqa: ANN401
        if target.name in {"01.png", "02.png", "03.png"}:
            raise NstError("it cannot be written")
        write_picture(target, picture, **options)

    monkeypatch.setattr(Picture, "__hash__", object.__hash__)
    monkeypatch.setattr(Picture, "__eq__", object.__eq__)
    monkeypatch.setattr(inputs, "read_picture", count)
    monkeypatch.setattr(running, "write_picture", fail)
    outcomes = list(stylize_all(stylizer, plan_to(folder, "out").jobs, "swapped", at_once=at_once))
    assert [n for n, outcome in enumerate(outcomes) if outcome.error] == [1, 2, 3, 4, 7]
    assert most <= at_once
    assert not alive


def test_after_a_full_disk_no_other_is_begun(folder: Path, stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(target: Path, *_: object, **__: object) -> None:
        raise NstError(f"cannot write {target}: the disk is full") from OSError(28, os.strerror(28))

    monkeypatch.setattr(running, "write_picture", fail)
    for at_once in (1, 2):
        outcomes = list(stylize_all(stylizer, plan_to(folder, "out").jobs, "swapped", at_once=at_once))
        assert 1 <= len(outcomes) <= at_once
        assert "disk is full" in str(outcomes[0].error)


def test_who_stops_listening_stops_the_work(folder: Path, stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []

    def write_slowly(target: Path, *_: object, **__: object) -> None:
        written.append(target)
        time.sleep(0.02)

    monkeypatch.setattr(running, "write_picture", write_slowly)
    outcomes = stylize_all(stylizer, plan_to(folder, "out").jobs * 40, "swapped", at_once=2)
    assert next(outcomes).result == "made"
    outcomes.close()  # type: ignore[attr-defined]
    assert len(written) < 100  # of 400


def test_values_that_cannot_be(folder: Path, stylizer: Stylizer) -> None:
    todo = plan_to(folder, "out").jobs
    with pytest.raises(NstError, match="`at_once` is at least 1, not 0"):
        next(stylize_all(stylizer, todo, "swapped", at_once=0))
    with pytest.raises(ImageError, match=r"\.png has no `quality`"):
        next(stylize_all(stylizer, todo, "swapped", keeping=Keeping(quality=80)))
    with pytest.raises(ImageError, match="`quality` of 101 is not between 1 and 100"):
        next(stylize_all(stylizer, [Job(None, None)], "swapped", keeping=Keeping(quality=101)))
    assert not (folder / "out").exists()
