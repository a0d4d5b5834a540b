"""Batches: the same pictures whoever shares them, smaller ones where memory is short, and no wait for the device."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.utils._python_dispatch import TorchDispatchMode

from nst_features.network import FeatureNetwork
from nst_runtime.errors import NstError
from nst_teacher.engine.engine import Engine
from nst_teacher.engine.memory import NotEnoughMemoryError
from nst_teacher.pairs.batches import Batcher, Loaded, Stylised
from nst_teacher.pairs.generate import generate
from nst_teacher.pairs.job import BatchHalved, Generated, Iterated, Job
from nst_teacher.pictures.photos import Photo
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import OptimizerName, Plan

from .conftest import draw_photo, draw_style

CPU = torch.device("cpu")


def load(number: int, size_px: int = 32) -> Loaded:
    return Loaded(
        Photo(Path(f"{number}.png"), f"{number:064}", f"photo-{number}", number), draw_photo(number, size_px, size_px)
    )


def make_engine(tiny_vgg: Path | None = None, optimizer: OptimizerName = "lbfgs", device: torch.device = CPU) -> Engine:
    plan = Plan(optimizer, 8)
    method = Method(network="random", plan=plan) if tiny_vgg is None else Method("vgg19", tiny_vgg, plan=plan)
    return Engine(replace(method, style_size_px=48, start="noise"), draw_style(), device)


def run(batcher: Batcher, batch: Sequence[Loaded]) -> tuple[list[Stylised], list[BatchHalved]]:
    steps = list(batcher.run(batch))
    halved = [step for step in steps if isinstance(step, BatchHalved)]
    return [step for step in steps if isinstance(step, Stylised)], halved


@contextmanager
def memory_for(pictures: int) -> Iterator[None]:
    """Let feature networks run out of memory on more `pictures` than that."""

    def weigh(module: nn.Module, given: tuple[Any, ...]) -> None:
        if isinstance(module, FeatureNetwork) and len(given[0]) > pictures:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    handle = register_module_forward_pre_hook(weigh)
    try:
        yield
    finally:
        handle.remove()


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_mates_order_and_size_of_a_batch_change_no_picture(optimizer: OptimizerName, tiny_vgg: Path) -> None:
    """Within 2 of 255 levels, and a thousandth of the loss: sums are rounded differently in other batches."""
    engine = make_engine(tiny_vgg, optimizer)
    batch = [load(number) for number in range(4)]
    alone = {one.photo.id: run(Batcher(engine, 1), [one])[0][0].outcome for one in batch}
    for mates in (batch[::-1], [batch[2], batch[0]]):
        results, _ = run(Batcher(engine, len(mates)), mates)
        assert [result.loaded.photo.id for result in results] == [one.photo.id for one in mates]
        for result in results:
            one, other = result.outcome, alone[result.loaded.photo.id]
            assert one is not None
            assert other is not None
            assert one.final == pytest.approx(other.final, rel=1e-3)
            assert np.abs(one.picture.astype(int) - other.picture).max() <= 2


def test_out_of_memory_halves_the_batch_and_goes_on_with_the_smaller_one() -> None:
    engine = make_engine()
    batch = [load(number) for number in range(5)]
    expected = [run(Batcher(engine, 1), [one])[0][0].outcome for one in batch]
    with memory_for(2):
        batcher = Batcher(engine, 8)
        results, halved = run(batcher, batch)
        assert halved == [BatchHalved(5, 3), BatchHalved(3, 2)]
        _, again = run(batcher, batch[:2])
        assert (again, batcher.size) == ([], 2)
    assert [result.loaded.photo.id for result in results] == [one.photo.id for one in batch]
    for result, outcome in zip(results, expected, strict=True):
        assert result.outcome is not None
        assert outcome is not None
        assert np.abs(result.outcome.picture.astype(int) - outcome.picture).max() <= 2


def test_one_picture_that_does_not_fit_is_one_line() -> None:
    with memory_for(1):
        engine = make_engine()
    with memory_for(0), pytest.raises(NotEnoughMemoryError, match=r"not enough memory.*; use a smaller `size`$"):
        run(Batcher(engine, 4), [load(0), load(1)])


def test_other_faults_of_torch_are_not_taken_for_memory() -> None:
    engine = make_engine()
    square, wide = load(0, 32), load(1, 40)
    with pytest.raises((RuntimeError, ValueError)) as fault:
        run(Batcher(engine, 2), [square, wide])
    assert not isinstance(fault.value, NstError)


def test_generate_makes_every_pair_though_memory_is_short(photos: Path, style_picture: Path, tmp_path: Path) -> None:
    method = Method(network="random", plan=Plan(iterations=3), style_size_px=48)
    job = Job("stripes", style_picture, photos, 4, 32, tmp_path / "pairs", method, batch=4)
    with memory_for(1):
        *events, end = generate(job, CPU)
    assert isinstance(end, Generated)
    assert len(end.pairs) == 4
    assert [event.now for event in events if isinstance(event, BatchHalved)] == [2, 1]
    finished = [event.pictures for event in events if isinstance(event, Iterated) and event.iteration == 3]
    assert finished == [1, 1, 1, 1]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits the process's address space, and reads its size from /proc")
def test_a_process_that_may_not_grow_halves_its_batch() -> None:
    program = [sys.executable, str(Path(__file__).with_name("little_memory.py"))]
    done = subprocess.run(program, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["pictures"] == 12
    assert found["halved"]
    assert found["halved"][0] == [12, 6]


class NoReadingBack(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Refuses what makes the host wait for the device: reading a number, or sizes that depend on values."""

    READING = ("_local_scalar_dense", "nonzero", "is_nonzero", "item", "equal", "masked_select", "unique")

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        name = func.overloadpacket.__name__
        if name in self.READING:
            raise AssertionError(f"aten::{name} reads back from the device")
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_nothing_is_read_back_while_a_batch_is_optimised(optimizer: OptimizerName, tiny_vgg: Path) -> None:
    iterates = make_engine(tiny_vgg, optimizer).run([load(0).pixels, load(1).pixels], [0, 1])
    next(iterates)
    with NoReadingBack():  # type: ignore[no-untyped-call]
        assert [iterate.iteration for iterate in iterates] == list(range(1, 9))
    with NoReadingBack(), pytest.raises(AssertionError, match="reads back"):  # type: ignore[no-untyped-call]
        float(torch.ones(1))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_cuda_never_waits_while_a_batch_is_optimised(optimizer: OptimizerName, tiny_vgg: Path) -> None:
    engine = make_engine(tiny_vgg, optimizer, torch.device("cuda"))
    iterates = engine.run([load(0).pixels, load(1).pixels], [0, 1])
    next(iterates)
    torch.cuda.set_sync_debug_mode("error")
    try:
        assert len(list(iterates)) == 8
    finally:
        torch.cuda.set_sync_debug_mode("default")
