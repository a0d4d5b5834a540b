"""nst-teacher reconstruct: shallow layers keep the photo, deep ones less, and Gram matrices add up layer by layer."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from nst_features.network import FeatureNetwork
from nst_features.networks import load_network
from nst_runtime.pictures.arrays import Pixels, resize_short_side, to_unit
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture
from nst_teacher.figures.reconstruct import psnr_db, standard_layers

from .conftest import Run, draw_photo
from .figures import paths_of, read_log, read_table
from .test_cli import check_refused

Arguments = list[str | Path | int]
SCALES = ["scale1", "scale2", "scale3", "scale4"]


@pytest.fixture
def command(photos: Path, style_picture: Path, tmp_path: Path) -> Arguments:
    """A quick ``reconstruct`` of a 90×70 photo at 32 px."""
    return [
        "reconstruct", photos / "photo_0.png", tmp_path / "out", "--style-image", style_picture, "--network", "random",
        "--size", 32, "--iterations", 15,
    ]  # fmt: skip


def features(picture: Pixels, layer: str) -> torch.Tensor:
    found: dict[str, torch.Tensor] = load_network("random")(torch.from_numpy(to_unit(picture)), [layer])
    return found[layer]


def grams(picture: Pixels, layer: str) -> torch.Tensor:
    flat = features(picture, layer)[0].flatten(1)
    return flat @ flat.T / flat.shape[1]


def test_shallow_layers_keep_more_of_the_photo(run: Run, command: Arguments) -> None:
    _, table, _ = paths_of(run(*command))
    photo = resize_short_side(draw_photo(0), 32)
    content = [row for row in read_table(table) if row["row"] == "content"]
    assert [row["layer"] for row in content] == SCALES
    near = [float(row["psnr_db"]) for row in content]
    assert near[0] > near[1] + 10 > near[3] + 10
    for row in content:
        made = read_picture(table.with_name(f"reconstruct_content_{row['layer']}.png")).rgb
        error = ((made / 255 - photo / 255) ** 2).mean()
        assert -10 * np.log10(error) == pytest.approx(float(row["psnr_db"]), abs=0.01)


def test_each_picture_is_from_its_layers_alone(run: Run, command: Arguments, style_picture: Path) -> None:
    """After few iterations the losses in the table are those of the pictures, by the formulas written out."""
    _, table, _ = paths_of(run(*command, "--iterations", 2))
    photo, style = (resize_short_side(rgb, 32) for rgb in (draw_photo(0), read_picture(style_picture).rgb))
    for row in read_table(table):
        made = read_picture(table.with_name(f"reconstruct_{row['row']}_{row['layer']}.png")).rgb
        losses = []
        for layer in row["layers"].split():
            if row["row"] == "content":
                ours, wanted = features(made, layer), features(photo, layer)
            else:
                ours, wanted = grams(made, layer), grams(style, layer)
            losses.append(float((ours - wanted).square().mean() / wanted.square().mean()))
        assert float(row["final_loss"]) == pytest.approx(np.mean(losses), rel=0.05)


def test_style_is_from_all_layers_up_to_each_one_or_from_it_alone(run: Run, command: Arguments) -> None:
    _, table, log = paths_of(run(*command, "--iterations", 3))
    style = [row for row in read_table(table) if row["row"] == "style"]
    assert [row["layers"] for row in style] == [" ".join(SCALES[: n + 1]) for n in range(4)]
    assert all(float(row["final_loss"]) < 0.8 * float(row["initial_loss"]) for row in style)
    first = table.with_name("reconstruct_style_scale3.png").read_bytes()
    paths_of(run(*command, "--iterations", 3, "--alone"))
    assert [row["layers"] for row in read_table(table) if row["row"] == "style"] == SCALES
    assert table.with_name("reconstruct_style_scale3.png").read_bytes() != first
    assert {line["iteration"] for line in read_log(log)} == {0, 1, 2, 3}


def test_the_table_agrees_with_the_ends_of_the_log(run: Run, command: Arguments) -> None:
    _, table, log = paths_of(run(*command))
    lines = read_log(log)
    rows = read_table(table)
    assert len(rows) == 8
    for row in rows:
        own = [line for line in lines if (line["row"], line["layer"]) == (row["row"], row["layer"])]
        assert [line["iteration"] for line in own] == list(range(16))
        assert float(row["initial_loss"]) == own[0]["loss"]
        assert float(row["final_loss"]) == own[-1]["loss"] == own[-1][row["row"]]
        assert float(row["seconds"]) == own[-1]["seconds"] > 0


def test_the_sheet_has_two_rows_of_originals_and_layers(run: Run, command: Arguments) -> None:
    sheet, *_ = paths_of(run(*command, "--iterations", 1))
    with Image.open(sheet) as image:
        wide, tall = 5 * (160 + 8), 125 + 135 + 2 * 32 + 8  # 41×32 and 38×32 px, shown 160 px wide
        assert image.height == tall
        assert 60 < image.width - wide < 110  # what the rows are called


def test_a_vgg_that_ends_early_has_its_own_columns(run: Run, command: Arguments, tiny_vgg: Path) -> None:
    vgg = [*command, "--preset", "gatys2016", "--network", "vgg19", "--weights", tiny_vgg, "--iterations", 1]
    _, table, _ = paths_of(run(*vgg))
    assert [row["layer"] for row in read_table(table)] == ["relu1_1", "relu2_1", "relu3_1"] * 2
    _, table, _ = paths_of(run(*vgg, "--content-layers", "relu1_2,relu2_2"))
    assert [row["layer"] for row in read_table(table)] == ["relu1_2", "relu2_2", "relu1_1", "relu2_1", "relu3_1"]
    check_refused(run(*vgg, "--style-layers", "relu1_1,relu4_1"), "ends after relu3_1, before relu4_1; it has relu1_1")


def test_resnets_columns_are_conv1_and_the_blocks() -> None:
    blocks = ("block1", "block2", "block3", "block4")
    stages: list[tuple[str, nn.Module]] = [(name, nn.Identity()) for name in ("conv1", *blocks)]
    network = FeatureNetwork("resnet50", stages, style_layers=blocks, content_layer="block3")
    assert standard_layers(network) == ("conv1", *blocks)


def test_a_presets_layers_are_matched_by_depth(run: Run, command: Arguments) -> None:
    named = [*command, "--iterations", 1, "--style-layers", "relu1_1,relu5_1", "--content-layers", "relu3_1"]
    check_refused(run(*named), "random has no layer relu3_1, relu1_1, relu5_1; it has scale1, scale2, scale3, scale4")
    result = run(*named, "--preset", "gatys2016")
    assert [row["layers"] for row in read_table(paths_of(result)[1])] == ["scale3", "scale1", "scale1 scale4"]
    assert result.err.splitlines()[0] == (
        "note: layers of random that stand in: scale1 for relu1_1, scale4 for relu5_1, scale3 for relu3_1"
    )


def test_a_preset_says_how_but_not_how_much(run: Run, command: Arguments) -> None:
    """Adam and the start are the preset's, its weights of layers and terms are not, nor its squares."""
    _, table, log = paths_of(run(*command, "--preset", "mak2021", "--iterations", 2))
    first = next(line for line in read_log(log) if line["row"] == "content" and line["layer"] == "scale1")
    assert first["total"] == first["content"] == first["loss"]
    assert read_picture(table.with_name("reconstruct_content_scale1.png")).rgb.shape == (32, 41, 3)
    black = psnr_db(np.zeros((32, 41, 3), np.uint8), resize_short_side(draw_photo(0), 32))
    assert abs(float(read_table(table)[0]["psnr_db"]) - black) < 3  # two steps from the empty picture


