"""The pool sees every way to fail, names the case, and goes on behind it."""

import sys

import pytest

from .pool import failures


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to the limit of memory")
def test_every_way_to_fail() -> None:
    assert failures("broken_cases", ["sound"], 3) == []
    found = failures("broken_cases", ["error", "memory", "crash", "hang"], 3)
    assert [failure.split(" (make it again with `python -m ")[0] for failure in found] == [
        *("error 1", "memory 1", "crash 1", "hang 1")
    ]
    for failure, sign in zip(found, ("TypeError: a fault", "MemoryError", "Aborted", "Timeout"), strict=True):
        assert sign in failure
