"""Training goes on where it was, to the bit, and stops at the first loss that is no number."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from nst_runtime.errors import NstError
from nst_student.training.loop import Loop, Schedule
from nst_student.training.session import Interrupted, run_session
from nst_student.training.step import Step, Terms

STEPS = 12


def make_loop(
    folder: Path,
    *,
    settings: dict[str, int] | None = None,
    poison: int | None = None,
    clock: Callable[[], float] = lambda: 0.0,
    save_every: int = 4,
    in_step: Callable[[int], None] = lambda number: None,
) -> Loop:
    torch.manual_seed(0)
    model = torch.nn.Linear(4, 1)
    control = torch.zeros(1)

    def draw(number: int) -> tuple[torch.Tensor, ...]:
        x = torch.randn(8, 4, generator=torch.Generator().manual_seed(number))
        return x, torch.tensor(float("nan") if number == poison else 1.0), torch.tensor(float(number))

    def judge(x: torch.Tensor, factor: torch.Tensor, number: torch.Tensor) -> Terms:
        control.add_(0.5)
        in_step(int(number))
        loss = (model(x) - x.sum(dim=1, keepdim=True)).square().mean() * factor
        return {"number": number, "loss": loss}

    return Loop(
        model,
        Step(draw, judge),
        Schedule(STEPS, 0.1, warmup_steps=2),
        state_file=folder / "state.pt",
        settings=settings or {"a": 1},
        controls={"control": control},
        optimizer="soap",
        report_every=2,
        save_every=save_every,
        clock=clock,
    )


@pytest.fixture(autouse=True)
def hear_ctrl_c() -> Iterator[None]:
    """Undo what a shell does to jobs in the background, whose Ctrl-C is switched off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def run(folder: Path, loop: Loop, stop_after: int | None = None, *, kill: bool = False) -> None:
    """Train to the end, or until the report of step `stop_after`; `kill`: what is kept on being stopped is lost."""
    path = folder / "state.pt"
    for progress in run_session(folder, loop, sample_every=0, write_sample=lambda path: None):
        if stop_after is not None and progress.report.step >= stop_after:
            before = path.read_bytes() if path.exists() else None
            break
    else:
        return
    if kill:
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before)


def check_same_end(whole: Path, broken: Path) -> None:
    """Finish the training in `broken`, and compare it to one that was never stopped."""
    unbroken, resumed = make_loop(whole), make_loop(broken)
    run(whole, unbroken)
    run(broken, resumed)
    for name, value in unbroken.modules.state_dict().items():
        assert torch.equal(value, resumed.modules.state_dict()[name])
    assert torch.equal(unbroken.controls["control"], resumed.controls["control"])
    lines = (broken / "log.jsonl").read_text()
    assert lines == (whole / "log.jsonl").read_text()
    assert [json.loads(line)["step"] for line in lines.splitlines()] == [2, 4, 6, 8, 10, 12]


def kept_step(folder: Path) -> int:
    return int(torch.load(folder / "state.pt", weights_only=True)["step"])


@pytest.mark.parametrize("stop_after", [2, 4, 6, 10, 12])
@pytest.mark.parametrize("kill", [True, False])
def test_a_broken_run_ends_like_an_unbroken_one(tmp_path: Path, stop_after: int, kill: bool) -> None:
    run(tmp_path / "b", make_loop(tmp_path / "b"), stop_after, kill=kill)
    if kill:
        assert (tmp_path / "b/state.pt").exists() == (stop_after > 4)
    else:
        assert kept_step(tmp_path / "b") == stop_after
    check_same_end(tmp_path / "a", tmp_path / "b")


@pytest.mark.parametrize("at", range(1, STEPS + 1))
def test_ctrl_c_in_a_step_waits_for_its_end_and_keeps_it(tmp_path: Path, at: int) -> None:
    """Whatever the step's number, between two reports too, where the next one is of steps before and after."""

    def press(number: int) -> None:
        if number == at - 1:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(Interrupted) as stop:
        run(tmp_path / "b", make_loop(tmp_path / "b", in_step=press))
    assert (stop.value.kept_step, stop.value.steps, kept_step(tmp_path / "b")) == (at, STEPS, at)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    check_same_end(tmp_path / "a", tmp_path / "b")


