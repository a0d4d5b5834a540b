"""The commands: what they print, and one line with the right exit code for whatever is wrong."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from nst_runtime.contracts.pairs import read_pairs
from nst_runtime.contracts.settings import find
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture
from nst_teacher.pairs.generate import PhotoFailed
from nst_teacher.settings.teacher_settings import TeacherSettings

from .conftest import Result, Run, write_tiny_vgg

Arguments = list[str | Path | int]
OWN = ("style", "style_image", "content", "workspace", "preset", "count", "size", "network", "weights", "device")


def change(arguments: Arguments, **options: str | Path | int) -> Arguments:
    """Return `arguments` with values replaced or added, by an option of generate, else by --set.

    Typer takes an option's last value.
    """
    changed = list(arguments)
    for name, value in options.items():
        if name in OWN:
            changed += [f"--{name.replace('_', '-')}", value]
            continue
        key = find(TeacherSettings, name.replace("deep_", "deep.")).key
        before = next((place for place, word in enumerate(changed) if str(word).startswith(f"{key}=")), None)
        changed = changed if before is None else changed[: before - 1] + changed[before + 1 :]
        changed += ["--set", f"{key}={value}"]
    return changed


def check_refused(result: Result, *words: str, code: int = 1) -> None:
    assert result.code == code
    assert result.out == ""
    kinds = [line.split(": ")[0] for line in result.err.splitlines()]
    assert kinds in (["error"], ["error", "hint"]), result.err
    for word in words:
        assert word in result.message


def test_generate_prints_the_manifest_and_counts_on_stderr(
    run: Run, generate_arguments: Arguments, tmp_path: Path
) -> None:
    result = run(*generate_arguments)
    assert result.code == 0
    assert result.out == f"{tmp_path / 'pairs' / 'pairs.json'}\n"
    lines = result.err.splitlines()
    assert [line.split()[0] for line in lines] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert all(" s left" in line and "loss" in line for line in lines)
    again = run(*generate_arguments)
    assert (again.code, again.out, again.err) == (0, result.out, "")
    more = run(*change(generate_arguments, count=4, title="Stripes"))
    assert more.code == 0
    assert read_pairs(tmp_path / "pairs").style.title == "Stripes"


def test_without_out_the_pairs_go_to_the_workspace(run: Run, generate_arguments: Arguments, tmp_path: Path) -> None:
    result = run(*generate_arguments[:-2], "--workspace", tmp_path / "work", "--count", 1)
    assert result.code == 0
    assert len(read_pairs(tmp_path / "work/pairs/stripes").pairs) == 1


def test_stylize_writes_the_short_side_asked_for(run: Run, photos: Path, style_picture: Path, tmp_path: Path) -> None:
    out = tmp_path / "result.png"
    command = ["stylize", photos / "photo_0.png", style_picture, out, "--network", "random"]
    result = run(*command, "--size", 35, "--iterations", 5)
    assert (result.code, result.out) == (0, f"{out}\n")
    assert read_picture(out).rgb.shape == (35, 45, 3)
    before = out.read_bytes()
    check_refused(
        run(*command, "--size", 35, "--set", "network.content_layers=relu1_1"),
        "random has no layer relu1_1; it has scale1",
    )
    assert out.read_bytes() == before


def test_the_learning_rate_is_adams(run: Run, generate_arguments: Arguments, tmp_path: Path) -> None:
    assert run(*change(generate_arguments, optimizer="adam", learning_rate="0.07", count=1)).code == 0
    settings = read_pairs(tmp_path / "pairs").settings
    assert (settings["optimizer"], settings["learning_rate"]) == ("adam", 0.07)


def test_unknown_layers_are_refused_with_those_there_are(run: Run, generate_arguments: Arguments) -> None:
    result = run(*change(generate_arguments, style_layers="scale1,relu9_9"))
    check_refused(result, "random has no layer relu9_9; it has scale1, scale2, scale3, scale4")
    check_refused(run(*change(generate_arguments, style_layers=" , ")), "network.style_layers names no layer")
    check_refused(
        run(*change(generate_arguments, style_layers="scale1,scale1")), "network.style_layers has scale1 twice"
    )


def test_a_style_picture_that_is_none(run: Run, generate_arguments: Arguments, tmp_path: Path) -> None:
    check_refused(run(*change(generate_arguments, style_image=tmp_path / "none.jpg")), "no picture at", "none.jpg")
    text = tmp_path / "text.jpg"
    text.write_text("hello")
    check_refused(run(*change(generate_arguments, style_image=text)), "text.jpg is not a picture")
    check_refused(run(*change(generate_arguments, style_image=tmp_path)), "is a folder")
    assert not (tmp_path / "pairs").exists()


def test_a_style_picture_among_the_photos(
    run: Run, generate_arguments: Arguments, photos: Path, style_picture: Path, tmp_path: Path
) -> None:
    (photos / "again.png").write_bytes(style_picture.read_bytes())
    words = (
        f"error: {photos / 'again.png'} and {style_picture} are the same picture\n"
        "hint: give a photo and another style\n"
    )
    for options in ({"count": 5}, {"count": 5, "shard": "1/2"}, {"count": 5, "shard": "2/2"}):
        result = run(*change(generate_arguments, **options))
        assert (result.code, result.out, result.err) == (1, "", words)
    blend = change(generate_arguments, style_blend=f"{photos / 'photo_2.png'}=0.5")
    check_refused(run(*blend), "photo_2.png and", "are the same picture")
    assert not (tmp_path / "pairs").exists()
    chosen = run(*change(generate_arguments, count=1, seed=3))  # it is in the folder and not among the chosen
    assert chosen.code == 0


def test_blends(run: Run, generate_arguments: Arguments, tmp_path: Path) -> None:
    other = tmp_path / "other=1.png"
    write_picture(other, np.full((50, 60, 3), (250, 120, 0), np.uint8))
    result = run(*change(generate_arguments, style_blend=f"{other}=4", count=1))
    assert result.code == 0
    assert read_pairs(tmp_path / "pairs").settings["blend_weights"] == [4.0]
    check_refused(run(*change(generate_arguments, style_blend="wave.jpg")), "'wave.jpg', not PICTURE=WEIGHT")
    check_refused(run(*change(generate_arguments, style_blend="none.jpg=1")), "none.jpg")


def test_pictures_of_one_pixels_width(run: Run, generate_arguments: Arguments, photos: Path, tmp_path: Path) -> None:
    thin = tmp_path / "thin.png"
    write_picture(thin, np.full((300, 1, 3), 90, np.uint8))
    check_refused(
        run(*change(generate_arguments, style_image=thin)), "thin.png is 1×300 px; both sides need at least 16"
    )
    check_refused(run(*change(generate_arguments, style_blend=f"{thin}=1")), "thin.png is 1×300 px")
    (photos / "photo_1.png").write_bytes(thin.read_bytes())
    result = run(*generate_arguments)
    assert (result.code, result.message.count("photo_1.png is 1×300 px; both sides need at least 16")) == (1, 1)
    assert len(read_pairs(tmp_path / "pairs").pairs) == 3


def test_content_that_is_none(run: Run, generate_arguments: Arguments, photos: Path, tmp_path: Path) -> None:
    check_refused(run(*change(generate_arguments, count=9)), "holds 4 pictures, not 9")
    check_refused(run(*change(generate_arguments, content=tmp_path / "none")), "no folder")
    check_refused(run(*change(generate_arguments, content=photos / "photo_0.png")), "is a file, not a folder")


def test_bad_photos_are_named_at_the_end(run: Run, generate_arguments: Arguments, photos: Path, tmp_path: Path) -> None:
    (photos / "photo_1.png").write_bytes((photos / "photo_1.png").read_bytes()[:300])
    (photos / "photo_3.png").write_text("not a picture")
    result = run(*generate_arguments)
    assert result.code == 1
    assert result.out == f"{tmp_path / 'pairs' / 'pairs.json'}\n"
    assert result.message.startswith("2 of 4 photos have no pair: ")
    assert result.message.endswith("; put that right and run again: only what is missing is made")
    assert "photo_1.png" in result.message
    assert "photo_3.png" in result.message
    assert "Traceback" not in result.err
    assert {pair.source for pair in read_pairs(tmp_path / "pairs").pairs} == {"photo_0.png", "photo_2.png"}


def test_of_many_failures_the_first_ten_are_named() -> None:
    from nst_teacher.cli.generate_command import describe_failures

    line = describe_failures(tuple(PhotoFailed(f"{n}.png", f"{n}.png is empty") for n in range(13)), 50)
    assert line.startswith("13 of 50 photos have no pair: 0.png is empty; 1.png is empty; ")
    assert line.endswith("9.png is empty; and 3 more")


def test_weights_that_are_none(run: Run, generate_arguments: Arguments, tmp_path: Path) -> None:
    vgg = change(generate_arguments, network="vgg19")
    check_refused(run(*change(vgg, weights=tmp_path / "none.pth")), "no weights file")
    for setting in ("weights", "deep_weights"):
        named = change(vgg, **{setting: "vgg99"})
        check_refused(run(*named), "no weights file vgg99 and no registered weights of that name")
    wrong = tmp_path / "wrong.safetensors"
    save_file({"conv.weight": torch.ones(3)}, wrong)
    check_refused(run(*change(vgg, weights=wrong)), "another network than vgg19: it has no tensor features.0.weight")
    check_refused(
        run(*change(generate_arguments, weights=wrong)), "random draws its own filters", "leave --weights out"
    )
    check_refused(
        run(*change(generate_arguments, deep_weights=wrong)),
        "second network: ",
        "another network than vgg19",
        "check deep.weights, deep.layers and deep.normalisation",
    )


def test_weights_of_nan_fail_every_photo(
    run: Run, generate_arguments: Arguments, tiny_vgg: Path, tmp_path: Path
) -> None:
    state = load_file(tiny_vgg)
    state["features.2.weight"][0, 0, 0, 0] = torch.nan
    save_file(state, tiny_vgg)
    result = run(*change(generate_arguments, network="vgg19", weights=tiny_vgg))
    assert (result.code, result.out) == (1, "")
    assert "4 of 4 photos have no pair" in result.message
    assert "not a number" in result.message
    assert not (tmp_path / "pairs" / "pairs.json").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_cuda_without_one(run: Run, generate_arguments: Arguments) -> None:
    check_refused(run(*change(generate_arguments, device="cuda")), "no CUDA device", "set --device to cpu")


def test_settings_that_changed(run: Run, generate_arguments: Arguments) -> None:
    assert run(*generate_arguments, "--count", 1).code == 0
    check_refused(run(*change(generate_arguments, iterations=7)), "iterations 6, now 7", "generate.out", "--fresh")
    fresh = run(*change(generate_arguments, iterations=7, count=1), "--fresh")
    assert fresh.code == 0
    assert fresh.err.startswith("[1/1]")


def test_a_disk_that_fills_keeps_the_pairs_before(
    run: Run, generate_arguments: Arguments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0

    def flush(handle: int) -> None:
        nonlocal written
        written += 1
        if written > 7:  # three files a pair, at most two pairs begun
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", flush)
        result = run(*generate_arguments)
    assert result.code == 1
    assert "the disk is full" in result.message
    assert "Traceback" not in result.err
    kept = len(list((tmp_path / "pairs/records").iterdir()))
    assert kept in (1, 2)
    assert not list((tmp_path / "pairs").rglob("*.tmp"))
    again = run(*generate_arguments)
    assert again.code == 0
    assert f"{kept} of 4 pairs were there already\n[{kept + 1}/4]" in again.err


def test_folders_that_cannot_be_written(run: Run, generate_arguments: Arguments, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    check_refused(run(*change(generate_arguments, out=blocked / "pairs")), "cannot write to")
    check_refused(run(*change(generate_arguments, out=blocked)), "cannot write to")


def test_pictures_too_small_for_the_scales(run: Run, generate_arguments: Arguments, tiny_vgg: Path) -> None:
    result = run(*change(generate_arguments, network="vgg19", weights=tiny_vgg, scales=5))
    check_refused(result, "too small for relu3_1 over 5 scales")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"network": "alexnet"}, "vgg16"),
        ({"count": 0}, "--count"),
        ({"size": "big"}, "--size"),
        ({"device": "gpu"}, "cuda"),
    ],
)
def test_wrong_usage_is_two(run: Run, generate_arguments: Arguments, options: dict[str, str | int], word: str) -> None:
    check_refused(run(*change(generate_arguments, **options)), word, "nst-teacher generate --help", code=2)


def test_names_of_styles_are_checked(run: Run, generate_arguments: Arguments) -> None:
    check_refused(run(*change(generate_arguments, style="../Waves")), "'../Waves' is", "valid style name")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("optimisation.optimizer=sgd", ("optimisation.optimizer must be one of 'lbfgs'", "not 'sgd'; give lbfgs|adam")),
        ("network.scales=0", ("network.scales is 0; give whole number 1 to 8; without it: 3; 1 for random",)),
        ("losses.content_wait=1", ("there is no setting losses.content_wait; did you mean losses.content_weight?",)),
        ("stylize.save_every=3", ("stylize.save_every would change nothing here: it is for nst-teacher stylize",)),
        ("run.size=64", ("run.size would change nothing here: pairs have generate.size; leave it out",)),
        ("generate.count=3", ("--count is given twice, the second time as generate.count; give it once",)),
        ("run.device", ("'run.device' sets nothing; write SECTION.NAME=VALUE",)),
    ],
)
def test_wrong_settings_say_what_is_valid(
    run: Run, generate_arguments: Arguments, setting: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    check_refused(run(*generate_arguments, "--set", setting), *words)
    assert not (tmp_path / "pairs").exists()


def test_the_tiny_weights_are_always_the_same(tmp_path: Path) -> None:
    first, second = (write_tiny_vgg(tmp_path / name) for name in ("a.safetensors", "b.safetensors"))
    assert first.read_bytes() == second.read_bytes()
    assert np.isfinite(load_file(first)["features.10.weight"].numpy()).all()
