"""What the teacher's tests share: small drawn photos, a style picture, a tiny VGG, and the command in this process."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import nst_teacher
from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.write import write_picture

torch.set_num_threads(1)


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def message(self) -> str:
        """What the lines ``error:`` and ``hint:`` say, on one line: the text of an NstError."""
        said = [line.partition(": ") for line in self.err.splitlines()]
        return "; ".join(text for kind, _, text in said if kind in ("error", "hint"))


Run = Callable[..., Result]


def sets(*settings: str) -> tuple[str, ...]:
    """Return the words of a command line that set `settings`, each ``section.name=value``."""
    return tuple(word for setting in settings for word in ("--set", setting))


def hash_files(folder: Path, without: Collection[str] = ()) -> dict[str, str]:
    """Return the sha256 of every file in `folder` by its path in there, but for those in folders called `without`."""
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {
        str(file): hashlib.sha256((folder / file).read_bytes()).hexdigest()
        for file in files
        if not {*file.parts}.intersection(without)
    }


def draw_photo(seed: int, height: int = 70, width: int = 90) -> Pixels:
    """Draw a few soft discs on a slope of colour."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / 64
    picture = np.stack([0.3 + 0.5 * x / 2, 0.6 - 0.3 * y / 2, 0.4 + 0.1 * (x + y)], axis=2)
    for _ in range(6):
        centre, radius = draw.random(2) * (width / 64, height / 64), 0.1 + 0.25 * draw.random()
        inside = 1 / (1 + np.exp(40 * (np.hypot(x - centre[0], y - centre[1]) - radius)))
        picture += inside[..., None] * (draw.random(3) - picture)
    return np.asarray(picture.clip(0, 1) * 255, np.uint8)


def draw_style(height: int = 80, width: int = 96) -> Pixels:
    """Draw blue and cream waves."""
    y, x = np.mgrid[0:height, 0:width]
    wave = 0.5 + 0.5 * np.sin(0.6 * y + 2 * np.sin(0.15 * x))
    colours = wave[..., None] * (0.95, 0.9, 0.75) + (1 - wave[..., None]) * (0.1, 0.2, 0.45)
    return np.asarray(colours * 255, np.uint8)


def write_tiny_vgg(path: Path) -> Path:
    """Write a VGG-19 up to relu3_1 with 4, 4, 6, 6 and 8 random filters."""
    generator = torch.Generator().manual_seed(3)
    state: dict[str, torch.Tensor] = {}
    width = 3
    for index, filters in ((0, 4), (2, 4), (5, 6), (7, 6), (10, 8)):
        state[f"features.{index}.weight"] = 0.3 * torch.randn(filters, width, 3, 3, generator=generator)
        state[f"features.{index}.bias"] = torch.full((filters,), 0.1)
        width = filters
    save_file(state, path)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of four photos, 90×70 px."""
    folder = tmp_path / "photos"
    for number in range(4):
        write_picture(folder / f"photo_{number}.png", draw_photo(number))
    return folder


@pytest.fixture
def style_picture(tmp_path: Path) -> Path:
    path = tmp_path / "style.png"
    write_picture(path, draw_style())
    return path


@pytest.fixture
def tiny_vgg(tmp_path: Path) -> Path:
    return write_tiny_vgg(tmp_path / "tiny.safetensors")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run nst-teacher in this process, as its console script does."""

    def call(*arguments: str | Path | int) -> Result:
        monkeypatch.setattr("sys.argv", ["nst-teacher", *map(str, arguments)])
        code = nst_teacher.main()
        captured = capfd.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def generate_arguments(photos: Path, style_picture: Path, tmp_path: Path) -> list[str | Path | int]:
    """A quick ``generate`` of the four photos at 32 px into ``pairs``."""
    return [
        "generate", "--style", "stripes", "--style-image", style_picture, "--content", photos, "--count", 4,
        "--size", 32, "--network", "random", "--set", "style.style_size_px=48", "--set", "optimisation.iterations=6",
        "--set", f"generate.out={tmp_path / 'pairs'}",
    ]  # fmt: skip
