"""Defaults live once: a command's options and a call from Python train the same thing."""

import inspect
from dataclasses import fields
from typing import Any

import pytest
import typer

from nst_student.cli.app import app
from nst_student.cli.options import JudgeOptions, TrainingOptions
from nst_student.recipes.settings import (
    JointWeights,
    JudgeSettings,
    PerceptualSettings,
    PerceptualWeights,
    TrainingSettings,
)
from nst_student.training.jobs import train_bank, train_codec

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
# Options that have another name than the setting, and those that have none.
JUDGES = {"layers": "style_layers", "style_size_px": "style_px", "companions": "companion"}
WITHOUT_OPTION = {"deep_layers", "seed", "range"}


def option(command: str, name: str) -> Any:  # noqa: ANN401 (a typer option of any type)
    """Return what an option is when it is not given; nothing and no text are the same, an empty setting."""
    default = next(each for each in COMMANDS[command].params if each.name == name).default
    return () if default in (None, "") else default


def settings_of(kind: Any, names: dict[str, str]) -> list[tuple[str, Any]]:  # noqa: ANN401 (a dataclass)
    settings = kind()
    chosen = [field.name for field in fields(kind) if field.name not in WITHOUT_OPTION]
    return [(names.get(name, name), getattr(settings, name)) for name in chosen]


@pytest.mark.parametrize("command", ["train-bank", "train-codec"])
def test_options_have_the_defaults_of_the_settings(command: str) -> None:
    weights = [(f"{name}_weight", value) for name, value in settings_of(PerceptualWeights, {})]
    found = settings_of(JudgeSettings, JUDGES) + weights
    found += [(name, value) for name, value in settings_of(TrainingSettings, {}) if name != "seed"]
    found += [("seed", TrainingSettings().seed), ("content_target", PerceptualSettings().content_target)]
    assert len(found) > 25
    assert {name: option(command, name) for name, _ in found} == {n: () if v is None else v for n, v in found}


def test_options_not_given_are_the_settings_defaults() -> None:
    assert TrainingOptions().settings() == TrainingSettings()
    assert JudgeOptions().settings() == PerceptualSettings()


def test_what_options_give_reaches_the_settings() -> None:
    """One value for each option that differs from its default: none may be dropped on the way."""
    training = TrainingOptions(3, 4, 64, "99", 5, 0.1, "adam", 6, 7, 8).settings()
    assert training == TrainingSettings(3, 4, 64, 0.1, "adam", 7, 8, 6)
    weights = JudgeOptions(
        style_weight=1, deep_weight=2, companion_weight=3, content_weight=4, grid_weight=5, texture_weight=6
    ).settings().weights  # fmt: skip
    assert weights == PerceptualWeights(style=1, deep=2, companion=3, content=4, texture=6, grid=5)


@pytest.mark.parametrize(("command", "function"), [("train-bank", train_bank), ("train-codec", train_codec)])
def test_functions_have_the_defaults_of_their_commands(command: str, function: Any) -> None:  # noqa: ANN401
    defaults = {name: each.default for name, each in inspect.signature(function).parameters.items()}
    shared = [name for name in ("architecture", "pixel_weight", "steady_weight", "fresh") if name in defaults]
    assert {name: defaults[name] for name in shared} == {name: option(command, name) for name in shared}
    assert defaults["perceptual"] == PerceptualSettings()


def test_a_joint_trainings_weights_are_the_options() -> None:
    weights = JointWeights()
    assert option("train-codec", "reconstruction_weight") == weights.reconstruction
    assert [option(name, "steady_weight") for name in ("train-codec", "train-bank", "compare")] == [weights.steady] * 3


def test_a_comparison_trains_as_a_training_does() -> None:
    assert option("compare", "batch") == TrainingSettings().batch
    assert option("compare", "seed") == TrainingSettings().seed
    assert option("compare", "photo_px") == option("train-bank", "photo_px")
    judges = {name: option("compare", name) for name in ("network", "style_px", "content_target")}
    assert judges == {name: option("train-bank", name) for name in judges}


@pytest.mark.parametrize("name", ["deep_weights", "grid_weight"])
def test_helps_numbers_are_the_settings(name: str) -> None:
    (parameter,) = [each for each in COMMANDS["train-bank"].params if each.name == name]
    said = {"deep_weights": "relu2_1, relu3_1, relu4_1, relu5_1;", "grid_weight": "grid of 8 px"}
    assert said[name] in parameter.help
    assert JudgeSettings().deep_layers == ("relu2_1", "relu3_1", "relu4_1", "relu5_1")
