"""``nst-student compare``: trainings of one bank by several optimizers, from the same weights on the same pictures."""

import csv
import json
import tomllib
from pathlib import Path

import pytest
import torch

from nst_runtime.contracts.settings import apply
from nst_runtime.errors import NstError
from nst_runtime.pictures.read import read_picture
from nst_student.figures.compare import Comparison, Setup, compare
from nst_student.figures.loss_curves import running_means
from nst_student.figures.optimizer_runs import RATES, Run, parse_runs, settle_snapshots
from nst_student.figures.settings import IDLE, CompareSettings
from nst_student.networks.registry import Bank
from nst_student.training.step import Step

from .conftest import Run as Command
from .test_cli import TRAINED, bad, sets, write_fake_pairs
from .test_visualize import generator, place

JUDGED = sets(
    judges={"network": "random", "style_size_px": 48, "scales": 1},
    photos={"crop_px": 48, "photo_px": 64},
    training={"batch": 1},
)


def losses(out: Path) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for line in (out / "compare.jsonl").read_text().splitlines():
        entry = json.loads(line)
        found.setdefault(entry["optimizer"], []).append(entry["loss"])
    return found


def test_all_begin_alike_and_part_after_a_step(run: Command, photos: Path, style: Path, tmp_path: Path) -> None:
    data = ("--style", "waves", "--style-image", style, "--content", photos, *sets(compare={"photo": photos / "3.png"}))
    options = ("--optimizers", "sgd=0.2,adam,soap", "--steps", 4, "--snapshots", "3,1", "--out", "out")
    done = run("compare", *data, *options, *JUDGED)
    assert done.returncode == 0, done.stderr
    names = ["compare.png", "compare_sheet.png", "compare.csv", "compare.jsonl"]
    assert done.stdout.split() == [f"out/{name}" for name in names]
    out = tmp_path / "out"
    found = losses(out)
    assert {name: len(values) for name, values in found.items()} == {"sgd": 4, "adam": 4, "soap": 4}
    assert len({values[0] for values in found.values()}) == 1
    assert len({values[2] for values in found.values()}) == 3
    runs = ["sgd_0.2", "adam_0.005", "soap_0.005"]
    pictures = {path.name for path in (out / "snapshots").iterdir()}
    assert pictures == {f"{name}_{step:06d}.png" for name in runs for step in (1, 3)}
    assert read_picture(out / "snapshots" / "adam_0.005_000003.png").rgb.shape == (256, 256, 3)
    table = list(csv.DictReader((out / "compare.csv").read_text().splitlines()))
    assert [row["optimizer"] for row in table] == ["sgd", "adam", "soap"]
    assert [float(row["last_loss"]) for row in table] == [values[-1] for values in found.values()]
    assert all(float(row["seconds"]) > 0 for row in table)
    assert not (tmp_path / "workspace").exists()


def test_pixels_are_learnt_as_train_bank_learns_them(run: Command, tmp_path: Path) -> None:
    place(tmp_path / "workspace", "srinath")
    write_fake_pairs(tmp_path / "workspace/pairs/waves")
    done = run("train-bank", "--style", "waves", "--steps", 5, *sets(training={"optimizer": "adam"}), "--fresh")
    assert done.returncode == 0, done.stderr
    expected = json.loads((tmp_path / TRAINED / "log.jsonl").read_text())["loss"]
    shared = ("compare", "--style", "waves", "--objective", "pixels", "--out", "out", "--steps", 5)
    assert run(*shared, "--optimizers", "adam").returncode == 0
    assert sum(losses(tmp_path / "out")["adam"]) / 5 == pytest.approx(expected, rel=1e-5)


def test_gradient_descent_brings_the_pixels_loss_down(run: Command, tmp_path: Path) -> None:
    place(tmp_path / "workspace", "srinath")
    write_fake_pairs(tmp_path / "workspace/pairs/waves")
    shared = ("compare", "--style", "waves", "--objective", "pixels", "--out", "out", "--steps", 60)
    assert run(*shared, *sets(training={"batch": 3}), "--optimizers", "sgd").returncode == 0
    found = losses(tmp_path / "out")["sgd"]
    assert found[-1] < 0.9 * found[0]


def test_what_cannot_be_compared_is_an_error(run: Command, photos: Path, style: Path) -> None:
    ask = ("compare", "--style", "waves", "--out", "out")
    data = ("--style-image", style, "--content", photos)
    line = bad(run, 1, *ask, *data, "--optimizers", "adam,rmsprop")
    assert "no optimizer 'rmsprop'; there are soap, adam, sgd" in line
    assert "--snapshots has step 400 of a training of 300" in bad(run, 1, *ask, *data, "--snapshots", "100,400")
    assert "compare.snapshots is 0" in bad(run, 1, *ask, *data, "--snapshots", "0")
    assert "hint: give --style-image and --content" in bad(run, 1, *ask)
    assert "photos.crop_px is 200, not a multiple of 16" in bad(run, 1, *ask, *data, *sets(photos={"crop_px": 200}))
    assert "pairs" in bad(run, 1, *ask, "--objective", "pixels")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (sets(training={"learning_rate": 0.1}), "each optimizer has a rate of its own, in --optimizers"),
        (sets(losses={"reconstruction": 1}), "losses.reconstruction would change nothing here"),
        (sets(photos={"pairs": "x"}), "photos.pairs is for objectives with pixels"),
        (("--objective", "pixels", *sets(judges={"scales": 1})), "judges.scales is for judges"),
        (("--objective", "pixels", "--content", "photos"), "--content would change nothing here: --objective pixels"),
    ],
)
def test_what_would_change_nothing_is_refused(run: Command, arguments: tuple[str, ...], said: str) -> None:
    assert said in bad(run, 1, "compare", "--style", "waves", "--out", "out", *arguments)


def test_explain_lists_what_the_command_takes(run: Command) -> None:
    done = run("compare", "--explain")
    assert (done.returncode, done.stderr) == (0, "")
    listed = tomllib.loads(done.stdout)
    assert (listed["training"]["steps"], listed["photos"]["crop_px"]) == (300, 192)
    assert apply(CompareSettings(), listed) == CompareSettings()
    assert not [key for key in IDLE if key.partition(".")[2] in listed[key.partition(".")[0]]]


def test_a_rate_that_is_too_high_is_named(tmp_path: Path) -> None:
    made = generator(place(tmp_path / "workspace", "srinath"))

    def overflow(bank: Bank) -> Setup:
        weights = sum(parameter.sum() for parameter in bank.parameters())
        return Setup(Step(lambda number: (torch.tensor(1e30**number),), lambda factor: {"loss": weights * factor}))

    task = Comparison(made.codec, overflow, torch.zeros(1, 3, 32, 32), steps=5, snapshots=(5,))
    with pytest.raises(
        NstError, match=r"sgd=0.5: .* at step 3; give sgd a lower rate in `optimizers`, such as sgd=0.05"
    ):
        list(compare(task, [Run("sgd", 0.5)], tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_runs_and_snapshots_are_read_from_text() -> None:
    rates = RATES["pixels"]
    assert parse_runs("sgd=0.5, adam,adam", rates) == (Run("sgd", 0.5), Run("adam", rates["adam"]))
    assert settle_snapshots((30, 10, 30), 30) == (10, 30)
    assert settle_snapshots((), 30) == (30,)


def test_a_running_mean_looks_back_only() -> None:
    assert running_means([4.0, 2.0, 0.0, 6.0], 2) == [4, 3, 1, 3]
