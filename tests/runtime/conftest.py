"""What the runtime's tests share."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from nst_runtime import Stylizer
from nst_runtime.contracts.library import Library
from nst_runtime.contracts.packs import read_pack
from nst_runtime.contracts.styles import StyleFile, read_style

FAKE_PACK = Path(__file__).parent / "fake_pack"
MakeStyle = Callable[..., StyleFile]


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


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """The fake pack's styles and the empty folders ``own`` and ``workspace``, which are not there yet."""
    return Library(read_pack(FAKE_PACK), tmp_path / "own", tmp_path / "workspace")


@pytest.fixture(scope="session")
def make_style() -> MakeStyle:
    """Make styles for the fake pack: ``matrix·x + offset + spread·(x - mean)/deviation + middle`` of colors x.

    As they are, all colors get the mean 0.5 and the deviation 0.2.
    """
    plain = read_style(FAKE_PACK / "styles" / "plain.safetensors")

    def make(
        name: str = "even",
        matrix: npt.ArrayLike = 0.0,
        offset: float = 0.0,
        spread: float = 0.2,
        middle: float = 0.5,
        codec_sha256: str = plain.record.codec_sha256,
    ) -> StyleFile:
        tensors = {
            "weight": np.broadcast_to(np.array(matrix, np.float32), (3, 3)).reshape(3, 3, 1, 1),
            "bias": np.full(3, offset, np.float32),
            "norm.weight": np.full(3, spread, np.float32),
            "norm.bias": np.full(3, middle, np.float32),
        }
        record = replace(plain.record, name=name, codec_sha256=codec_sha256)
        return replace(plain, record=record, tensors=tensors)

    return make


@pytest.fixture(scope="session")
def stylizer(tmp_path_factory: pytest.TempPathFactory) -> Stylizer:
    return Stylizer.load(FAKE_PACK, threads=1, workspace=tmp_path_factory.mktemp("empty"), device="cpu")


@pytest.fixture
def photo() -> npt.NDArray[np.uint8]:
    """Noise of 37×50 pixels: a size that is not a multiple of 4, at the bottom by 3 and at the right by 2."""
    return np.random.default_rng(7).integers(0, 256, (37, 50, 3), dtype=np.uint8)
