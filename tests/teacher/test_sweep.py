"""nst-teacher sweep: more weight, less style loss; and what all figures share: nothing half-written."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_runtime.errors import NstError
from nst_runtime.pictures.read import read_picture
from nst_teacher.cli import progress_display
from nst_teacher.figures.figure_files import check_folder, in_short
from nst_teacher.settings.series import parse_range

from .conftest import Run, hash_files
from .figures import paths_of, read_log, read_table
from .test_cli import check_refused

Arguments = list[str | Path | int]


@pytest.fixture
def command(photos: Path, style_picture: Path, tmp_path: Path) -> Arguments:
    """A quick ``sweep`` of a 90×70 photo at 32 px over four weights."""
    return [
        "sweep", photos / "photo_0.png", style_picture, tmp_path / "out", "--style-weight", "1e-3:1:4",
        "--network", "random", "--size", 32, "--iterations", 25, "--set", "style.style_size_px=48",
    ]  # fmt: skip


def test_more_weight_leaves_less_of_the_style_loss(run: Run, command: Arguments) -> None:
    result = run(*command)
    _, table, log = paths_of(result)
    rows, lines = read_table(table), read_log(log)
    assert [line.split(": loss")[0] for line in result.err.splitlines()] == [
        "[1/4] style weight 1e-3", "[2/4] style weight 1e-2", "[3/4] style weight 1e-1", "[4/4] style weight 1e0"
    ]  # fmt: skip
    assert [float(row["style_weight"]) for row in rows] == [0.001, 0.01, 0.1, 1]
    style, content = ([float(row[f"{name}_loss"]) for row in rows] for name in ("style", "content"))
    assert style == sorted(style, reverse=True)
    assert content == sorted(content)
    assert style[0] > 3 * style[-1]
    for row in rows:
        weight = float(row["style_weight"])
        own = [line for line in lines if line["style_weight"] == weight]
        assert (own[0]["iteration"], own[-1]["iteration"]) == (0, 25)
        assert own[0]["style"] == pytest.approx(lines[0]["style"], rel=1e-5)
        assert (float(row["style_loss"]), float(row["content_loss"])) == (own[-1]["style"], own[-1]["content"])
        parts = weight * own[-1]["style"] + 0.01 * own[-1]["content"] + 0.03 * own[-1]["variation"]
        assert own[-1]["total"] == pytest.approx(parts, rel=1e-5)


def test_each_picture_is_what_stylize_makes(run: Run, command: Arguments, tmp_path: Path) -> None:
    sheet, *_ = paths_of(run(*command))
    paths_of(run("stylize", *command[1:3], tmp_path / "alone.png", "--set", "losses.style_weight=0.1", *command[6:]))
    made = read_picture(sheet.with_name("sweep_3_1e-1.png")).rgb
    assert np.array_equal(made, read_picture(tmp_path / "alone.png").rgb)
    with Image.open(sheet) as image:
        assert image.size == (8 + 4 * 168, 8 + 24 + 125 + 8)


def test_a_preset_balanced_by_gradients_is_swept_all_the_same(run: Run, command: Arguments) -> None:
    _, table, _ = paths_of(run(*command, "--preset", "cs229", "--style-weight", "1e-4:1e4:2", "--iterations", 8))
    low, high = read_table(table)
    assert float(low["style_loss"]) > float(high["style_loss"])


def test_weights_grow_by_equal_ratios() -> None:
    assert parse_range("1e2:1e7") == (1e2, 1e3, 1e4, 1e5, 1e6, 1e7)
    assert parse_range("1:4:3") == (1, 2, 4)
    assert parse_range("0.5:8:2") == (0.5, 8)
    assert [in_short(weight) for weight in (100, 1e7, 0.0316228, 2.5)] == ["1e2", "1e7", "3.16e-2", "2.5e0"]


@pytest.mark.parametrize(
    "text", ["1e2", "1:2:3:4", "2:1", "1:1", "0:1", "-1:1", "1:inf", "nan:1", "a:b", "1:2:1", "1:2:2.5"]
)
def test_ranges_that_are_none(text: str) -> None:
    with pytest.raises(NstError, match=r"not LOW:HIGH or LOW:HIGH:COUNT with .*; give a range such as 1e2:1e7:6"):
        parse_range(text)


def test_what_cannot_be(run: Run, command: Arguments, photos: Path, tmp_path: Path) -> None:
    check_refused(run(*command, "--style-weight", "7"), "--style-weight is '7', not LOW:HIGH or LOW:HIGH:COUNT")
    check_refused(run(*command[:4], *command[6:]), "--style-weight", code=2)
    check_refused(run(*command[:2], photos / "photo_0.png", *command[3:]), "are the same picture")
    check_refused(run(*command, "--set", "network.style_layers=scale9"), "random has no layer scale9; it has scale1")
    (tmp_path / "out").write_text("mine")
    check_refused(run(*command), "out is a file; give a folder to write to")
    assert (tmp_path / "out").read_text() == "mine"


def test_a_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    check_folder(tmp_path / "new" / "newer")
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)
    with pytest.raises(NstError, match="no permission; choose another folder"):
        check_folder(tmp_path / "new" / "newer")


def test_losses_that_are_no_numbers(run: Run, command: Arguments, tiny_vgg: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    state = load_file(tiny_vgg)
    state["features.0.bias"][0] = float("nan")
    save_file(state, tiny_vgg)
    result = run(*command, "--network", "vgg19", "--weights", tiny_vgg)
    assert (result.code, result.out) == (1, "")
    assert result.message.startswith("style weight 1e-3: the loss is not a number (NaN or infinite) after 0 iterations")
    assert not (tmp_path / "out").exists()


def test_ctrl_c_leaves_the_files_as_they_were_and_a_rerun_replaces_them(
    run: Run, command: Arguments, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    paths_of(run(*command))
    (tmp_path / "out" / "mine.txt").write_text("mine")
    before = hash_files(tmp_path / "out")
    shown = 0

    def interrupt(display: object, event: object) -> None:
        nonlocal shown
        shown += 1
        if shown == 60:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(progress_display.PlainLines, "show", interrupt)
        assert run(*command, "--set", "optimisation.seed=1", "--start", "noise").code == 130
    assert hash_files(tmp_path / "out") == before
    paths_of(run(*command, "--start", "noise"))
    after = hash_files(tmp_path / "out")
    assert after.keys() == before.keys()
    assert [name for name in before if after[name] == before[name]] == ["mine.txt"]
