"""The optimizers on functions with known minima, on batches, and with numbers that are none."""

import pytest
import torch

from nst_teacher.objective.objective import Losses
from nst_teacher.optimise.optimise import Evaluate, Iterate, optimise
from nst_teacher.settings.plan import OPTIMIZER_NAMES, OptimizerName, Plan

TARGETS = torch.rand(3, 3, 4, 4, generator=torch.Generator().manual_seed(0))
STRETCH = torch.logspace(0, 2, 48).view(3, 4, 4)


def quadratic(targets: torch.Tensor) -> Evaluate:
    """Badly scaled bowls (condition number 100), each around its own target."""

    def evaluate(image: torch.Tensor) -> Losses:
        total = (STRETCH * (image - targets).square()).flatten(1).sum(1)
        return Losses(total, total, total, total)

    return evaluate


def last(evaluate: Evaluate, start: torch.Tensor, plan: Plan) -> Iterate:
    *_, iterate = optimise(evaluate, start, plan)
    return iterate


def start(batch: int = 3) -> torch.Tensor:
    return torch.full((batch, 3, 4, 4), 0.5)


def test_lbfgs_finds_the_minimum_of_a_badly_scaled_bowl() -> None:
    iterate = last(quadratic(TARGETS), start(), Plan("lbfgs", 60))
    torch.testing.assert_close(iterate.image, TARGETS, atol=1e-4, rtol=0)
    assert iterate.iteration == 60


def test_adam_comes_near_it() -> None:
    iterate = last(quadratic(TARGETS), start(), Plan("adam", 200))
    torch.testing.assert_close(iterate.image, TARGETS, atol=5e-3, rtol=0)


def test_lbfgs_keeps_to_a_bound_and_minimises_within_it() -> None:
    outside = TARGETS.clone()
    outside[:, 0] += 2
    iterate = last(quadratic(outside), start(), Plan("lbfgs", 80))
    torch.testing.assert_close(iterate.image, outside.clamp(0, 1), atol=1e-3, rtol=0)
    assert float(iterate.image.max()) == 1


def test_lbfgs_never_takes_a_step_uphill_and_reports_the_losses_of_the_pictures_it_yields() -> None:
    evaluate = quadratic(TARGETS)
    before = torch.full((3,), torch.inf)
    for iterate in optimise(evaluate, start(), Plan("lbfgs", 30)):
        assert bool((iterate.losses.total <= before).all())
        torch.testing.assert_close(iterate.losses.total, evaluate(iterate.image).total)
        before = iterate.losses.total


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
def test_a_picture_ends_the_same_whichever_share_its_batch(optimizer: OptimizerName) -> None:
    together = last(quadratic(TARGETS), start(), Plan(optimizer, 12)).image
    for index in range(3):
        alone = last(quadratic(TARGETS[index : index + 1]), start(1), Plan(optimizer, 12)).image
        torch.testing.assert_close(together[index : index + 1], alone, atol=1e-6, rtol=0)


def test_a_fast_picture_is_not_held_back_by_one_that_keeps_stepping_back() -> None:
    """Step by step it goes where it goes alone, while its mate's steps are refused beyond a narrow ledge."""
    smooth = quadratic(TARGETS[:2])

    def evaluate(image: torch.Tensor) -> Losses:
        total = smooth(image).total
        off = torch.tensor([False, bool(((image[-1] - 0.5).abs() > 0.01).any())])
        total = torch.where(off, torch.inf, total)
        return Losses(total, total, total, total)

    together = list(optimise(evaluate, start(2), Plan("lbfgs", 25)))
    alone = list(optimise(quadratic(TARGETS[:1]), start(1), Plan("lbfgs", 25)))
    for both, one in zip(together, alone, strict=True):
        torch.testing.assert_close(both.image[:1], one.image, atol=1e-6, rtol=0)
    slow = torch.stack([iterate.losses.total[1] for iterate in together])
    assert int((slow[1:] == slow[:-1]).sum()) >= 5, "the mate was to have steps refused"
    assert float(together[-1].losses.total[0]) < 1e-3 * float(together[0].losses.total[0])


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
def test_a_loss_that_is_no_number_stays_with_its_picture(optimizer: OptimizerName) -> None:
    spoilt = TARGETS.clone()
    spoilt[1] = torch.nan
    together = last(quadratic(spoilt), start(), Plan(optimizer, 12))
    clean = last(quadratic(TARGETS), start(), Plan(optimizer, 12))
    for index in (0, 2):
        torch.testing.assert_close(together.image[index], clean.image[index], atol=1e-6, rtol=0)
    assert torch.isfinite(together.losses.total).tolist() == [True, False, True]


@pytest.mark.parametrize("beyond_the_edge", ["infinite loss", "gradient that is no number"])
def test_lbfgs_steps_back_from_a_cliff(beyond_the_edge: str) -> None:
    """Where a step lands beyond the edge, a shorter one is tried."""
    smooth = quadratic(TARGETS[:1])
    added = torch.inf if beyond_the_edge == "infinite loss" else 0.0

    def evaluate(image: torch.Tensor) -> Losses:
        losses = smooth(image)
        if not bool(((image - 0.5).abs() > 0.03).any()):
            return losses
        total = losses.total + (losses.total * 0).sqrt() + added  # the root adds nothing but a slope of 0 · ∞
        return Losses(total, total, total, total)

    iterates = list(optimise(evaluate, start(1), Plan("lbfgs", 20)))
    assert float(iterates[-1].losses.total) < float(iterates[0].losses.total)
    assert float((iterates[-1].image - 0.5).abs().max()) <= 0.03


