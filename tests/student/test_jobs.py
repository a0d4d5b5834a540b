"""Trainings called from Python: all that can be wrong is said before photographs are read."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from nst_runtime.contracts.styles import read_style
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_student.data.photos import square_crops
from nst_student.losses.judges import Judging
from nst_student.networks.checkpoint import load_codec
from nst_student.recipes.settings import (
    CodecMode,
    JudgeSettings,
    Objective,
    PerceptualSettings,
    StyleSource,
    TrainingSettings,
)
from nst_student.training.jobs import train_bank, train_codec
from nst_student.training.session import Progress

from .conftest import clouds
from .test_visualize import place

CPU = torch.device("cpu")
SHORT = TrainingSettings(steps=1, batch=1, crop_px=48, sample_every=0, hard_pictures=2)
JUDGED = PerceptualSettings(JudgeSettings("random", scales=1, style_size_px=48))
Train = Callable[..., Iterator[Progress]]


@pytest.fixture
def source(style: Path) -> StyleSource:
    return StyleSource("waves", style)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(place(tmp_path / "workspace", "srinath"))


def photographs() -> list[Pixels]:
    return [clouds(seed, 64) for seed in range(3)]


def unread() -> list[Pixels]:
    raise AssertionError("photographs were read before all else was checked")


def judged(judges: JudgeSettings) -> dict[str, Any]:
    return {"perceptual": replace(JUDGED, judges=judges)}


WRONG: list[tuple[dict[str, Any], str]] = [
    (judged(replace(JUDGED.judges, layers=("relu9_9",))), "relu9_9"),
    (judged(replace(JUDGED.judges, layer_weights=(1.0, 2.0))), "`layer_weights` has 2 numbers for 4 layers"),
    (judged(replace(JUDGED.judges, deep_weights=Path("none.safetensors"))), r"none\.safetensors"),
    (judged(JudgeSettings("vgg19", Path("none.pth"))), r"none\.pth"),
    ({"start": Path("none.safetensors")}, r"none\.safetensors"),
    ({"style": StyleSource("waves", Path("none.png"))}, r"no picture at none\.png"),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG)
def test_a_bank_reads_photographs_last(
    workspace: Workspace, source: StyleSource, wrong: dict[str, Any], said: str
) -> None:
    options: dict[str, Any] = {"style": source, "objective": "perceptual", "perceptual": JUDGED} | wrong
    with pytest.raises(NstError, match=said):
        next(train_bank(workspace, training=SHORT, device=CPU, photos=unread, **options))


@pytest.mark.parametrize(("wrong", "said"), WRONG)
def test_a_codec_reads_photographs_last(tmp_path: Path, source: StyleSource, wrong: dict[str, Any], said: str) -> None:
    options: dict[str, Any] = {"perceptual": JUDGED, "architecture": "srinath", **wrong}
    options["styles"] = [options.pop("style", source)]
    with pytest.raises(NstError, match=said):
        next(train_codec(Workspace(tmp_path / "new"), unread, SHORT, CPU, mode="joint", **options))


def test_a_size_that_no_crop_can_have_is_said_first(workspace: Workspace, source: StyleSource) -> None:
    training = replace(SHORT, crop_px=50)
    none = judged(JudgeSettings("vgg19", Path("none.pth")))
    for train in (
        train_bank(workspace, source, training, CPU, objective="perceptual", photos=unread, **none),
        train_codec(workspace, unread, training, CPU, mode="joint", styles=[source], **none),
    ):
        with pytest.raises(NstError, match="`crop_px` is 50, not a multiple of 16; set `crop_px` to 48"):
            next(train)


def test_other_settings_than_a_training_has_are_refused_before_photographs_are_read(
    workspace: Workspace, source: StyleSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And other photographs before they are measured."""

    def train(training: TrainingSettings, photos: Any, **more: Any) -> list[Progress]:  # noqa: ANN401
        objective: Objective = "perceptual"
        return list(
            train_bank(workspace, source, training, CPU, objective=objective, photos=photos, perceptual=JUDGED, **more)
        )

    (done,) = train(SHORT, photographs())
    assert done.report.step == 1
    with pytest.raises(NstError, match=r"other settings \(seed: 0 → 5\)"):
        train(replace(SHORT, seed=5), unread)
    with pytest.raises(AssertionError, match="photographs were read"):  # which `fresh` lets come so far
        train(replace(SHORT, seed=5), unread, fresh=True)
    monkeypatch.setattr(Judging, "objective", None)
    with pytest.raises(NstError, match=r"other settings \(photos: 3 → 2\)"):
        train(SHORT, lambda: photographs()[:2])


