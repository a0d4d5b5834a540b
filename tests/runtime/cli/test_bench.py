"""`nst-runtime bench`."""

import json
from pathlib import Path

from ..running import Run, check_refusal


def test_bench(run: Run, fake_pack: Path) -> None:
    options = ("bench", "--pack", fake_pack, "--size", "32", "--size", "40x20", "--repeats", 1, "--threads", 1)
    report = json.loads(run(*options, "--json").out)
    assert [(timing["width"], timing["height"]) for timing in report["timings"]] == [(32, 32), (40, 20)]
    assert (report["style"], report["threads"], report["device"]) == ("negative", 1, "cpu")
    assert report["swap_ms"] > 0
    lines = run(*options, "--style", "plain").out.splitlines()
    assert lines[0].split() == ["SIZE", "ENCODER", "BANK", "DECODER", "END", "TO", "END"]
    assert lines[2].startswith("40×20 ")
    assert lines[3].startswith("swap to plain: ")


def test_bench_refuses(run: Run, fake_pack: Path) -> None:
    line = check_refusal(run("bench", "--pack", fake_pack, "--size", "8"))
    assert "8×8 pixels is too small" in line
    assert "no style 'dots'" in check_refusal(run("bench", "--pack", fake_pack, "--style", "dots"))
