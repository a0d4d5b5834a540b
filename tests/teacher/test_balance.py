"""Weights from gradients: what they balance, and what they spare a person to set."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from nst_features.networks import load_network
from nst_features.statistics import gram
from nst_runtime.pictures.arrays import Pixels, to_unit
from nst_teacher.engine.balance import PROBE, WAY, balance, pull
from nst_teacher.engine.engine import Engine, outcomes
from nst_teacher.objective.objective import GatysJudge, Objective, StyleTarget, TermWeights
from nst_teacher.optimise.optimise import optimise
from nst_teacher.settings.method import BalanceName, Method
from nst_teacher.settings.plan import Plan

from .conftest import draw_photo, draw_style

CPU = torch.device("cpu")


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def faded(picture: Pixels, contrast: float) -> Pixels:
    values = picture.astype(float)
    return np.asarray(values.mean() + contrast * (values - values.mean()), np.uint8)


def test_content_pulls_as_asked_most_of_the_way_to_where_style_wins() -> None:
    network = load_network("random", seed=1).double()
    style, photos = noise(1, 3, 16, 18, seed=2), 0.3 + 0.1 * noise(2, 3, 16, 18, seed=3)
    photos[1] = 0.5 * photos[1]
    judge = GatysJudge(network, ("scale1", "scale2"), 1, ("scale2",))

    def fresh(style_weight: float) -> Objective:
        return Objective(StyleTarget((judge,), style), photos, TermWeights(0.01, 0.1, style_weight))

    plain, balanced = fresh(1.0), fresh(1.0)
    *_, styled = optimise(lambda image: replace(plain(image), total=plain(image).style), photos, PROBE)
    balance(balanced, photos, 0.5)
    between = photos.lerp(styled.image, WAY)
    of_style = pull(plain, between, lambda losses: losses.style)
    of_content = pull(balanced, between, lambda losses: 0.01 * losses.content)
    of_variation = pull(balanced, between, lambda losses: 0.1 * losses.variation)
    torch.testing.assert_close(of_content, 0.5 * of_style)
    torch.testing.assert_close(of_variation, 0.1 * of_style)
    assert float(of_style[0]) != pytest.approx(float(of_style[1]), rel=1e-3)
    heavy = fresh(1e6)
    balance(heavy, photos, 0.5)
    assert heavy.content_scale is not None
    assert balanced.content_scale is not None
    torch.testing.assert_close(heavy.content_scale, 1e6 * balanced.content_scale, rtol=1e-3, atol=0)


def share_left(result: Pixels, photo: Pixels, style: Pixels) -> float:
    """Return what is left of the photo's distance to the style, by filters of another seed."""
    network = load_network("random", seed=9)
    grams = [
        gram(network(torch.from_numpy(to_unit(picture)), {"scale2"})["scale2"]) for picture in (result, photo, style)
    ]
    return float((grams[0] - grams[2]).square().sum() / (grams[1] - grams[2]).square().sum())


def kept(result: Pixels, photo: Pixels) -> float:
    """Return the correlation of both pictures' luminance."""
    first, second = (picture.mean(axis=2).ravel() for picture in (result, photo))
    return float(np.corrcoef(first, second)[0, 1])


@pytest.mark.parametrize(
    ("photo_contrast", "style_contrast", "style_weight"),
    [(1, 1, 1.0), (0.15, 1, 1e6), (1, 0.3, 1.0), (0.15, 0.3, 1e-3)],
)
def test_one_setting_suits_flat_and_strong_pictures(
    photo_contrast: float, style_contrast: float, style_weight: float
) -> None:
    """Whatever the contrasts and the scale of the formula, style arrives, and more of the photo stays to be seen."""
    photo = faded(draw_photo(1, 48, 48), photo_contrast)
    style = faded(draw_style(48, 64), style_contrast)

    def picture(balance: BalanceName) -> Pixels:
        plan = Plan(iterations=25)
        method = Method(network="random", plan=plan, style_size_px=48, style_weight=style_weight, balance=balance)
        iterates = list(Engine(method, style, CPU).run([photo], [0]))
        return outcomes(iterates[0].losses, iterates[-1], method.content_weight)[0].picture

    auto, fixed = picture("auto"), picture("fixed")
    assert 0.02 < share_left(auto, photo, style) < 0.6
    if share_left(fixed, photo, style) < 0.02:  # the weight lets the style drown the photo
        assert kept(auto, photo) > 2 * kept(fixed, photo)
    else:
        assert share_left(auto, photo, style) < 0.5 * share_left(fixed, photo, style)
