"""The benchmark runs, on small pictures, and measures the network that it names."""

import json
import subprocess
import sys
from pathlib import Path

from nst_runtime.contracts.workspace import Workspace

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "latency.py"


def johnson_parameters() -> int:
    """Weights and biases of the convolutions, scale and bias of the norms."""
    convolutions = [(3, 32, 9), (32, 64, 3), (64, 128, 3), *[(128, 128, 3)] * 10, (128, 64, 3), (64, 32, 3), (32, 3, 9)]
    norms = 32 + 64 + 128 + 10 * 128 + 64 + 32
    return sum(w_in * w_out * size**2 + w_out for w_in, w_out, size in convolutions) + 2 * norms


def test_benchmark(packed: Workspace, tmp_path: Path) -> None:
    options = ["--sizes", "64x48", "--threads", "1", "--rounds", "2", "--json", tmp_path / "figures.json"]
    command = [sys.executable, SCRIPT, "--pack", packed.pack, *options, "--plot", tmp_path / "figures.png"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "| 64×48 | 1" in done.stdout
    figures = json.loads((tmp_path / "figures.json").read_text())
    (case,) = figures["cases"]
    times = {name: time["median"] for name, time in case["times"].items()}
    assert times["Johnson network"] > 3 * times["network"] > 0
    assert times["network"] >= times["encoder"] + times["bank"] + times["decoder"]
    peak = figures["peak_mb"]["64×48"]
    assert peak["Johnson"] > peak["started"] > 20
    assert figures["swap"]["first use"]["median"] > figures["swap"]["cached"]["median"]
    assert figures["johnson_parameters"] == johnson_parameters() == 1_679_235
    assert (tmp_path / "figures.png").read_bytes().startswith(b"\x89PNG")
