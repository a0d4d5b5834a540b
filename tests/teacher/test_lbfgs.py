"""L-BFGS over a batch against the two loops of the textbook, one picture at a time, in float64."""

from collections.abc import Callable

import pytest
import torch

from nst_teacher.optimise.lbfgs import ARMIJO, FIRST_STEP_RMS, MEMORY, REJECTIONS, BatchedLbfgs

SIZE, PICTURES = 60, 4
Evaluate = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
Path = list[torch.Tensor]


def draw(*shape: int, seed: int) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


STRETCH = torch.logspace(0, 3, SIZE, dtype=torch.float64)


def bowl(target: torch.Tensor) -> Evaluate:
    """A badly scaled bowl of fourth order around `target`, with waves that a step may rise on; losses B, slopes B×N."""

    def evaluate(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        leaf = x.detach().requires_grad_()
        away = leaf - target
        loss = (STRETCH * away.square() + 50 * away**4 + 2 * (25 * away).cos()).sum(-1)
        (gradient,) = torch.autograd.grad(loss.sum(), leaf)
        return loss.detach(), gradient

    return evaluate


def walk(evaluate: Evaluate, x: torch.Tensor, steps: int, *, bounded: bool) -> tuple[Path, torch.Tensor]:
    """Return the pictures B×N after each evaluation, and how many steps were refused, B."""
    state = BatchedLbfgs(x, *evaluate(x), bounded=bounded)
    path, refused = [], torch.zeros(len(x))
    for _ in range(steps):
        trial = state.propose()
        refused += ~state.update(trial, *evaluate(trial))
        path.append(state.x)
    return path, refused


def two_loops(pairs: list[tuple[torch.Tensor, torch.Tensor]], gradient: torch.Tensor) -> torch.Tensor:
    """Nocedal and Wright, alg. 7.4: H g, with `pairs` (s, y) from the oldest to the newest."""
    q, alphas = gradient.clone(), []
    for s, y in reversed(pairs):
        alphas.append(s @ q / (s @ y))
        q -= alphas[-1] * y
    s, y = pairs[-1]
    r = q * (s @ y) / (y @ y)
    for (s, y), alpha in zip(pairs, reversed(alphas), strict=True):
        r += s * (alpha - y @ r / (s @ y))
    return r


def reference(evaluate: Evaluate, x: torch.Tensor, steps: int, *, bounded: bool) -> Path:
    """The same descent of one picture N in plain words."""
    loss, gradient = evaluate(x)
    pairs: list[tuple[torch.Tensor, torch.Tensor]] = []
    length, rejected, direction, path = 1.0, 0, torch.empty(0), []
    for _ in range(steps):
        if not len(direction):
            free = gradient.clone()
            if bounded:
                free[((x <= 0) & (gradient > 0)) | ((x >= 1) & (gradient < 0))] = 0
            direction = -two_loops(pairs, free) if pairs else gradient
            if gradient @ direction >= 0:
                direction = -free * FIRST_STEP_RMS / free.square().mean().sqrt()
        trial = x + length * direction
        trial = trial.clamp(0, 1) if bounded else trial
        other, slope = evaluate(trial)
        step, rise, expected = trial - x, float(other - loss), float(gradient @ (trial - x))
        if rise <= ARMIJO * expected:
            change = slope - gradient
            if step @ change > 1e-8 * step.norm() * change.norm():
                pairs = [*pairs, (step, change)][-MEMORY:]
            x, loss, gradient, direction, length, rejected = trial, other, slope, torch.empty(0), 1.0, 0
        else:
            length *= min(max(-expected / (2 * (rise - expected)), 0.1), 0.5)
            rejected += 1
        if rejected == REJECTIONS:
            pairs, direction, rejected = [], torch.empty(0), 0
        path.append(x)
    return path


@pytest.mark.parametrize("bounded", [True, False])
def test_each_picture_goes_the_way_of_the_textbook(bounded: bool) -> None:
    """Through the filling of the memory, its turning over, refused steps and, where bounded, the bounds."""
    targets = 1.4 * draw(PICTURES, SIZE, seed=1) - 0.2
    start = draw(PICTURES, SIZE, seed=2)
    path, refused = walk(bowl(targets), start, 3 * MEMORY, bounded=bounded)
    assert 0 < int(refused.max()) < 2 * MEMORY
    for number in range(PICTURES):
        expected = reference(bowl(targets[number]), start[number], 3 * MEMORY, bounded=bounded)
        for found, wanted in zip(path, expected, strict=True):
            torch.testing.assert_close(found[number], wanted, rtol=0, atol=1e-7)
    outside = (path[-1] < 0) | (path[-1] > 1)
    assert bool(outside.any()) is not bounded


def test_a_forgotten_memory_is_filled_anew() -> None:
    """Six evaluations in a row are refused, then it goes on from an empty memory."""
    target = draw(1, SIZE, seed=1)

    def wall() -> Evaluate:
        calls = 0

        def evaluate(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            nonlocal calls
            calls += 1
            loss, gradient = bowl(target if x.ndim > 1 else target[0])(x)
            return (loss + 1e6 if 15 < calls <= 15 + REJECTIONS else loss), gradient

        return evaluate

    start = draw(1, SIZE, seed=2)
    path, refused = walk(wall(), start, 40, bounded=True)
    assert int(refused) >= REJECTIONS
    for found, wanted in zip(path, reference(wall(), start[0], 40, bounded=True), strict=True):
        torch.testing.assert_close(found[0], wanted, rtol=0, atol=1e-7)
