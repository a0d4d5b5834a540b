"""The benchmark runs, on small pictures, and compares like with like."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

from nst_runtime.pictures.arrays import to_unit
from nst_teacher.engine.engine import Engine
from nst_teacher.engine.judges import weigh_terms
from nst_teacher.objective.objective import Objective
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import Plan

from .conftest import draw_photo, draw_style

FOLDER = Path(__file__).parents[2] / "benchmarks"
CPU = torch.device("cpu")


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The program as a module; its files import one another, as those of a program's folder do."""
    monkeypatch.syspath_prepend(FOLDER)
    before = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    yield importlib.import_module("teacher")
    torch.set_float32_matmul_precision(before[0])
    torch.backends.cudnn.allow_tf32 = before[1]


def test_the_table_has_a_line_for_each_way(
    benchmark: ModuleType, tmp_path: Path, tiny_vgg: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [
        "--network",
        "vgg19",
        "--weights",
        tiny_vgg,
        "--sizes",
        "32",
        "40",
        "--batches",
        "1",
        "2",
        "--device",
        "cpu",
    ]
    options += ["--iterations", "3", "--rounds", "1", "--cpu-time", "--json", tmp_path / "figures.json"]
    assert benchmark.main(list(map(str, options))) == 0
    shown = capsys.readouterr().out
    cases = json.loads((tmp_path / "figures.json").read_text())
    assert [(case["size_px"], case["batch"]) for case in cases] == [(s, b) for s in (32, 40) for b in (None, 1, 2)]
    assert all(case["pairs_per_minute"] > 0 and case["peak_mb"] > 20 and case["peak_share"] is None for case in cases)
    for first, *others in (cases[:3], cases[3:]):
        assert first["ratio"] == 1
        for case in others:
            assert case["ratio"] == pytest.approx(case["pairs_per_minute"] / first["pairs_per_minute"])
    assert shown.count("| CPU ") == 6
    assert "| 40 px | batch of 2" in shown


def test_the_plain_loop_lowers_the_engines_own_loss_with_as_many_evaluations(
    benchmark: ModuleType, tiny_vgg: Path
) -> None:
    method = Method("vgg19", tiny_vgg, scales=1, plan=Plan(iterations=8), style_size_px=48, variation_weight=0)
    engine = Engine(method, draw_style(), CPU)
    photo = torch.from_numpy(to_unit(draw_photo(0, 40, 40)))
    plain = importlib.import_module("plain_loop")
    judge = engine.target.judges[0]
    seen: list[int] = []
    loop = plain.PlainLoop(judge, torch.from_numpy(to_unit(draw_style())), 1e-5)
    loop._network.stages[0].register_forward_pre_hook(lambda *_: seen.append(1))
    result = loop.run(photo, 9)
    assert len(seen) == 1 + 9  # the content's target, then each evaluation
    objective = Objective(engine.target, photo, weigh_terms(engine.method))
    assert float(objective(result).style) < 0.7 * float(objective(photo).style)


def test_operations_are_those_of_the_convolutions(benchmark: ModuleType, tiny_vgg: Path) -> None:
    """Two operations a multiplication, forward and for the picture's gradient; Gram matrices add a little."""
    method = Method("vgg19", tiny_vgg, scales=1, plan=Plan(iterations=1), style_size_px=48)
    engine = Engine(method, draw_style(), CPU)
    pixels = [(64, 3, 4), (64, 4, 4), (32, 4, 6), (32, 6, 6), (16, 6, 8)]
    forward = sum(2 * side**2 * 9 * width_in * width_out for side, width_in, width_out in pixels)
    assert 2 * forward < benchmark.count_operations(engine, 64) < 2.3 * forward


def test_the_share_of_the_peak_is_the_cards(benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert benchmark.share_of_peak(1e12, "fp32", CPU) is None
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda *_: "NVIDIA H200")
    assert benchmark.share_of_peak(98.9e12, "bf16", torch.device("cuda")) == pytest.approx(0.1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda *_: "another card")
    assert benchmark.share_of_peak(1e12, "bf16", torch.device("cuda")) is None
