"""The engine on drawn photos: how far the loss falls, what depends on what, and sizes that cannot be."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nst_features import Precision
from nst_runtime.errors import NstError
from nst_runtime.images import Pixels, to_unit
from nst_teacher.engine import Engine, Outcome, draw_noise, fit_style, outcomes
from nst_teacher.method import DeepJudge, Method, describe
from nst_teacher.objective import Objective
from nst_teacher.optimise import Plan

from .conftest import draw_photo, draw_style

CPU = torch.device("cpu")
PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16")


def square(seed: int, size_px: int = 64) -> Pixels:
    return draw_photo(seed, size_px, size_px)


def finish(engine: Engine, photos: list[Pixels], seeds: list[int] | None = None) -> list[Outcome]:
    iterates = list(engine.run(photos, seeds or [0] * len(photos)))
    return outcomes(iterates[0].losses, iterates[-1], engine.method.content_weight)


def test_random_filters_take_the_loss_to_less_than_half_at_64_px() -> None:
    engine = Engine(Method(network="random", plan=Plan(iterations=20), style_size_px=64), draw_style(), CPU)
    (outcome,) = finish(engine, [square(0)])
    assert outcome.finite
    assert outcome.final < 0.2 * outcome.initial
    assert outcome.content + outcome.style < outcome.final < outcome.content + outcome.style + 0.03
    assert outcome.picture.shape == (64, 64, 3)


def test_a_little_weight_of_content_keeps_the_photo_and_none_loses_it() -> None:
    photo = square(1)

    def distance(content_weight: float) -> float:
        method = Method(
            network="random", plan=Plan(iterations=20), content_weight=content_weight, content_layers=("scale1",)
        )
        (outcome,) = finish(Engine(method, draw_style(), CPU), [photo])
        return float(np.abs(outcome.picture.astype(float) - photo).mean())

    assert distance(10.0) < 0.5 * distance(0.001)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_photo_comes_out_the_same_in_any_batch(optimizer: str, tiny_vgg: Path) -> None:
    plan = Plan("adam" if optimizer == "adam" else "lbfgs", 8)
    engine = Engine(Method(network="vgg19", weights=tiny_vgg, plan=plan), draw_style(), CPU)
    photos = [square(seed, 40) for seed in range(3)]
    together = finish(engine, photos)
    for photo, outcome in zip(photos, together, strict=True):
        (alone,) = finish(engine, [photo])
        assert alone.final == pytest.approx(outcome.final, rel=1e-3)
        assert np.abs(alone.picture.astype(int) - outcome.picture).max() <= 2


def test_twice_is_bitwise_the_same(tiny_vgg: Path) -> None:
    method = Method(network="vgg19", weights=tiny_vgg, plan=Plan(iterations=5), start="noise")
    first, second = (finish(Engine(method, draw_style(), CPU), [square(0, 32)], [7])[0] for _ in range(2))
    assert np.array_equal(first.picture, second.picture)
    assert first.final == second.final


def test_noise_is_each_pictures_own() -> None:
    like = torch.zeros(2, 3, 8, 8)
    both = draw_noise(like, [5, 6])
    assert torch.equal(both[1:], draw_noise(like[:1], [6]))
    assert not torch.equal(both[0], both[1])
    assert 0 <= float(both.min()) < 0.1
    assert 0.9 < float(both.max()) <= 1


def test_starting_from_noise_the_photo_appears() -> None:
    plan, photo = Plan(iterations=40), square(2, 48)
    method = Method(network="random", plan=plan, start="noise", content_weight=10.0, content_layers=("scale1",))
    engine = Engine(method, draw_style(), CPU)
    iterates = list(engine.run([photo], [1]))
    target = torch.from_numpy(to_unit(photo))
    errors = [float((iterate.image - target).square().mean()) for iterate in (iterates[0], iterates[-1])]
    assert errors[1] < 0.3 * errors[0]


def test_the_layers_that_the_network_chooses_are_settings(tiny_vgg: Path) -> None:
    engine = Engine(Method(network="vgg19", weights=tiny_vgg), draw_style(), CPU)
    settings = describe(engine.method)
    assert settings["style_layers"] == ["relu1_1", "relu2_1", "relu3_1"]
    assert settings["content_layer"] == "relu3_1"
    assert settings["scales"] == 3
    assert len(settings["weights_sha256"]) == 64
    assert "learning_rate" not in settings


def test_every_choice_changes_the_settings(tiny_vgg: Path) -> None:
    usual = describe(Method())
    others = [
        Method(network="vgg19"), Method(content_layers=("relu1_1",)), Method(style_layers=("relu1_1",)), Method(scales=2),
        Method(weights=tiny_vgg), Method(deep=DeepJudge(tiny_vgg)), Method(deep=DeepJudge(tiny_vgg, weight=0.1)),
        Method(content_weight=0.02), Method(variation_weight=0), Method(plan=Plan("adam")),
        Method(plan=Plan("adam", learning_rate=0.1)), Method(plan=Plan(iterations=61)), Method(start="noise"),
        Method(style_size_px=513), Method(precision="bf16"), Method(seed=1),
    ]  # fmt: skip
    described = [usual, *map(describe, others)]
    assert all(described.index(settings) == place for place, settings in enumerate(described))


def test_a_second_network_judges_too(tiny_vgg: Path) -> None:
    deep = DeepJudge(tiny_vgg, layers=("relu3_1",), weight=1.0)
    plain = Method(network="random", plan=Plan(iterations=1))
    with_deep = Method(network="random", plan=Plan(iterations=1), deep=deep)
    only = Method(network="vgg19", weights=tiny_vgg, style_layers=("relu3_1",), scales=1, plan=Plan(iterations=1))
    first, second, both = (
        finish(Engine(method, draw_style(), CPU), [square(0)])[0].initial - 0.03 * variation()
        for method in (plain, only, with_deep)
    )
    assert both == pytest.approx((first + second) / 2, rel=1e-3)


def variation() -> float:
    unit = to_unit(square(0)).astype(float)
    return float((np.diff(unit, axis=2) ** 2).mean() + (np.diff(unit, axis=3) ** 2).mean())


def test_a_small_style_picture_is_not_blown_up() -> None:
    style = draw_style(80, 96)
    assert fit_style(style, 512).shape == (80, 96, 3)
    assert fit_style(style, 40).shape == (40, 48, 3)


def test_pictures_too_small_for_the_layers_are_refused(tiny_vgg: Path) -> None:
    method = Method(network="vgg19", weights=tiny_vgg, scales=4)
    with pytest.raises(NstError, match="style picture of 24 px are too small for relu3_1 over 4 scales"):
        Engine(method, draw_style(24, 96), CPU)
    engine = Engine(method, draw_style(), CPU)
    with pytest.raises(NstError, match=r"photos of 20 px are too small .* larger --size, fewer --scales"):
        list(engine.run([square(0, 20)], [0]))


def test_bf16_takes_the_exact_loss_as_low_as_fp32() -> None:
    plan, photo = Plan(iterations=20), square(0)
    engines = [
        Engine(Method(network="random", plan=plan, precision=precision), draw_style(), CPU) for precision in PRECISIONS
    ]
    judge = Objective(engines[0].target, torch.from_numpy(to_unit(photo)), engines[0].method.term_weights)
    pictures = [finish(engine, [photo])[0].picture for engine in engines]
    exact, rough = (float(judge(torch.from_numpy(to_unit(picture))).total) for picture in pictures)
    assert rough == pytest.approx(exact, rel=0.2)
    assert rough < 0.2 * float(judge(torch.from_numpy(to_unit(photo))).total)
