"""What a worker does, in this process: Ray is not needed for it."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nst_teacher.engine.engine import Engine
from nst_teacher.engine.style_picture import StylePicture
from nst_teacher.pairs.batches import Batcher, Loaded, Stylised
from nst_teacher.pairs.ray_worker import Order, RayWorker, pack_files, unpack_files
from nst_teacher.pictures.photos import Photo
from nst_teacher.settings.method import DeepJudge, Method
from nst_teacher.settings.plan import Plan

from .conftest import Run, draw_photo, draw_style


def load(number: int) -> Loaded:
    return Loaded(Photo(Path(f"{number}.png"), "0" * 64, str(number), number), draw_photo(number, 32, 32))


@pytest.fixture
def method(tiny_vgg: Path) -> Method:
    return Method(
        "vgg19", tiny_vgg, plan=Plan(iterations=2), style_size_px=48, deep=DeepJudge(tiny_vgg, layers=("relu2_1",))
    )


def test_a_methods_files_travel_each_by_itself(method: Method, tiny_vgg: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / tiny_vgg.name
    other.parent.mkdir()
    other.write_bytes(b"another file of the same name")
    assert method.deep is not None
    two = replace(method, deep=replace(method.deep, weights=other))
    files = pack_files(two)
    assert files == {str(tiny_vgg): tiny_vgg.read_bytes(), str(other): b"another file of the same name"}
    folder = tmp_path / "worker"
    folder.mkdir()
    there = unpack_files(two, files, folder)
    assert there.weights is not None
    assert there.deep is not None
    assert there.weights.read_bytes() == tiny_vgg.read_bytes()
    assert there.deep.weights.read_bytes() == b"another file of the same name"
    assert there.weights.parent == there.deep.weights.parent == folder
    assert replace(there, weights=two.weights, deep=two.deep) == two


def test_a_worker_makes_the_pictures_that_this_process_makes(method: Method, tiny_vgg: Path) -> None:
    order = Order(method, pack_files(method), [StylePicture(draw_style())], 2, 1, gpu=False)
    here = Batcher(Engine(method, draw_style(), torch.device("cpu")), 2)
    expected = [step.outcome for step in here.run([load(0), load(1)]) if isinstance(step, Stylised)]
    tiny_vgg.unlink()  # a worker's machine does not have it
    worker = RayWorker()
    assert worker.prepare(order).error is None
    answer = worker.stylise([load(0), load(1)])
    for outcome, other in zip(answer.outcomes, expected, strict=True):
        assert other is not None
        assert np.array_equal(outcome.picture, other.picture)
        assert outcome.final == other.final


def test_what_a_worker_cannot_do_is_an_answer_that_travels(method: Method) -> None:
    order = Order(replace(method, scales=6), pack_files(method), [StylePicture(draw_style())], 1, 1, gpu=False)
    answer = pickle.loads(pickle.dumps(RayWorker().prepare(order)))
    assert "too small for relu3_1 over 6 scales" in answer.error.message
    assert answer.error.hint == "use a larger `style_size_px`, fewer `scales` or shallower `style_layers`"


def test_without_the_extra_it_is_one_line(
    run: Run, generate_arguments: list[str | Path | int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    result = run(*generate_arguments, "--set", "machines.engine=ray")
    assert (result.code, result.out) == (1, "")
    assert result.err == "error: Ray is not installed\nhint: pip install 'nst-stylebank[cpu,train,ray]'\n"
    assert not (tmp_path / "pairs").exists()
