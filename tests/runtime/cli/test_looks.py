"""Styles by weights, strength, strokes, colors and masks, as a person gives them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from nst_runtime import Look, Region, Regions, Stylizer
from nst_runtime.cli.looks import read_look, split_styles
from nst_runtime.errors import NstError
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

from ..running import Run, error_and_hint

Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer.load(threads=1)


@pytest.fixture
def picture(tmp_path: Path, photo: Pixels) -> Path:
    write_picture(tmp_path / "photo.png", photo)
    half = np.zeros(photo.shape[:2], np.uint8)
    half[:, : photo.shape[1] // 2] = 255
    Image.fromarray(half).save(tmp_path / "left.png")
    Image.new("L", (80, 60)).save(tmp_path / "black.png")
    Image.new("L", (8, 80), "white").save(tmp_path / "tall.png")
    return tmp_path / "photo.png"


def painted(run: Run, *options: object) -> Pixels:
    result = run("stylize", "photo.png", "out.png", "--threads", 1, *options)
    assert (result.code, result.err) == (0, "")
    return read_picture(Path("out.png")).rgb


def test_what_options_say_is_the_look_that_is_painted(
    run: Run, picture: Path, photo: Pixels, stylizer: Stylizer
) -> None:
    mask = read_picture(Path("left.png")).rgb[..., 0]
    cases: dict[tuple[object, ...], Look | Regions] = {
        ("--style", "waves=0.6", "--style", "scream=0.4"): Look({"waves": 0.6, "scream": 0.4}),
        ("--style", "waves", "--style", "scream"): Look({"waves": 0.5, "scream": 0.5}),
        ("--style", "waves", "--strength", 0.5): Look("waves", strength=0.5),
        ("--style", "waves", "--keep-colors"): Look("waves", colors=0),
        ("--style", "waves", "--color-strength", 0.3): Look("waves", colors=0.3),
        ("--style", "waves", "--stroke-size", 64): Look("waves", strokes=64),
        ("--style", "waves", "--stroke-size", "full"): Look("waves", strokes="full"),
        ("--style", "waves", "--mask", "left.png"): Regions([Region(mask, "waves")]),
        ("--style", "waves", "--style", "klee", "--mask", "left.png"): Regions([Region(mask, "waves")], rest="klee"),
        ("--style", "klee", "--protect", "left.png", "--strength", 0.5): Regions(
            rest=Look("klee", strength=0.5), protect=mask
        ),
    }
    for options, look in cases.items():
        np.testing.assert_array_equal(painted(run, *options), stylizer.stylize(photo, look), err_msg=str(options))


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (["--style", "waves=2"], "the weight of waves must be from 0 to 1.5, not 2.0", ""),
        (["--style", "waves=much"], "the weight of waves is 'much', not a number", "NAME=0.5"),
        (["--style", "waves", "--statistics", "exakt"], "--statistics is 'exakt'", "sampled, exact, or a file"),
        (["--style", "a", "--style", "b=1"], "some styles have a weight and some have none", "write NAME=WEIGHT"),
        (["--style", "a", "--style", "a"], "a style is named twice in a, a", "name each once"),
        (["--style", "a", "--stroke-size", "20"], "strokes must be 'auto', 'full' or at least 64 pixels", ""),
        (["--style", "a", "--stroke-size", "big"], "--stroke-size is 'big'", "give auto, full, or a preview's"),
        (["--style", "a", *["--mask", "left.png"] * 2], "2 masks need 2 or 3 styles, not 1", "give one for each"),
        (["--style", "a=1", "--mask", "left.png"], "a style that has a mask has no weight", "write its name"),
        (["--style", "waves", "--mask", "none.png"], "no picture at none.png", ""),
        (["--style", "waves", "--mask", "black.png"], "black.png is black all over", "white where it counts"),
        (["--style", "waves", "--protect", "black.png"], "black.png is black all over", "white where it counts"),
        (["--style", "waves", "--mask", "tall.png"], "photo.png: a mask of 8×80 pixels does not fit", "proportions"),
        (["--style", "wave=0.5", "--style", "klee=0.5"], "no style 'wave'", "did you mean 'waves'?"),
    ],
)  # fmt: skip
def test_what_does_not_go_together(run: Run, picture: Path, options: list[str], message: str, hint: str) -> None:
    result = run("stylize", "photo.png", "out.png", *options)
    error, _, told = error_and_hint(result.err).partition("; ")
    assert result.code == 1
    assert error.startswith(message)
    assert hint in told
    assert not Path("out.png").exists()


@pytest.mark.parametrize(
    "options", [["--strength", "2"], ["--color-strength", "-1"], ["--keep-colors", "--color-strength", "0.2"]]
)
def test_numbers_out_of_range_are_wrong_usage(run: Run, picture: Path, options: list[str]) -> None:
    assert run("stylize", "photo.png", "out.png", "--style", "waves", *options).code == 2


def test_a_weight_is_what_stands_after_the_last_equals_sign() -> None:
    assert split_styles(["waves", "a=b.safetensors", "a=b.safetensors=0.5", "=0.5"]) == [
        ("waves", None), ("a=b.safetensors", None), ("a=b.safetensors", 0.5), ("=0.5", None),
    ]  # fmt: skip


@pytest.mark.parametrize("weights", [["a=nan"], ["a=1", "b=-0.3"], ["a=0", "b=0"], ["a=inf"]])
def test_weights_that_are_refused(weights: list[str]) -> None:
    assert read_look(["a=1.3", "b=0"], [], None, strength=1, strokes="auto", colors=1) == Look({"a": 1.3})
    with pytest.raises(NstError):
        read_look(weights, [], None, strength=1, strokes="auto", colors=1)


def test_help_stands_in_groups_the_look_first(run: Run) -> None:
    shown = run("stylize", "--help").out
    groups = [line.rstrip(":") for line in shown.splitlines() if line.endswith(":") and line[0] != " "]
    assert groups[:4] == ["Arguments", "Look", "Files", "Machine"]
    look = shown[shown.index("Look:") : shown.index("Files:")]
    assert [
        word for word in ("--style", "--strength", "--stroke-size", "--mask", "--protect") if word not in look
    ] == []