def test_ctrl_c_while_a_sample_is_drawn_draws_it_again(tmp_path: Path) -> None:
    """The report that was not yet done with comes once more."""

    def press(path: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stop:
        list(run_session(tmp_path, make_loop(tmp_path), sample_every=6, write_sample=press))
    assert stop.value.kept_step == 6
    drawn: list[str] = []
    list(run_session(tmp_path, make_loop(tmp_path), sample_every=6, write_sample=lambda path: drawn.append(path.name)))
    assert drawn == ["step_000006.png", "step_000012.png"]


def test_a_second_ctrl_c_does_not_wait_and_leaves_the_state_before(tmp_path: Path) -> None:
    def press_twice(number: int) -> None:
        for _ in range(2 * (number == 6)):
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(Interrupted) as stop:
        run(tmp_path / "b", make_loop(tmp_path / "b", in_step=press_twice))
    assert (stop.value.kept_step, kept_step(tmp_path / "b")) == (4, 4)
    check_same_end(tmp_path / "a", tmp_path / "b")


def test_ctrl_c_keeps_no_state_with_a_weight_that_is_not_a_number(tmp_path: Path) -> None:
    def press(number: int) -> None:
        if number == 6:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(Interrupted):
        run(tmp_path, make_loop(tmp_path, poison=6, in_step=press))
    assert kept_step(tmp_path) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process at once")
def test_sigterm_keeps_the_state_and_ends_the_process(tmp_path: Path) -> None:
    script = """
import pathlib, signal, test_loop
folder = pathlib.Path()
press = lambda number: signal.raise_signal(signal.SIGTERM) if number == 6 else None
test_loop.run(folder, test_loop.make_loop(folder, in_step=press))
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, check=False)
    assert (done.returncode, kept_step(tmp_path)) == (-signal.SIGTERM, 7)


@pytest.mark.parametrize(("step_s", "kept"), [(59.0, [2, 4, 6, 8, 10, 12]), (20.0, [3, 6, 9, 12]), (4.0, [12])])
def test_the_state_is_saved_once_a_minute(tmp_path: Path, step_s: float, kept: list[int]) -> None:
    """And not more often: a minute after the last time, in the middle between two reports as well."""
    now, seen = 0.0, []

    def tick(number: int) -> None:
        nonlocal now
        now += step_s
        seen.append(loop.kept_step)

    loop = make_loop(tmp_path, clock=lambda: now, save_every=100, in_step=tick)
    run(tmp_path, loop)
    assert sorted({*seen, loop.kept_step} - {0}) == kept
    assert kept_step(tmp_path) == STEPS


def test_a_minutes_state_between_two_reports_ends_like_an_unbroken_run(tmp_path: Path) -> None:
    now = 0.0

    def tick(number: int) -> None:
        nonlocal now
        now += 20.0
        if number == 10:
            raise RuntimeError("a fault in the program")  # which keeps nothing

    with pytest.raises(RuntimeError):
        run(tmp_path / "b", make_loop(tmp_path / "b", clock=lambda: now, save_every=100, in_step=tick))
    assert kept_step(tmp_path / "b") == 9
    check_same_end(tmp_path / "a", tmp_path / "b")


def test_a_state_of_before_reports_were_kept_is_taken_up(tmp_path: Path) -> None:
    run(tmp_path / "b", make_loop(tmp_path / "b"), stop_after=6, kill=True)
    path = tmp_path / "b/state.pt"
    state = torch.load(path, weights_only=True)
    torch.save({key: value for key, value in state.items() if key != "unreported"}, path)
    check_same_end(tmp_path / "a", tmp_path / "b")


def test_other_settings_are_refused_and_named(tmp_path: Path) -> None:
    run(tmp_path, make_loop(tmp_path))
    with pytest.raises(NstError, match="a: 1 → 2"):
        make_loop(tmp_path, settings={"a": 2}).resume()


def test_a_loss_that_is_no_number_keeps_the_last_good_state(tmp_path: Path) -> None:
    with pytest.raises(NstError, match="step 7"):
        run(tmp_path, make_loop(tmp_path, poison=6))
    kept = make_loop(tmp_path)
    assert kept.resume()
    assert kept.step == 4
    assert all(bool(torch.isfinite(value).all()) for value in kept.modules.state_dict().values())


def test_a_gradient_that_is_no_number_is_not_saved(tmp_path: Path) -> None:
    """The loss of step 8, after which the state is saved, is a number still."""
    loop = make_loop(tmp_path)
    (weight, _) = loop.parameters
    weight.register_hook(lambda gradient: gradient * (float("nan") if loop.step == 7 else 1))  # type: ignore[no-untyped-call]
    with pytest.raises(NstError, match=r"no longer a number at step 8; the state before is kept in .*state\.pt"):
        run(tmp_path, loop)
    kept = make_loop(tmp_path)
    assert kept.resume()
    assert kept.step == 4
    assert all(bool(torch.isfinite(value).all()) for value in kept.modules.state_dict().values())


def test_no_state_is_named_where_none_was_saved(tmp_path: Path) -> None:
    with pytest.raises(NstError, match="step 1; nothing was saved yet"):
        run(tmp_path, make_loop(tmp_path, poison=0))


@pytest.mark.parametrize("damage", ["cut", "text", "list", "no modules", "other modules", "no optimizer"])
def test_a_damaged_state_is_one_error(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "state.pt"
    run(tmp_path, make_loop(tmp_path))
    state = torch.load(path, weights_only=True)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:1500])
    elif damage == "text":
        path.write_bytes(b"PK\x03\x04 half a file")
    else:
        lacking: dict[str, object] = {
            "list": [1, 2],
            "no modules": {key: value for key, value in state.items() if key != "modules"},
            "other modules": {**state, "modules": {}},
            "no optimizer": {**state, "optimizer": {}},
        }
        torch.save(lacking[damage], path)
    with pytest.raises(NstError, match="damaged; start again with `fresh`"):
        make_loop(tmp_path).resume()


def test_lines_of_the_log_that_say_nothing_are_dropped_and_leftovers_removed(tmp_path: Path) -> None:
    run(tmp_path, make_loop(tmp_path), stop_after=6)
    log, leftover = tmp_path / "log.jsonl", tmp_path / ".nst-0123456789abcdef.tmp"
    log.write_bytes(log.read_bytes() + b'{1}\n{"a": 1}\n\377\376\n{"step": 6, "lo')
    leftover.touch()
    run(tmp_path, make_loop(tmp_path))
    assert [json.loads(line)["step"] for line in log.read_text().splitlines()] == [2, 4, 6, 8, 10, 12]
    assert not leftover.exists()


def test_the_rate_warms_up_and_comes_down() -> None:
    schedule = Schedule(steps=100, learning_rate=1.0, warmup_steps=10)
    assert schedule.rate(0) == pytest.approx(0.1, rel=0.01)
    assert schedule.rate(50) == pytest.approx(0.5)
    assert schedule.rate(99) < 0.001


def test_reports_average_each_term_over_the_steps_since_the_last(tmp_path: Path) -> None:
    reports = list(make_loop(tmp_path).run())
    assert set(reports[0].means) == {"loss", "number"}
    assert [(report.step, report.means["number"]) for report in reports] == [
        (2, 0.5), (4, 2.5), (6, 4.5), (8, 6.5), (10, 8.5), (12, 10.5),
    ]  # fmt: skip


def test_a_loop_judges_what_it_draws_and_gradients_do_not_add_up(tmp_path: Path) -> None:
    """Every step descends by its own gradient alone: as plain gradient descent by hand."""
    model = torch.nn.Linear(2, 1, bias=False)
    torch.nn.init.zeros_(model.weight)

    def judge(x: torch.Tensor) -> Terms:
        return {"loss": (model.weight * x).sum()}

    step = Step(lambda number: (torch.tensor([[1.0, number]]),), judge)
    schedule = Schedule(6, 0.1, warmup_steps=1)
    loop = Loop(
        model, step, schedule, state_file=tmp_path / "state.pt", settings={}, optimizer="sgd",
        report_every=2, save_every=6,
    )  # fmt: skip
    for report in loop.run():
        rates = [schedule.rate(number) for number in range(report.step)]
        expected = [-sum(rates), -sum(rate * number for number, rate in enumerate(rates))]
        assert model.weight[0].tolist() == pytest.approx(expected, rel=1e-5)
