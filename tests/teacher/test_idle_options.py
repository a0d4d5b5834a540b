"""Options that would change nothing are refused in one line; the values of presets may be idle."""

from pathlib import Path

import pytest

from nst_teacher.settings.presets import preset_names

from .conftest import Run
from .test_cli import change, check_refused

Arguments = list[str | Path | int]


@pytest.fixture
def command(tmp_path: Path) -> Arguments:
    """A ``stylize`` of files that are not there: what is refused is refused before they are looked for."""
    return ["stylize", tmp_path / "photo.jpg", tmp_path / "style.jpg", tmp_path / "out.png", "--network", "random"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--mask-feather", "2"), ("--mask-feather softens the borders of masks, and there are none",
                                   "leave it out, or give --content-mask and --style-mask")),
        (("--balance-ratio", "2"), ("--balance-ratio is for --balance auto, and --balance is fixed",
                                    "leave it out, or set --balance to auto")),
        (("--learning-rate", "0.1"), ("--learning-rate is for the other optimizers: lbfgs finds its steps by itself",)),
        (("--no-decay",), ("--decay is for the other optimizers",)),
        (("--beta2", "0.9"), ("--beta2 is for adam, which does not minimise here",)),
        (("--beta2", "0.9", "--optimizer", "adadelta"), ("--beta2 is for adam",)),
        (("--style-size", "64", "--style-scale", "2"),
         ("--style-size and --style-scale both say how large the style picture is measured",)),
        (("--deep-layers", "relu4_1"), ("--deep-layers is for a second network", "or give --deep-weights")),
        (("--deep-weight", "2"), ("--deep-weight is for a second network",)),
        (("--learning-rate", "0.1", "--preset", "gatys2016"), ("--learning-rate is for the other optimizers",)),
        (("--learning-rate", "0.1", "--preset", "mak2021", "--optimizer", "lbfgs"), ("--learning-rate is for",)),
    ],
)  # fmt: skip
def test_what_would_change_nothing(run: Run, command: Arguments, options: Arguments, words: tuple[str, ...]) -> None:
    result = run(*command, *options)
    check_refused(result, *words)
    assert len(result.err.splitlines()) == 2


@pytest.mark.parametrize(
    "options",
    [
        ("--mask-feather", "2", "--content-mask", "m.png", "--style-mask", "m.png"),
        ("--balance-ratio", "2", "--balance", "auto"), ("--balance-ratio", "2", "--preset", "cs229"),
        ("--learning-rate", "0.1", "--optimizer", "adam"), ("--no-decay", "--optimizer", "gradient-descent"),
        ("--beta2", "0.9", "--preset", "mak2021"), ("--style-size", "64"), ("--style-scale", "2"),
        ("--preset", "mak2021", "--optimizer", "lbfgs"), ("--preset", "cs229", "--balance", "fixed"),
    ],
)  # fmt: skip
def test_what_has_an_effect_is_taken(run: Run, command: Arguments, options: Arguments) -> None:
    assert "photo.jpg" in run(*command, *options).message, "it came as far as the photo that is not there"


@pytest.mark.parametrize("preset", preset_names())
def test_presets_may_be_idle(run: Run, command: Arguments, preset: str) -> None:
    assert "photo.jpg" in run(*command, "--preset", preset).message


def test_a_preset_file_may_be_idle(run: Run, command: Arguments, tmp_path: Path) -> None:
    preset = tmp_path / "mine.toml"
    values = "learning_rate = 0.1\nbeta2 = 0.9\nbalance_ratio = 2.0\nmask_feather_px = 2.0\nstyle_scale = 0.5"
    preset.write_text(f'paper = "p"\nsource = "s"\nsummary = "m"\n[method]\n{values}\n')
    assert "photo.jpg" in run(*command, "--preset", preset).message
    check_refused(run(*command, "--preset", preset, "--style-size", 64), "--style-size and --style-scale both say")


def test_where_there_are_no_masks_there_is_no_feather(run: Run, generate_arguments: Arguments, tmp_path: Path) -> None:
    check_refused(run(*change(generate_arguments, mask_feather=2)), "--mask-feather", code=2)
    for name, options in (("compare", ()), ("sweep", ("--style-weight", "1:2"))):
        files = (tmp_path / "photo.jpg", tmp_path / "style.jpg", tmp_path / "out", *options)
        check_refused(run(name, *files, "--mask-feather", 2), "No such option: --mask-feather", code=2)


def test_generate_refuses_as_well(run: Run, generate_arguments: Arguments, tmp_path: Path) -> None:
    check_refused(run(*change(generate_arguments, balance_ratio=2)), "--balance-ratio is for --balance auto")
    assert not (tmp_path / "pairs").exists()


def test_compare_looks_at_all_its_optimizers(run: Run, tmp_path: Path) -> None:
    command = ("compare", tmp_path / "photo.jpg", tmp_path / "style.jpg", tmp_path / "out", "--network", "random")
    for options in ((), ("--optimizers", "lbfgs,adam"), ("--layer-cases",)):
        assert "photo.jpg" in run(*command, *options, "--beta2", "0.9").message
    check_refused(run(*command, "--optimizers", "lbfgs,gd", "--beta2", "0.9"), "--beta2 is for adam")
    check_refused(run(*command, "--optimizers", "lbfgs", "--no-decay"), "--decay is for the other optimizers")
    assert "photo.jpg" in run(*command, "--optimizers", "lbfgs,gd", "--no-decay").message
