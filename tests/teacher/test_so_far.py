"""Work that Ctrl-C ends leaves the best picture so far, whole, in place of the file."""

import math
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import numpy as np
import pytest
import torch

from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture
from nst_teacher.figures import stylize as stylize_module
from nst_teacher.figures.so_far import SoFar
from nst_teacher.figures.stylize import StylizeTask, stylize
from nst_teacher.objective.objective import Losses
from nst_teacher.optimise.optimise import Iterate
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import Plan
from nst_teacher.settings.style_file import StyleFile

from .conftest import Run, draw_photo

Arguments = list[str | Path | int]
PROGRAM = """
import signal, sys, nst_teacher
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(nst_teacher.main())
"""


def iterate(number: int, grey: float, loss: float, side: int = 4) -> Iterate:
    term = torch.tensor([loss])
    return Iterate(number, torch.full((1, 3, side, side), grey), Losses(term, term, term, term))


def written(so_far: SoFar) -> Pixels:
    assert so_far.write()
    return read_picture(so_far.out).rgb


@pytest.fixture
def command(photos: Path, style_picture: Path, tmp_path: Path) -> Arguments:
    """A ``stylize`` of a 90×70 photo at 32 px into out.png that would take hours."""
    return [
        "stylize", photos / "photo_0.png", style_picture, tmp_path / "out.png", "--network", "random", "--size", 32,
        "--iterations", 1000000, "--set", "style.style_size_px=48", "--set", "run.threads=1",
    ]  # fmt: skip


def test_the_best_is_kept_not_the_last(tmp_path: Path) -> None:
    so_far = SoFar(tmp_path / "out.png")
    so_far.begin((4, 4), None)
    so_far.look(iterate(0, 1.0, 0.5))
    assert (so_far.write(), so_far.iteration, so_far.out.exists()) == (False, 0, False)
    for number, (grey, loss) in enumerate([(0.2, 3.0), (0.4, 1.0), (0.6, 2.0), (0.8, math.nan)], start=1):
        so_far.look(iterate(number, grey, loss))
    assert (np.unique(written(so_far)).tolist(), so_far.iteration) == ([102], 4)


def test_a_larger_size_takes_the_place_of_a_smaller_one(tmp_path: Path) -> None:
    so_far = SoFar(tmp_path / "out.png")
    so_far.begin((8, 12), None)
    so_far.look(iterate(1, 0.2, 1.0))
    assert (written(so_far).shape, np.unique(written(so_far)).tolist()) == ((8, 12, 3), [51])
    so_far.look(iterate(2, 0.4, 5.0, side=8))
    assert np.unique(written(so_far)).tolist() == [102]


def test_no_picture_where_no_loss_is_a_number(tmp_path: Path) -> None:
    so_far = SoFar(tmp_path / "out.png")
    so_far.begin((4, 4), None)
    so_far.look(iterate(1, 0.2, math.nan))
    assert not so_far.write()
    so_far.look(iterate(2, 0.4, 7.0))
    assert np.unique(written(so_far)).tolist() == [102]


@pytest.mark.parametrize("smallest_px", [None, 20])
def test_the_file_is_saved_every_so_often(
    photos: Path, style_picture: Path, tmp_path: Path, smallest_px: int | None
) -> None:
    """L-BFGS never goes uphill, so that the best so far is the one that a snapshot has."""
    out = tmp_path / "out.png"
    method = Method(network="random", style_size_px=48, plan=Plan(iterations=6, smallest_px=smallest_px))
    task = StylizeTask(photos / "photo_0.png", (StyleFile(style_picture),), out, 32, (), (2, 4), save_every=2)
    seen: dict[int, Pixels] = {}
    for event in stylize(task, method, torch.device("cpu")):
        if out.exists():
            seen[event.iteration] = read_picture(out).rgb
    assert sorted(seen) == [2, 3, 4, 5, 6]
    assert {picture.shape for picture in seen.values()} == {(32, 41, 3)}
    assert [np.array_equal(seen[one], seen[one + 1]) for one in (2, 3, 4, 5)] == [True, False, True, True]
    last = read_picture(out).rgb
    assert not np.array_equal(seen[6], last)
    for number in (2, 4):
        snapshot = read_picture(tmp_path / f"out_{number}.png").rgb
        assert np.array_equal(snapshot, seen[number]) == (snapshot.shape == last.shape)
    assert (read_picture(tmp_path / "out_2.png").rgb.shape == last.shape) == (smallest_px is None)


def interrupt(command: Arguments, sign: Path, out: Path) -> tuple[subprocess.CompletedProcess[str], bytes]:
    """Press Ctrl-C when `sign` is there; return what became of the program, and what `out` held just before."""
    program = [sys.executable, "-c", PROGRAM, *map(str, command)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 120
        while not sign.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        before = out.read_bytes() if out.exists() else b""
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(timeout=60)
    return subprocess.CompletedProcess(program, process.returncode, printed, said), before


@pytest.mark.skipif(sys.platform == "win32", reason="sends a Ctrl-C to one process alone")
@pytest.mark.parametrize("options", [(), ("--set", "optimisation.smallest_px=16")])
def test_ctrl_c_writes_the_best_picture(command: Arguments, tmp_path: Path, options: tuple[str | int, ...]) -> None:
    out = tmp_path / "out.png"
    write_picture(out, draw_photo(9, 300, 400))
    old = out.read_bytes()
    done, before = interrupt([*command, *options, "--set", "stylize.snapshots=3"], tmp_path / "out_3.png", out)
    assert (done.returncode, done.stdout) == (130, ""), done.stderr
    assert before == old
    loading, interrupted = done.stderr.splitlines()
    assert loading == "note: loading torch"
    number = interrupted.split()[3]
    assert interrupted == f"interrupted at iteration {number} of 1000000: {out} is the best picture so far"
    assert 3 <= int(number) < 1000000
    picture, coarse = read_picture(out).rgb, read_picture(tmp_path / "out_3.png").rgb
    assert picture.shape == (32, 41, 3)
    assert coarse.shape == ((16, 20, 3) if options else (32, 41, 3))
    assert picture.std() > 10
    assert not list(tmp_path.glob(".nst-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="sends a Ctrl-C to one process alone")
def test_ctrl_c_while_the_file_is_saved_again_and_again(command: Arguments, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    done, before = interrupt([*command, "--save-every", 1], out, out)
    assert done.returncode == 130
    assert before.startswith(b"\x89PNG")
    assert before.endswith(b"IEND\xaeB`\x82"), "whole at any moment"
    assert read_picture(out).rgb.shape == (32, 41, 3)
    assert not list(tmp_path.glob(".nst-*"))


def test_ctrl_c_before_the_first_iteration_writes_nothing(
    run: Run, command: Arguments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(*arguments: object) -> None:
        signal.raise_signal(signal.SIGINT)

    def handle(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stylize_module, "frame_photo", press)
    before = signal.signal(signal.SIGINT, handle)
    try:
        result = run(*command)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (result.code, result.out, result.err) == (130, "", "interrupted\n")
    assert not (tmp_path / "out.png").exists()


def test_save_every_is_at_least_one(run: Run, command: Arguments) -> None:
    result = run(*command, "--save-every", 0)
    assert result.code == 2
    assert "--save-every" in result.message
