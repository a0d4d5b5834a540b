"""A run that is stopped, by SIGKILL or by Ctrl-C, goes on where it was and ends with the same files."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nst_runtime.pictures.write import write_picture

from .conftest import draw_photo, hash_files, sets

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks processes to stop them")


def stop(how: list[str], photos: Path, style_picture: Path, out: Path) -> dict[str, Any]:
    for number in range(14):
        write_picture(photos / f"photo_{number}.png", draw_photo(number))
    arguments = [
        "generate", "--style", "stripes", "--style-image", style_picture, "--content", photos, "--count", 14,
        "--size", 48, "--network", "random", *sets("style.style_size_px=48", "optimisation.iterations=12"),
        *sets(f"generate.out={out}"),
    ]  # fmt: skip
    program = [sys.executable, str(Path(__file__).with_name("killing.py")), *how, *map(str, arguments)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_killed_at_twenty_random_moments_it_ends_with_the_files_of_an_unbroken_run(
    photos: Path, style_picture: Path, tmp_path: Path
) -> None:
    out = tmp_path / "pairs"
    found = stop(["kill", "20", "0.2"], photos, style_picture, out)
    assert (found["killed"], found["unbroken"], found["last"]) == (20, 0, 0)
    assert sum(0 < pairs < 14 for pairs in found["pairs"]) >= 3, "hardly a kill fell into the work"
    unbroken = hash_files(tmp_path / "pairs_unbroken")
    assert len(unbroken) == 3 * 14 + 2
    assert hash_files(out) == unbroken


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished(photos: Path, style_picture: Path, tmp_path: Path) -> None:
    found = stop(["interrupt"], photos, style_picture, tmp_path / "pairs")
    assert found["code"] == 130
    assert 1 <= found["records"] < 14
    assert found["temporary"] == []
