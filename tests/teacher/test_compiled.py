"""The compiled loss: the same numbers as the plain one, and the plain one where there is no compiler."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from nst_teacher.engine.compiled import CompiledLoss
from nst_teacher.engine.engine import Engine, outcomes
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import Plan

from .conftest import Run, draw_photo, draw_style
from .test_cli import change

CPU = torch.device("cpu")
pytestmark = pytest.mark.slow
HAS_COMPILER = any(shutil.which(name) for name in ("g++", "clang++", "c++"))


@pytest.mark.skipif(not HAS_COMPILER, reason="torch.compile needs a C++ compiler")
def test_the_compiled_engine_makes_the_same_pictures(tiny_vgg: Path) -> None:
    """In full batches, in a last and smaller one, which is not compiled for, and in another batch's objective."""
    reports: list[str] = []
    layers = ("relu1_1",)
    method = Method(
        "vgg19",
        tiny_vgg,
        content_layers=layers,
        style_layers=layers,
        scales=1,
        plan=Plan(iterations=8),
        style_size_px=48,
    )
    plain = Engine(method, draw_style(), CPU)
    compiled = Engine(method, draw_style(), CPU, CompiledLoss(reports.append))
    for seeds in ((0, 1), (2, 3), (4,)):
        photos = [draw_photo(seed, 40, 40) for seed in seeds]
        found = []
        for engine in (plain, compiled):
            iterates = list(engine.run(photos, seeds))
            found.append(outcomes(iterates[0].losses, iterates[-1], method.content_weight))
        for one, other in zip(*found, strict=True):
            assert other.final == pytest.approx(one.final, rel=1e-3)
            assert np.abs(one.picture.astype(int) - other.picture).max() <= 2
    assert reports == []
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 1


def test_without_a_compiler_it_goes_on_with_a_line(
    run: Run, generate_arguments: list[str | Path | int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch._inductor import config

    torch.compiler.reset()
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(config.cpp, "cxx", (str(tmp_path / "no-compiler"),))
    plain = run(*generate_arguments)
    assert plain.code == 0
    result = run(*change(generate_arguments, out=tmp_path / "compiled", compile="true"))
    assert result.code == 0
    lines = [line for line in result.err.splitlines() if "torch.compile" in line]
    assert len(lines) == 1
    assert lines[0].startswith("note: torch.compile does not work here (")
    assert lines[0].endswith("); going on without it")
    names = [path.relative_to(tmp_path / "pairs") for path in (tmp_path / "pairs").rglob("*.png")]
    assert len(names) == 8
    for name in names:
        assert (tmp_path / "compiled" / name).read_bytes() == (tmp_path / "pairs" / name).read_bytes()
