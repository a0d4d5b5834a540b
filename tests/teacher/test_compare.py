"""nst-teacher compare: one loss, one start, several optimizers; and Mak's six cases."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_runtime.errors import NstError
from nst_runtime.pictures.read import read_picture
from nst_teacher.cli.choice import Choice
from nst_teacher.cli.compare_command import read_cases
from nst_teacher.figures.layer_cases import scale_snapshots
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import Plan
from nst_teacher.settings.series import OptimizerRun, parse_optimizers

from .conftest import Run
from .figures import paths_of, read_log, read_table
from .test_cli import check_refused

Arguments = list[str | Path | int]


@pytest.fixture
def command(photos: Path, style_picture: Path, tmp_path: Path) -> Arguments:
    """A quick ``compare`` of a 90×70 photo at 32 px."""
    return [
        "compare", photos / "photo_0.png", style_picture, tmp_path / "out", "--network", "random", "--size", 32,
        "--iterations", 12, "--set", "style.style_size_px=48",
    ]  # fmt: skip


def test_all_optimizers_start_from_the_same_loss_and_lower_it(run: Run, command: Arguments) -> None:
    plot, sheet, table, log = paths_of(run(*command, "--start", "noise"))
    names = ["lbfgs", "adam", "adadelta", "gradient-descent"]
    rows, lines = read_table(table), read_log(log)
    assert [row["optimizer"] for row in rows] == names
    assert [row["learning_rate"] for row in rows] == ["", "0.03", "1.0", "0.01"]
    assert len({row["initial_loss"] for row in rows}) == 1
    for name, row in zip(names, rows, strict=True):
        own = [line for line in lines if line["optimizer"] == name]
        assert [line["iteration"] for line in own] == list(range(13))
        assert float(row["initial_loss"]) == own[0]["total"]
        assert float(row["final_loss"]) == own[-1]["total"] < 0.9 * own[0]["total"]
        assert (float(row["content_loss"]), float(row["style_loss"])) == (own[-1]["content"], own[-1]["style"])
        seconds = [line["seconds"] for line in own]
        assert seconds[0] == 0
        assert seconds == sorted(seconds)
        assert float(row["seconds"]) == seconds[-1] > 0
    assert float(rows[0]["final_loss"]) == min(float(row["final_loss"]) for row in rows)
    with Image.open(plot) as image:
        colours = {tuple(colour) for colour in np.asarray(image.convert("RGB")).reshape(-1, 3)}
    assert {(0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00), (0x00, 0x9E, 0x73), (0xCC, 0x79, 0xA7)} <= colours
    with Image.open(sheet) as image:
        assert image.size == (8 + 4 * 168, 8 + 24 + 125 + 8)


def test_each_picture_is_what_stylize_makes(run: Run, command: Arguments, tmp_path: Path) -> None:
    _, _, table, _ = paths_of(run(*command, "--optimizers", "lbfgs,adam=0.1"))
    alone = ["stylize", *command[1:3], tmp_path / "alone.png", *command[4:]]
    for name, options in (
        ("lbfgs", []),
        ("adam=0.1", ["--set", "optimisation.optimizer=adam", "--set", "optimisation.learning_rate=0.1"]),
    ):
        paths_of(run(*alone, *options))
        made = read_picture(table.with_name(f"compare_{name}.png")).rgb
        assert np.array_equal(made, read_picture(tmp_path / "alone.png").rgb)


def test_a_rate_is_the_optimizers_own() -> None:
    assert parse_optimizers("lbfgs, adam=0.5,gd,gd") == (
        OptimizerRun("lbfgs"), OptimizerRun("adam", 0.5), OptimizerRun("gradient-descent")
    )  # fmt: skip
    method = Method(plan=Plan("adam", learning_rate=0.06))
    rates = [run.plan(method).rate for run in parse_optimizers("adam,adam=0.5,adadelta,gd")]
    assert rates == [0.06, 0.5, 1.0, 0.01]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("lbfgs,sgd", "no optimizer 'sgd'; there are lbfgs, adam, adadelta, gradient-descent (or gd for the last)"),
        (",", "`optimizers` is ',', which names none of lbfgs, adam, adadelta, gradient-descent"),
        ("adam=", "the rate of 'adam=' is not above 0"), ("adam=0", "above 0 and at most 10"),
        ("gd=nan", "'gd=nan' is not above 0 and at most 10; write it as adam=0.05"),
        ("adam=11", "above 0 and at most 10"), ("lbfgs=1", "lbfgs finds its steps by itself"),
    ],
)  # fmt: skip
def test_optimizers_that_there_are_not(text: str, word: str) -> None:
    with pytest.raises(NstError) as refusal:
        parse_optimizers(text)
    assert word in str(refusal.value)


def test_what_cannot_be(run: Run, command: Arguments, photos: Path, tmp_path: Path) -> None:
    check_refused(run(*command, "--optimizers", "newton"), "no optimizer 'newton'; there are lbfgs, adam")
    check_refused(run(*command[:2], photos / "photo_0.png", *command[3:]), "are the same picture")
    (tmp_path / "file").write_text("")
    check_refused(run(*command[:3], tmp_path / "file" / "out", *command[4:]), "file is a file, not a folder")
    check_refused(
        run(*command, "--set", "optimisation.optimizer=adam"),
        "optimisation.optimizer would change nothing here: --optimizers names all that minimise",
    )
    cases = [*command, "--layer-cases"]
    check_refused(run(*cases, "--preset", "srinath"), "--layer-cases sets what --preset would; leave one of them out")
    check_refused(
        run(*cases, "--set", "network.layer_weights=1,1,1,1,1"), "--layer-cases sets what network.layer_weights would"
    )
    check_refused(run(*cases, "--optimizers", "adam"), "--layer-cases sets what --optimizers would")


def test_the_six_cases_are_maks(tiny_vgg: Path) -> None:
    cases = read_cases(
        Choice({"network": {"network": "vgg19", "weights": tiny_vgg}, "optimisation": {"iterations": 7}})
    )
    assert [case.method.layer_weights for case in cases] == [
        (0.2, 0.2, 0.2, 0.2, 0.2), (0.8, 0.2, 0.2, 0.2, 0.2), (0.2, 0.8, 0.2, 0.2, 0.2), (0.2, 0.2, 0.8, 0.2, 0.2),
        (0.2, 0.2, 0.2, 0.8, 0.2), (0.2, 0.2, 0.2, 0.2, 0.8),
    ]  # fmt: skip
    assert [(case.name, case.emphasis) for case in cases][:2] == [
        ("benchmark", "all at 0.2"), ("case 1", "relu1_1 at 0.8")
    ]  # fmt: skip
    assert {(case.method.weights, case.method.plan.iterations, case.method.plan.rate) for case in cases} == {
        (tiny_vgg, 7, 0.06)
    }


def test_snapshots_move_with_the_iterations() -> None:
    papers = (100, 300, 1900)
    assert scale_snapshots(papers, 1900, 1900) == papers
    assert scale_snapshots(papers, 1900, 2500) == papers
    assert scale_snapshots(papers, 1900, 190) == (10, 30, 190)
    assert scale_snapshots(papers, 1900, 2) == (1, 2)


def test_layer_cases_show_snapshots_and_losses(run: Run, command: Arguments) -> None:
    result = run(*command, "--layer-cases", "--iterations", 19)
    plot, sheet, table, log = paths_of(result)
    assert result.err.splitlines()[1] == "note: 19 iterations in place of 1900: snapshots at 1, 3, 19"
    rows, lines = read_table(table), read_log(log)
    assert [row["iteration"] for row in rows] == ["0", "1", "3", "19"] * 6
    start = {row["case"]: float(row["style"]) for row in rows if row["iteration"] == "0"}
    # Σ over the five cases of (0.8 L_k + 0.2 Σ of the others) is 8 times 0.2 Σ L.
    assert sum(start[f"case {number}"] for number in range(1, 6)) == pytest.approx(8 * start["benchmark"], rel=1e-5)
    for row in rows:
        (line,) = (one for one in lines if one["case"] == row["case"] and one["iteration"] == int(row["iteration"]))
        assert (float(row["total"]), float(row["content"])) == (line["total"], line["content"])
    last = [table.with_name(f"layer_cases_{name}_19.png") for name in ("benchmark", "case1", "case5")]
    assert len({path.read_bytes() for path in last}) == 3
    with Image.open(plot) as image:
        assert image.size == (1350, 600)
    with Image.open(sheet) as image:
        assert image.height == 8 + 6 * (24 + 160 + 8)