def test_the_start_is_yielded_first_and_left_as_it_is() -> None:
    begin = start()
    kept = begin.clone()
    iterates = list(optimise(quadratic(TARGETS), begin, Plan("lbfgs", 5)))
    assert [iterate.iteration for iterate in iterates] == [0, 1, 2, 3, 4, 5]
    assert torch.equal(iterates[0].image, kept)
    assert torch.equal(begin, kept)


def test_adadelta_and_gradient_descent_come_near_the_minimum_of_a_round_bowl() -> None:
    def evaluate(image: torch.Tensor) -> Losses:
        total = (image - TARGETS).square().flatten(1).sum(1)
        return Losses(total, total, total, total)

    for optimizer, rate in (("adadelta", 1.0), ("gradient-descent", 0.1)):
        plan = Plan(optimizer, 400, rate)  # type: ignore[arg-type]
        torch.testing.assert_close(last(evaluate, start(), plan).image, TARGETS, atol=0.02, rtol=0)


def test_one_step_of_each_is_the_papers_formula() -> None:
    """From 0.5, on a bowl of slope g = 2·stretch·(x − t): the first step has a closed form."""
    gradient = 2 * STRETCH * (0.5 - TARGETS)
    unit = gradient.square().mean((1, 2, 3), keepdim=True).sqrt()
    scaled = gradient / unit
    steps = {
        "gradient-descent": 0.01 * scaled,
        "adam": 0.01 * gradient.sign(),
        "adadelta": 0.01 * (1e-6 / (0.1 * scaled.square() + 1e-6)).sqrt() * scaled,
    }
    for optimizer, step in steps.items():
        plan = Plan(optimizer, 1, 0.01, decay=False, bounded=False)  # type: ignore[arg-type]
        found = last(quadratic(TARGETS), start(), plan).image
        torch.testing.assert_close(found, 0.5 - step, atol=1e-6, rtol=1e-4)


def test_the_losses_scale_changes_no_first_order_step() -> None:
    def million(image: torch.Tensor) -> Losses:
        total = 1e6 * quadratic(TARGETS)(image).total
        return Losses(total, total, total, total)

    for optimizer in ("adam", "adadelta", "gradient-descent"):
        plan = Plan(optimizer, 5)
        one, other = (last(evaluate, start(), plan).image for evaluate in (quadratic(TARGETS), million))
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


def test_gradient_descent_halves_the_rate_of_a_picture_whose_loss_rises() -> None:
    """A rate far too large for the stretched bowl settles; a constant one would run away."""
    wide = Plan("gradient-descent", 150, 0.3, decay=False, bounded=False)
    iterates = list(optimise(quadratic(TARGETS), start(), wide))
    assert bool((iterates[1].losses.total > iterates[0].losses.total).any())
    assert bool((iterates[-1].losses.total < 0.2 * iterates[0].losses.total).all())


@pytest.mark.parametrize(("optimizer", "tolerance"), [("lbfgs", 0.01), ("adam", 0.05)])
def test_only_unbounded_pixels_reach_a_minimum_outside_of_their_range(
    optimizer: OptimizerName, tolerance: float
) -> None:
    outside = 3 * TARGETS - 1
    plans = (Plan(optimizer, 200, bounded=bounded) for bounded in (False, True))
    free, bound = (last(quadratic(outside), start(), plan) for plan in plans)
    torch.testing.assert_close(free.image, outside, atol=tolerance, rtol=0)
    torch.testing.assert_close(bound.image, outside.clamp(0, 1), atol=tolerance, rtol=0)
    assert float(outside.max()) > 1.9
    assert float(outside.min()) < -0.9


def test_without_decay_the_rate_stays() -> None:
    """On a slope, every step of Adam is as long as its rate; with decay the last of 10 is a fifth of it."""

    def slope(image: torch.Tensor) -> Losses:
        total = image.flatten(1).sum(1)
        return Losses(total, total, total, total)

    for decay, share in ((False, 1.0), (True, 0.2)):
        iterates = list(optimise(slope, start(1), Plan("adam", 10, 0.01, decay=decay)))
        step = iterates[-2].image - iterates[-1].image
        assert float(step.mean()) == pytest.approx(0.01 * share, rel=1e-3)


def test_the_average_is_the_unbiased_moving_mean_and_its_losses_are_its_own() -> None:
    plan = Plan("adam", 6)
    images = [iterate.image for iterate in optimise(quadratic(TARGETS), start(), plan)]
    averaged = list(optimise(quadratic(TARGETS), start(), Plan("adam", 6, average=0.8)))
    weights = [0.2 * 0.8 ** (6 - k) for k in range(7)]
    expected = sum(w * image for w, image in zip(weights, images, strict=True)) / sum(weights)
    torch.testing.assert_close(averaged[-1].image, expected)
    torch.testing.assert_close(averaged[-1].losses.total, quadratic(TARGETS)(averaged[-1].image).total)
    torch.testing.assert_close(averaged[0].image, images[0])
