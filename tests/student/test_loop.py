"""Training goes on where it was, to the bit, and stops at the first loss that is no number."""

import json
from pathlib import Path

import pytest
import torch

from nst_runtime.errors import NstError
from nst_student.training.loop import Loop, Schedule
from nst_student.training.session import run_session
from nst_student.training.step import Step, Terms

STEPS = 12


def make_loop(folder: Path, *, settings: dict[str, int] | None = None, poison: int | None = None) -> Loop:
    torch.manual_seed(0)
    model = torch.nn.Linear(4, 1)
    control = torch.zeros(1)

    def draw(number: int) -> tuple[torch.Tensor, ...]:
        x = torch.randn(8, 4, generator=torch.Generator().manual_seed(number))
        return x, torch.tensor(float("nan") if number == poison else 1.0), torch.tensor(float(number))

    def judge(x: torch.Tensor, factor: torch.Tensor, number: torch.Tensor) -> Terms:
        control.add_(0.5)
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
        save_every=4,
    )


def run(folder: Path, loop: Loop, stop_after: int | None = None) -> None:
    for progress in run_session(folder, loop, sample_every=0, write_sample=lambda path: None):
        if stop_after is not None and progress.report.step >= stop_after:
            return  # as a kill would: without the state of this step


@pytest.mark.parametrize("stop_after", [2, 4, 6, 10, 12])
def test_a_broken_run_ends_like_an_unbroken_one(tmp_path: Path, stop_after: int) -> None:
    whole, broken = make_loop(tmp_path / "a"), make_loop(tmp_path / "b")
    run(tmp_path / "a", whole)
    run(tmp_path / "b", broken, stop_after)
    resumed = make_loop(tmp_path / "b")
    run(tmp_path / "b", resumed)
    for name, value in whole.modules.state_dict().items():
        assert torch.equal(value, resumed.modules.state_dict()[name])
    assert torch.equal(whole.controls["control"], resumed.controls["control"])
    assert (tmp_path / "a/log.jsonl").read_text() == (tmp_path / "b/log.jsonl").read_text()
    assert [json.loads(line)["step"] for line in (tmp_path / "b/log.jsonl").read_text().splitlines()] == [
        2,
        4,
        6,
        8,
        10,
        12,
    ]


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
