"""The oldest onnxruntime that the package allows paints what the installed one paints."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nst_runtime import Stylizer, read_picture

ROOT = Path(__file__).parents[3]
SCENE = ROOT / "assets" / "scenes" / "town.jpg"
INSTALL_SECONDS = 180
PAINT = """
import sys
import numpy as np
import onnxruntime
from nst_runtime import Stylizer, read_picture
stylizer = Stylizer.load(threads=2, device="cpu")
photo = read_picture(sys.argv[1]).rgb[:217, :333]
np.save(sys.argv[2], np.stack([stylizer.stylize(photo, name) for name in ("waves", "udnie", "plain")]))
print(onnxruntime.__version__)
"""


def oldest() -> str:
    """Return the lowest version that pyproject.toml allows."""
    found = re.search(r'cpu = \["onnxruntime>=([0-9.]+)"\]', (ROOT / "pyproject.toml").read_text())
    assert found is not None
    return found[1]


@pytest.mark.slow
def test_the_oldest_version_paints_the_same(tmp_path: Path) -> None:
    place = tmp_path / "oldest"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(place)]
    try:
        done = subprocess.run(
            [*install, f"onnxruntime~={oldest()}.0"],
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"onnxruntime {oldest()} was not installed within {INSTALL_SECONDS} s")
    if done.returncode:
        pytest.skip(f"onnxruntime {oldest()} cannot be installed here: {done.stderr.strip()[-200:]}")
    command = [sys.executable, "-c", PAINT, str(SCENE), str(tmp_path / "old.npy")]
    path = {"PYTHONPATH": str(place), "PATH": ""}
    painted = subprocess.run(command, capture_output=True, text=True, check=False, env=path, cwd=tmp_path)
    assert painted.returncode == 0, painted.stderr
    assert painted.stdout.startswith(oldest())
    photo = read_picture(SCENE).rgb[:217, :333]
    new = Stylizer.load(threads=2, device="cpu")
    expected = np.stack([new.stylize(photo, name) for name in ("waves", "udnie", "plain")])
    difference = np.abs(np.load(tmp_path / "old.npy").astype(int) - expected)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.001
