"""Defaults live once: what commands train without options is what a call from Python trains."""

import inspect
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from nst_runtime.contracts.settings import apply, entries, find
from nst_student.losses.terms import term_weights
from nst_student.recipes.recipe import PLAIN
from nst_student.recipes.settings import (
    GRID_PX,
    Companion,
    JointWeights,
    JudgeSettings,
    PerceptualSettings,
    PerceptualWeights,
    StudentSettings,
    TrainingSettings,
)
from nst_student.training.jobs import train_bank, train_codec


def test_without_a_recipe_and_options_settings_are_the_dataclasses_defaults() -> None:
    assert PLAIN.planned({}) == [("", StudentSettings())]


@pytest.mark.parametrize("function", [train_bank, train_codec])
def test_functions_have_the_defaults_of_the_settings(function: Any) -> None:  # noqa: ANN401
    settings = StudentSettings()
    wanted = {
        "architecture": settings.architecture, "pixel_weight": settings.pixels, "perceptual": settings.perceptual,
        "steady_weight": settings.joint.steady, "weights": settings.joint, "fresh": False,
    }  # fmt: skip
    given = {name: each.default for name, each in inspect.signature(function).parameters.items() if name in wanted}
    assert len(given) >= 4
    assert given == {name: wanted[name] for name in given}


@pytest.mark.parametrize("kind", [TrainingSettings, JudgeSettings, PerceptualWeights, JointWeights])
def test_every_setting_is_reached_by_its_key(kind: Any) -> None:  # noqa: ANN401 (a dataclass)
    reached = {entry.path[-1]: entry.default for entry in entries(StudentSettings)}
    for field in fields(kind):
        assert field.name in reached
    assert find(StudentSettings, "losses.steady").default == JointWeights().steady == 30.0
    assert find(StudentSettings, "photos.crop_px").path == ("training", "crop_px")


def test_what_is_recorded_of_a_training_has_the_names_that_it_always_had() -> None:
    """Else no training that began before could go on, and style files could not be compared."""
    assert list(TrainingSettings().recipe()) == [
        "steps", "batch", "learning_rate", "optimizer", "seed", "sample_every",
    ]  # fmt: skip
    assert list(PerceptualSettings().recipe()) == [
        "network", "weights_sha256", "style_layers", "layer_weights", "content_layers", "content_share", "scales",
        "deep_weights_sha256", "deep_layers", "deep_content_layers", "companions", "style_size_px", "precision",
        "network_seed", "style_weight", "deep_weight", "companion_weight", "content_weight", "texture_weight",
        "grid_weight", "range_weight", "content_target", "hard_style",
    ]  # fmt: skip


def test_each_value_reaches_the_settings_it_is_for() -> None:
    given: dict[str, dict[str, Any]] = {
        "training": {"steps": 3, "batch": 4, "learning_rate": 0.1, "optimizer": "adam", "seed": 7, "sample_every": 8},
        "photos": {"crop_px": 64, "photo_px": [99], "count": 5, "hard_pictures": 6},
        "judges": {"layers": ["a"], "companions": [{"network": "random", "layers": ["b"]}], "seed": 9},
        "losses": {
            "style": 1,
            "deep": 2,
            "companion": 3,
            "content": 4,
            "texture": 6,
            "grid": 5,
            "steady": 7,
            "pixels": 8,
        },
        "info": {"title": "T"},
    }
    settings = apply(StudentSettings(), given)
    assert settings.training == TrainingSettings(3, 4, 64, 0.1, "adam", 7, 8, 6)
    assert (settings.photos.range_px, settings.photos.count) == ((99, 99), 5)
    assert settings.perceptual.judges == JudgeSettings(
        layers=("a",), companions=(Companion("random", None, ("b",)),), seed=9
    )
    assert settings.perceptual.weights == PerceptualWeights(style=1, deep=2, companion=3, content=4, texture=6, grid=5)
    assert (settings.joint, settings.pixels) == (JointWeights(steady=7), 8)
    assert settings.info.of("mine").title == "T"
    assert StudentSettings().info.of("mine").title == "mine"


def test_a_weight_without_a_term_is_a_fault() -> None:
    assert term_weights(PerceptualWeights(), ["style"])["style"] == 6.0
    assert GRID_PX == 8
    with pytest.raises(ValueError, match="no weight for the judges"):
        term_weights(PerceptualWeights(), [str(Path("styel"))])
