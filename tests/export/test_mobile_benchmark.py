"""The benchmark of bundles for phones runs, on small pictures, and says what it leaves out."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "mobile.py"
SMALL = ("--styles", "waves", "--targets", "generic", "--size", "64")


def _run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_row_for_each_precision() -> None:
    done = _run(*SMALL)
    assert done.returncode == 0, done.stderr
    assert "note: --data is not given: style and content are left out" in done.stderr
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines()]
    assert rows[0] == ["target", "precision", "form", "kB", "ms", "PSNR"]
    assert [row[:3] for row in rows[2:]] == [
        ["`generic`", "fp32", "direct"],
        ["`generic`", "fp16", "direct"],
        ["`generic`", "int8", "folded"],
    ]
    sizes = [int(row[3]) for row in rows[2:]]
    assert 300 > sizes[0] > sizes[1] > sizes[2] > 80
    ratios = [_ratio_db(row[5]) for row in rows[2:]]
    assert ratios[0] > 70 > ratios[1] > 50 > ratios[2] > 28


def _ratio_db(cell: str) -> float:
    """Return the ratio in `cell`: infinite where no pixel differs, as on some processors in whole precision."""
    return float("inf") if cell == "equal" else float(cell.removesuffix(" dB"))


def test_a_folder_of_data_that_is_not_there(tmp_path: Path) -> None:
    done = _run(*SMALL, "--data", tmp_path / "none")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"mobile.py: no folder at {tmp_path / 'none'}; check its path, or leave `data` out\n"


@pytest.mark.parametrize(
    ("there", "said"),
    [((), "no photos_large and no styles and no weights"), (("styles", "weights"), "no photos_large")],
)
def test_data_that_is_not_there_is_named(tmp_path: Path, there: tuple[str, ...], said: str) -> None:
    for name in there:
        (tmp_path / name).mkdir()
    done = _run(*SMALL, "--data", tmp_path, "--size", "8")
    assert (done.returncode, done.stdout) == (1, "")
    note, error = done.stderr.splitlines()
    assert note == f"note: {tmp_path} has {said}: style and content are left out"
    assert error.startswith("mobile.py: `size` 8 is not a size from 16 to 2048 pixels a side")
