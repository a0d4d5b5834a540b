"""What makes two jobs different: everything, except what is listed and changes no pixel."""

import types
import typing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nst_runtime.contracts.packs import DEFAULT_PACK
from nst_runtime.contracts.settings import apply, entries
from nst_runtime.errors import NstError
from nst_runtime.pictures.write import write_picture
from nst_teacher.engine.engine import Engine
from nst_teacher.pairs import generate
from nst_teacher.pairs.generate import describe_job
from nst_teacher.pairs.job import Job
from nst_teacher.pairs.pair_folder import hash_settings
from nst_teacher.pairs.shards import Shard
from nst_teacher.settings import identity
from nst_teacher.settings.formula import Formula
from nst_teacher.settings.identity import EARLIER, IGNORED, complete_settings, describe, to_table
from nst_teacher.settings.method import DeepJudge, Method
from nst_teacher.settings.plan import Plan
from nst_teacher.settings.style_file import StyleFile

from .conftest import draw_style, write_tiny_vgg

# Every setting of a method, by its name among the settings that are hashed.
ENTRIES = {f"deep_{e.name}" if e.section == "deep" else e.name: e for e in entries(Method)}
KEYS = sorted(ENTRIES)
# Settings that go together with the one that changes.
TOGETHER: dict[str, dict[str, Any]] = {"start": {"start_picture": None}}


@pytest.fixture
def base(tmp_path: Path) -> Method:
    """A method in which every setting matters, and none is None."""
    weights, picture = write_tiny_vgg(tmp_path / "a.safetensors"), tmp_path / "start.png"
    write_picture(picture, draw_style())
    return Method(
        "vgg19", weights, content_layers=("relu2_1",), style_layers=("relu1_1", "relu2_1"), scales=2,
        deep=DeepJudge(weights, normalisation="torchvision"), plan=Plan("adam", learning_rate=0.1, smallest_px=16),
        start="file", start_picture=picture, layer_weights=(1.0, 2.0), content_layer_weights=(1.0,), style_scale=1.0,
        pooling="max", padding="zeros", weights_normalisation="torchvision",
    )  # fmt: skip


