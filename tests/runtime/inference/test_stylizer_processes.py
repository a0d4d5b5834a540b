"""A Stylizer in forked and spawned processes, in threads, and pickled."""

import multiprocessing
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from nst_runtime import Stylizer

Pixels = npt.NDArray[np.uint8]
STYLES = ("negative", "swapped")
LIMIT_S = 60


@pytest.fixture
def used(fake_pack: Path, photo: Pixels) -> Stylizer:
    """A Stylizer that has painted already, so that its sessions and their threads are there."""
    stylizer = Stylizer.load(fake_pack, threads=2, device="cpu")
    stylizer.stylize(photo, "negative")
    return stylizer


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_in_processes(used: Stylizer, stylizer: Stylizer, photo: Pixels, method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    with multiprocessing.get_context(method).Pool(2) as pool:
        results = [pool.apply_async(used.stylize, (photo, style)) for style in STYLES * 2]
        painted = [result.get(LIMIT_S) for result in results]
    for style, picture in zip(STYLES * 2, painted, strict=True):
        np.testing.assert_array_equal(picture, stylizer.stylize(photo, style))
    np.testing.assert_array_equal(used.stylize(photo, "swapped"), painted[1])


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_that_inherits_it(used: Stylizer, photo: Pixels) -> None:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=lambda: sender.send(used.stylize(photo, "negative")))
    child.start()
    assert receiver.poll(LIMIT_S)
    np.testing.assert_array_equal(receiver.recv(), used.stylize(photo, "negative"))
    child.join(LIMIT_S)
    assert child.exitcode == 0


def test_in_threads(used: Stylizer, stylizer: Stylizer, photo: Pixels) -> None:
    start = threading.Barrier(8)

    def work(index: int) -> Pixels:
        start.wait(LIMIT_S)
        return used.stylize(photo, STYLES[index % 2])

    with ThreadPoolExecutor(8) as pool:
        for index, picture in enumerate(pool.map(work, range(8))):
            np.testing.assert_array_equal(picture, stylizer.stylize(photo, STYLES[index % 2]))


def test_pickled(used: Stylizer, photo: Pixels) -> None:
    data = pickle.dumps(used)
    again = pickle.loads(data)
    np.testing.assert_array_equal(again.stylize(photo, "swapped"), used.stylize(photo, "swapped"))
    assert (again.device, again.network.encoder.session.threads) == ("cpu", 2)
    assert again.library == used.library
    assert len(data) < 20_000  # paths and facts; the numbers are read again
