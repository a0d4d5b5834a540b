"""The optimizers on functions with known minima, on batches, and with numbers that are none."""

import pytest
import torch

from nst_teacher.objective import Losses
from nst_teacher.optimise import Evaluate, Iterate, OptimizerName, Plan, optimise

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


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
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


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
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
