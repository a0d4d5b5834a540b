"""What the runtime's tests share."""

import os
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from nst_runtime import Stylizer

FAKE_PACK = Path(__file__).parent / "fake_pack"


@pytest.fixture(scope="session")
def fake_pack() -> Path:
    """The committed pack; not to be changed."""
    return FAKE_PACK


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the disk: a busy one takes 0.2 s for each file."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def pack_copy(tmp_path: Path) -> Path:
    """A copy of the fake pack that a test may damage."""
    return shutil.copytree(FAKE_PACK, tmp_path / "pack")


@pytest.fixture(scope="session")
def stylizer() -> Stylizer:
    return Stylizer.load(FAKE_PACK, threads=1)


@pytest.fixture
def photo() -> npt.NDArray[np.uint8]:
    """Noise of 37×50 pixels: a size that is no multiple of 4, at the bottom by 3 and at the right by 2."""
    return np.random.default_rng(7).integers(0, 256, (37, 50, 3), dtype=np.uint8)