def test_hard_pictures_are_drawn_as_large_as_the_smallest_photograph(
    workspace: Workspace, source: StyleSource, tmp_path: Path
) -> None:
    """As many as the settings say, where none are given: what a command trains on, a call from Python does, too."""
    photos = [*photographs(), np.ascontiguousarray(clouds(9, 80)[:, :70])]
    free = replace(SHORT, crop_px=None, hard_pictures=3)
    list(train_codec(Workspace(tmp_path / "new"), photos, free, CPU, mode="reconstruct", architecture="srinath"))
    recipe = load_codec(tmp_path / "new/codec/codec.safetensors").record.training
    assert (recipe["hard_pictures"], recipe["crop_px"], recipe["photos"]) == (3, 64, 4)


@pytest.mark.parametrize("objective", get_args(Objective))
def test_a_training_needs_something_to_learn_from(
    workspace: Workspace, source: StyleSource, objective: Objective
) -> None:
    with pytest.raises(ValueError, match="needs photographs, or pairs"):
        next(train_bank(workspace, source, SHORT, CPU, objective=objective, perceptual=JUDGED))


@pytest.mark.parametrize("joint", [False, True])
def test_the_style_of_hard_pictures_may_count_for_less(
    workspace: Workspace, source: StyleSource, tmp_path: Path, joint: bool
) -> None:
    """In the first step, whose eight crops have two hard ones among them, and nothing else differs in it."""
    training = replace(SHORT, batch=8, seed=4)

    def first_terms(hard_style: float) -> dict[str, float]:
        settings = replace(JUDGED, hard_style=hard_style)
        place = Workspace(tmp_path / f"{hard_style}") if joint else workspace
        options: dict[str, Any] = {"perceptual": settings, "hard": [clouds(9, 64)], "fresh": True}
        progress = (
            train_codec(
                place, photographs(), training, CPU, mode="joint", architecture="srinath", styles=[source], **options
            )
            if joint
            else train_bank(place, source, training, CPU, objective="perceptual", photos=photographs(), **options)
        )
        return {name.rpartition("/")[2]: value for each in progress for name, value in each.report.means.items()}

    assert square_crops(photographs(), 48, training.seed, CPU, [clouds(9, 64)]).are_hard(0, 8).any()
    whole, less = first_terms(1.0), first_terms(0.15)
    assert less["content"] == whole["content"]
    assert 0.15 * whole["style"] < less["style"] < 0.97 * whole["style"]


@pytest.mark.parametrize(("mode", "seen"), [("reconstruct", 3), ("joint", 6)])
def test_a_training_says_how_many_pictures_a_step_sees(
    source: StyleSource, tmp_path: Path, mode: CodecMode, seen: int
) -> None:
    styles = [source, replace(source, name="other")] if mode == "joint" else []
    options: dict[str, Any] = {"architecture": "srinath", "styles": styles, "perceptual": JUDGED}
    training = replace(SHORT, batch=3)
    (progress,) = train_codec(Workspace(tmp_path / "new"), photographs(), training, CPU, mode=mode, **options)
    assert progress.pictures == seen


def test_a_bank_of_a_shared_deep_path_learns_what_is_its_own(source: StyleSource, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "new")
    options: dict[str, Any] = {"photos": photographs(), "device": CPU, "perceptual": JUDGED}
    training = replace(SHORT, steps=2, learning_rate=0.1)
    styles = [source, replace(source, name="other")]
    for _ in train_codec(
        workspace, training=training, mode="joint", architecture="unet_shared", styles=styles, **options
    ):
        pass
    for _ in train_bank(workspace, replace(source, name="new"), training=training, objective="perceptual", **options):
        pass
    waves, other, new = (read_style(workspace.style(name)).tensors for name in ("waves", "other", "new"))
    kernels = ("down.conv.weight", "blocks.3.depthwise.weight", "rise.weight")
    assert all(np.array_equal(waves[name], each[name]) for name in kernels for each in (other, new))
    own = ("blocks.3.norm.weight", "merge.pointwise.weight")
    assert not any(np.array_equal(waves[name], each[name]) for name in own for each in (other, new))
