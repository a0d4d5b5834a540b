"""A large picture is written and read a few rows at a time in a process of its own, whose memory is looked at."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="asks the system for the memory that was used")

PROGRAM = """
import resource, sys
import numpy as np
from nst_runtime.pictures.rows.open_rows import open_rows
from nst_runtime.pictures.rows.write_rows import write_rows

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)

path, (height, width) = sys.argv[1], (5000, 4000)
block = np.random.default_rng(0).integers(0, 40, (100, width, 3), dtype=np.uint8)
write_rows(path, (1, 4000, 3), [block[:1]])
before = peak_mb()
write_rows(path, (height, width, 3), (block + np.uint8(top % 200) for top in range(0, height, 100)))
written = peak_mb()
with open_rows(path) as picture:
    for top in range(0, height, 500):
        for left in range(0, width, 500):
            tile = picture[top : top + 600, left : left + 600]
            assert tile[0, 0, 0] == block[0, left, 0] + top % 200
print(written - before, peak_mb() - before)
"""


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_memory(tmp_path: Path, suffix: str) -> None:
    """The picture has 60 MB, and 80 MB as Pillow holds it."""
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / f"x{suffix}")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    writing_mb, both_mb = map(float, done.stdout.split())
    assert writing_mb < 20
    assert both_mb < 40