def other_than(value: Any, hint: Any, tmp_path: Path) -> Any:  # noqa: ANN401 (a type, and values of that type)
    """Return a value of the type `hint` that is not `value`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return other_than(value, next(kind for kind in arguments if kind is not types.NoneType), tmp_path)
    if origin is typing.Literal:
        return next(choice for choice in arguments if choice != value)
    if origin is tuple:
        return [other_than(item, arguments[0], tmp_path) for item in value]
    if hint is Path:
        other = tmp_path / "other"
        other.write_bytes(Path(value).read_bytes() + b"\0")
        return str(other)
    if hint is float:
        return value / 2 or 0.5
    return not value if hint is bool else value + {int: 1, str: "_"}[hint]


def hash_of(method: Method) -> str:
    return hash_settings(describe(method))


def test_the_keys_are_all_fields() -> None:
    own = {field.name for kind in (Method, Plan, Formula) for field in fields(kind)} - {"plan", "formula", "deep"}
    assert own | {f"deep_{field.name}" for field in fields(DeepJudge)} == set(KEYS)
    assert set(KEYS) > IGNORED


@pytest.mark.parametrize("key", [key for key in KEYS if key not in IGNORED and key != "start_bank"])
def test_every_setting_that_changes_makes_other_settings(base: Method, tmp_path: Path, key: str) -> None:
    value = to_table(base)[key]
    assert value is not None, f"{key} is to matter in the base"
    entry = ENTRIES[key]
    values = {entry.name: other_than(value, entry.hint, tmp_path), **TOGETHER.get(key, {})}
    changed = apply(base, {entry.section: values})
    assert changed != base
    assert hash_of(changed) != hash_of(base)


def test_another_bank_makes_other_settings_wherever_its_pack_lies() -> None:
    waves = Method(start="bank", start_bank="waves")
    assert hash_of(replace(waves, start_bank="scream")) != hash_of(waves)
    assert hash_of(replace(waves, start_pack=DEFAULT_PACK)) == hash_of(waves)


def test_what_is_ignored_is_these_two_and_makes_the_same_settings(base: Method) -> None:
    assert {"mask_feather_px", "start_pack"} == IGNORED
    assert hash_of(replace(base, mask_feather_px=9.0)) == hash_of(base)


def test_a_file_is_told_by_its_bytes_and_not_by_its_name(base: Method, tmp_path: Path) -> None:
    assert base.weights is not None
    moved = replace(base, weights=base.weights.rename(tmp_path / "moved.safetensors"))
    moved = replace(moved, deep=DeepJudge(moved.weights or Path(), normalisation="torchvision"))
    settings = describe(moved)
    assert len(settings["weights_sha256"]) == 64
    assert str(tmp_path) not in str(settings)
    with pytest.raises(NstError, match=r"no weights file .*a\.safetensors; check the path"):
        describe(base)
    moved.weights.rename(base.weights)  # type: ignore[union-attr]
    assert describe(base) == settings


def test_a_setting_of_tomorrow_counts_without_being_listed(base: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    for weight in (0.5, 0.25):
        monkeypatch.setattr(identity, "to_table", lambda method, own=weight: {**to_table(method), "texture": own})
        assert describe(base)["texture"] == weight


def test_the_normalisation_in_use_is_a_setting(tmp_path: Path) -> None:
    vgg = write_tiny_vgg(tmp_path / "vgg.safetensors")
    found = {}
    for word in (None, "torchvision", "caffe"):
        method = apply(Method("vgg19", vgg), {"network": {"weights_normalisation": word}})
        deep = replace(method, deep=DeepJudge(vgg, layers=("relu1_1",), normalisation=method.weights_normalisation))
        found[word] = describe(Engine(deep, draw_style(), torch.device("cpu")).method)
    said = {word: (found[word]["weights_normalisation"], found[word]["deep_normalisation"]) for word in found}
    assert said == {None: ("torchvision",) * 2, "torchvision": ("torchvision",) * 2, "caffe": ("caffe",) * 2}
    assert found[None] == found["torchvision"]
    random = Engine(Method(network="random"), draw_style(), torch.device("cpu")).method
    assert (describe(random)["weights_normalisation"], describe(random)["deep_normalisation"]) == ("torchvision", None)


# What a record of an earlier version says of a method with the choices that the networks make.
OLD: dict[str, Any] = {
    "method_version": 1, "network": "random", "weights_sha256": None, "content_layer": "scale3",
    "style_layers": ["scale1", "scale2", "scale3", "scale4"], "scales": 1, "content_weight": 0.01,
    "variation_weight": 0.03, "optimizer": "lbfgs", "iterations": 60, "start": "content", "style_size_px": 512,
    "precision": "fp32", "seed": 0,
}  # fmt: skip


def test_settings_of_an_earlier_version_are_completed() -> None:
    usual = Engine(Method(network="random"), draw_style(), torch.device("cpu")).method
    assert complete_settings(OLD) == describe(usual)
    assert complete_settings(describe(usual)) == describe(usual)
    adam = replace(usual, plan=Plan("adam", decay=False), pooling="average")
    old = {**OLD, "optimizer": "adam", "learning_rate": 0.03, "decay": False, "pooling": "average"}
    assert complete_settings({**old, "mask_feather_px": 1.0}) == describe(adam)


def test_a_setting_that_is_new_has_its_earlier_value() -> None:
    """Else no pairs that are there could be added to."""
    assert set(complete_settings(OLD)) == set(describe(Method()))
    assert set(EARLIER).isdisjoint(OLD)


@pytest.mark.parametrize(
    ("network", "weights", "normalisation"),
    [
        ("vgg16", None, "caffe"), ("vgg19", None, "torchvision"), ("vgg19", "0" * 64, "torchvision"),
        ("vgg16", "0" * 64, "unknown"), ("random", None, "torchvision"),
    ],
)  # fmt: skip
def test_the_normalisation_of_an_earlier_version(network: str, weights: str | None, normalisation: str) -> None:
    old = {**OLD, "network": network, "weights_sha256": weights}
    assert complete_settings(old)["weights_normalisation"] == normalisation
    assert complete_settings({**old, "deep_weights_sha256": "1" * 64})["deep_normalisation"] == "torchvision"


def test_every_field_of_a_job_that_changes_makes_other_settings_but_for_those_ignored(tmp_path: Path) -> None:
    for name, level in (("style.png", 90), ("other.png", 91)):
        write_picture(tmp_path / name, np.full((20, 20, 3), level, np.uint8))
    picture, other = tmp_path / "style.png", tmp_path / "other.png"
    job = Job("stripes", picture, tmp_path, 3, 32, tmp_path / "pairs", Method(network="random"))
    changes: dict[str, Any] = {
        "style": "dots", "style_picture": other, "content": tmp_path / "photos", "count": 4, "size_px": 33,
        "out": tmp_path / "elsewhere", "method": Method(network="random", seed=1), "title": "Stripes", "batch": 2,
        "fresh": True, "shard": Shard(0, 2), "blend": (StyleFile(other),),
    }  # fmt: skip
    assert set(changes) == {field.name for field in fields(Job)}
    assert set(changes) - generate.IGNORED == {"style_picture", "size_px", "method", "blend"}
    before = hash_settings(describe_job(job, job.method))
    for name, value in changes.items():
        changed = replace(job, **{name: value})
        same = hash_settings(describe_job(changed, changed.method)) == before
        assert same == (name in generate.IGNORED), name
    heavier = replace(job, blend=(StyleFile(other, 2.0),))
    assert describe_job(heavier, job.method) != describe_job(replace(job, blend=(StyleFile(other),)), job.method)
