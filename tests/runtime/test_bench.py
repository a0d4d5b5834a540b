import itertools
import time
from pathlib import Path

import pytest

from nst_runtime import Stylizer
from nst_runtime.cli.overview import describe
from nst_runtime.contracts.packs import read_pack
from nst_runtime.errors import ImageError, PackError
from nst_runtime.inference.timing import median_ms, time_size, time_swap


def test_median_of_the_runs_after_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 9.0, 10.0, 10.001, 20.0, 20.003])  # start and end of three runs: 9000, 1 and 3 ms
    monkeypatch.setattr(time, "perf_counter", lambda: next(ticks))
    calls = itertools.count()
    assert median_ms(lambda: next(calls), 3) == pytest.approx(3)
    assert next(calls) == 4


def test_timings_add_up(stylizer: Stylizer) -> None:
    timing = time_size(stylizer, "plain", 203, 101, repeats=5)
    assert (timing.width, timing.height) == (203, 101)
    parts = (timing.encoder_ms, timing.bank_ms, timing.decoder_ms)
    assert all(0 < part < 1000 for part in (*parts, timing.end_to_end_ms))
    assert time_swap(stylizer, "plain", repeats=3) > 0
    with pytest.raises(ImageError, match="8×8 pixels is too small"):
        time_size(stylizer, "plain", 8, 8, repeats=1)


def test_overview_of_a_pack(fake_pack: Path) -> None:
    overview = describe(read_pack(fake_pack))
    sizes = {path.name: path.stat().st_size for path in fake_pack.rglob("*.onnx")}
    assert overview["codec_bytes"] == sizes["encoder.onnx"] + sizes["decoder.onnx"]
    assert overview["banks_bytes"] == sizes["negative.onnx"] + sizes["plain.onnx"] + sizes["swapped.onnx"]
    assert overview["styles"] == ["negative", "plain", "swapped"]
    assert overview["versions"]["pillow"]
    assert "CPUExecutionProvider" in overview["providers"]


def test_overview_checks_every_file(pack_copy: Path) -> None:
    (pack_copy / "banks" / "swapped.onnx").write_bytes(b"")
    with pytest.raises(PackError, match=r"swapped\.onnx is damaged"):
        describe(read_pack(pack_copy))
