"""Options that would change nothing are refused in one line; the values of presets may be idle."""

from pathlib import Path

import pytest

from nst_teacher.settings.presets import preset_names

from .conftest import Run, sets
from .test_cli import change, check_refused

Arguments = list[str | Path | int]


@pytest.fixture
def command(tmp_path: Path) -> Arguments:
    """A ``stylize`` of files that are not there: what is refused is refused before they are looked for."""
    return ["stylize", tmp_path / "photo.jpg", tmp_path / "style.jpg", tmp_path / "out.png", "--network", "random"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            sets("style.mask_feather_px=2"),
            (
                "style.mask_feather_px softens the borders of masks, and there are none",
                "leave it out, or give --content-mask and --style-mask",
            ),
        ),
        (
            sets("losses.balance_ratio=2"),
            (
                "losses.balance_ratio is for losses.balance auto, and losses.balance is fixed",
                "leave it out, or set losses.balance to auto",
            ),
        ),
        (
            sets("optimisation.learning_rate=0.1"),
            ("optimisation.learning_rate is for the other optimizers: lbfgs finds its steps by itself",),
        ),
        (sets("optimisation.decay=false"), ("optimisation.decay is for the other optimizers",)),
        (sets("optimisation.beta2=0.9"), ("optimisation.beta2 is for adam, which does not minimise here",)),
        (sets("optimisation.beta2=0.9", "optimisation.optimizer=adadelta"), ("optimisation.beta2 is for adam",)),
        (
            sets("style.style_size_px=64", "style.style_scale=2"),
            ("style.style_size_px and style.style_scale both say how large the style picture is measured",),
        ),
        (sets("deep.layers=relu4_1"), ("deep.layers is for a second network", "or give deep.weights")),
        (
            sets("losses.gram_scale=values", "losses.style_distance=wasserstein"),
            ("losses.gram_scale is for Gram matrices, and losses.style_distance wasserstein compares Gaussians",),
        ),
        (sets("stylize.preview_port=8000"), ("stylize.preview_port is for the page of stylize.preview",)),
        (sets("generate.batch=2"), ("generate.batch would change nothing here: it is for nst-teacher generate",)),
        (sets("machines.shard=1/2"), ("machines.shard would change nothing here: it is for nst-teacher generate",)),
        (sets("deep.weight=2"), ("deep.weight is for a second network",)),
        (
            ("--set", "optimisation.learning_rate=0.1", "--preset", "gatys2016"),
            ("optimisation.learning_rate is for the other optimizers",),
        ),
        (
            ("--set", "optimisation.learning_rate=0.1", "--preset", "mak2021", "--set", "optimisation.optimizer=lbfgs"),
            ("optimisation.learning_rate is for",),
        ),
    ],
)
def test_what_would_change_nothing(run: Run, command: Arguments, options: Arguments, words: tuple[str, ...]) -> None:
    result = run(*command, *options)
    check_refused(result, *words)
    assert len(result.err.splitlines()) == 2


@pytest.mark.parametrize(
    "options",
    [
        ("--set", "style.mask_feather_px=2", "--content-mask", "m.png", "--style-mask", "m.png"),
        sets("losses.balance_ratio=2", "losses.balance=auto"),
        ("--set", "losses.balance_ratio=2", "--preset", "cs229"),
        sets("optimisation.learning_rate=0.1", "optimisation.optimizer=adam"),
        sets("optimisation.decay=false", "optimisation.optimizer=gradient-descent"),
        ("--set", "optimisation.beta2=0.9", "--preset", "mak2021"),
        sets("style.style_size_px=64"),
        sets("style.style_scale=2"),
        ("--preset", "mak2021", "--set", "optimisation.optimizer=lbfgs"),
        ("--preset", "cs229", "--set", "losses.balance=fixed"),
    ],
)
def test_what_has_an_effect_is_taken(run: Run, command: Arguments, options: Arguments) -> None:
    assert "photo.jpg" in run(*command, *options).message, "it came as far as the photo that is not there"


@pytest.mark.parametrize("preset", preset_names())
def test_presets_may_be_idle(run: Run, command: Arguments, preset: str) -> None:
    assert "photo.jpg" in run(*command, "--preset", preset).message


def test_a_preset_file_may_be_idle(run: Run, command: Arguments, tmp_path: Path) -> None:
    preset = tmp_path / "mine.toml"
    preset.write_text(
        "[losses]\nbalance_ratio = 2.0\n[style]\nmask_feather_px = 2.0\nstyle_scale = 0.5\n"
        "[optimisation]\nlearning_rate = 0.1\nbeta2 = 0.9\n[generate]\nbatch = 3\n[machines]\nworker_cpus = 2\n"
    )
    assert "photo.jpg" in run(*command, "--preset", preset).message
    check_refused(
        run(*command, "--preset", preset, "--set", "style.style_size_px=64"),
        "style.style_size_px and style.style_scale both say",
    )


def test_where_there_are_no_masks_there_is_no_feather(run: Run, generate_arguments: Arguments, tmp_path: Path) -> None:
    refusal = "style.mask_feather_px would change nothing here: there are no masks; leave it out"
    check_refused(run(*change(generate_arguments, mask_feather_px=2)), refusal)
    for name, options in (("compare", ()), ("sweep", ("--style-weight", "1:2"))):
        files = (tmp_path / "photo.jpg", tmp_path / "style.jpg", tmp_path / "out", *options)
        check_refused(run(name, *files, "--set", "style.mask_feather_px=2"), refusal)


def test_generate_refuses_as_well(run: Run, generate_arguments: Arguments, tmp_path: Path) -> None:
    check_refused(run(*change(generate_arguments, balance_ratio=2)), "losses.balance_ratio is for losses.balance auto")
    assert not (tmp_path / "pairs").exists()


def test_generate_refuses_what_is_for_a_cluster(run: Run, generate_arguments: Arguments) -> None:
    for name in ("ray_address", "worker_cpus"):
        refusal = f"machines.{name} is for a Ray cluster, and machines.engine is local"
        check_refused(run(*change(generate_arguments, **{name: 2})), refusal, "set machines.engine to ray")
    ray = change(generate_arguments, engine="ray", device="cpu")
    check_refused(run(*ray), "--device says where this process computes, and with machines.engine ray the cluster's")


def test_compare_looks_at_all_its_optimizers(run: Run, tmp_path: Path) -> None:
    command = ("compare", tmp_path / "photo.jpg", tmp_path / "style.jpg", tmp_path / "out", "--network", "random")
    for options in ((), ("--optimizers", "lbfgs,adam"), ("--layer-cases",)):
        assert "photo.jpg" in run(*command, *options, "--set", "optimisation.beta2=0.9").message
    check_refused(
        run(*command, "--optimizers", "lbfgs,gd", "--set", "optimisation.beta2=0.9"), "optimisation.beta2 is for adam"
    )
    check_refused(
        run(*command, "--optimizers", "lbfgs", "--set", "optimisation.decay=false"),
        "optimisation.decay is for the other optimizers",
    )
    assert "photo.jpg" in run(*command, "--optimizers", "lbfgs,gd", "--set", "optimisation.decay=false").message