def test_without_a_style_image_both_rows_are_of_the_picture(run: Run, command: Arguments) -> None:
    own = [*command[:3], *command[5:], "--iterations", 1]
    _, table, _ = paths_of(run(*own))
    assert read_picture(table.with_name("reconstruct_style_scale1.png")).rgb.shape == (32, 41, 3)


def test_what_cannot_be(run: Run, command: Arguments, tiny_vgg: Path, tmp_path: Path) -> None:
    check_refused(
        run(*command, "--set", "optimisation.start=content"),
        "optimisation.start content begins",
        "set optimisation.start to",
    )
    check_refused(run(*command[:1], tmp_path / "none.png", *command[2:]), "no picture at")
    write_picture(tmp_path / "thin.png", np.full((300, 1, 3), 90, np.uint8))
    check_refused(run(*command[:1], tmp_path / "thin.png", *command[2:]), "1×300 px; both sides need at least 16")
    check_refused(
        run(*command, "--set", "network.scales=8", "--size", 16), "pictures of 16 px are too small", "a larger --size"
    )
    check_refused(run(*command[:2], tiny_vgg, *command[3:]), "tiny.safetensors is a file; give a folder to write to")
    check_refused(
        run(*command, "--set", "losses.style_weight=3"),
        "losses.style_weight would change nothing here: each picture is made from one term of the loss alone",
    )
