"""Thousands of damaged files, the same at every run: each is refused with an NstError, or read as what it may be.

None may end in another error, take more than 10 s, or a gigabyte more memory than the process has at its start.
"""

from collections.abc import Sequence

import pytest

from . import pack_cases, picture_cases, style_cases
from .pool import failures

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("module", "kinds", "each"),
    [
        ("picture_cases", picture_cases.KINDS, 100),
        ("style_cases", style_cases.KINDS, 300),
        ("pack_cases", pack_cases.KINDS, 150),
    ],
)
def test_damaged_files(module: str, kinds: Sequence[str], each: int) -> None:
    found = failures(module, kinds, each)
    assert not found, "\n\n".join(found)
