"""A style pack runs without Python: the script that is written from docs/pack-format.md gives the runtime's pixels."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nst_runtime.contracts.library import NOWHERE, Library
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import Pixels, resize
from nst_runtime.pictures.read import read_picture

HERE = Path(__file__).parent
SCENES = HERE.parents[1] / "assets" / "scenes"
STYLES = DEFAULT_PACK / "styles"
Runner = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.slow


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Runner:
    """Return what runs the script on `photo.raw` in the test's folder with a pack and a style."""

    def run_script(pack: Path, style: str, width: int = 128, height: int = 96) -> "subprocess.CompletedProcess[str]":
        command = ["node", str(folder / "stylize.mjs"), str(pack), style]
        environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
        environment["HOME"] = str(tmp_path)
        command += [str(tmp_path / "photo.raw"), str(width), str(height), str(tmp_path / "out.raw")]
        return subprocess.run(command, capture_output=True, text=True, timeout=100, env=environment, check=False)

    return run_script


def _photo(folder: Path, scene: str, width: int, height: int) -> Pixels:
    photo = resize(read_picture(SCENES / f"{scene}.jpg").rgb, width, height)
    (folder / "photo.raw").write_bytes(photo.tobytes())
    return photo


@pytest.mark.parametrize(
    ("scene", "width", "height", "style"),
    [
        ("landscape", 128, 96, "waves"),
        ("town", 333, 217, str(STYLES / "mosaic.safetensors")),
        ("still_life", 333, 217, "plain"),
    ],
)
def test_node_gives_the_runtimes_pixels(
    run: Runner, tmp_path: Path, scene: str, width: int, height: int, style: str
) -> None:
    photo = _photo(tmp_path, scene, width, height)
    done = run(DEFAULT_PACK, style, width, height)
    assert done.returncode == 0, done.stderr
    made = np.fromfile(tmp_path / "out.raw", np.uint8).reshape(photo.shape)
    wanted = Stylizer(Library(read_pack(DEFAULT_PACK), NOWHERE, NOWHERE)).stylize(photo, style)
    difference = np.abs(made.astype(int) - wanted)
    assert difference.max() <= 1
    assert difference.mean() < 0.01  # 0.00003 as a rule: both round in the same way
    assert {path.name for path in tmp_path.iterdir()} == {"photo.raw", "out.raw"}  # no telemetry's files


def test_damaged_numbers_are_refused(run: Runner, tmp_path: Path) -> None:
    _photo(tmp_path, "landscape", 128, 96)
    data = bytearray((STYLES / "waves.safetensors").read_bytes())
    start = 8 + int.from_bytes(data[:8], "little")
    data[start : start + 4] = np.float32(np.nan).tobytes()
    (tmp_path / "mine.safetensors").write_bytes(data)
    done = run(DEFAULT_PACK, str(tmp_path / "mine.safetensors"))
    assert "holds numbers that are not finite" in done.stderr
    assert not (tmp_path / "out.raw").exists()


def test_a_pack_of_another_version_is_refused(run: Runner, tmp_path: Path) -> None:
    _photo(tmp_path, "landscape", 128, 96)
    text = (DEFAULT_PACK / "pack.json").read_text()
    (tmp_path / "pack.json").write_text(text.replace('"format_version": 2', '"format_version": 3'))
    done = run(tmp_path, "waves")
    assert "not a pack of version 2" in done.stderr
