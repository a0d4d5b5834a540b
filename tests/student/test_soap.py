"""SOAP against its algorithm written out with NumPy, a matrix at a time."""

from copy import deepcopy

import numpy as np
import numpy.typing as npt
import pytest
import torch

from nst_student.recipes.settings import OptimizerName
from nst_student.training.optimizers import OPTIMIZERS
from nst_student.training.soap import Soap

Matrix = npt.NDArray[np.float64]
RATE = 0.1


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def run(parameters: list[torch.nn.Parameter], optimizer: torch.optim.Optimizer, steps: range) -> None:
    """Take `steps` by gradients that are drawn, for each parameter its own."""
    for step in steps:
        for place, parameter in enumerate(parameters):
            parameter.grad = draw(1000 * step + place, *parameter.shape).to(parameter.dtype)
        optimizer.step()


def started(*shapes: tuple[int, ...]) -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(draw(7 + place, *shape)) for place, shape in enumerate(shapes)]


def test_the_first_step_measures_and_the_second_goes_along_the_eigenvectors() -> None:
    """With one gradient seen, Adam's step is the learning rate times the sign, here in the eigenbasis of the first."""
    (weight,) = started((2, 3))
    before, optimizer = weight.detach().clone(), Soap([weight], RATE)
    first, second = draw(1, 2, 3), draw(2, 2, 3)
    weight.grad = first
    optimizer.step()
    assert torch.equal(weight, before)
    weight.grad = second
    optimizer.step()
    rows, _, columns = np.linalg.svd(first.numpy())  # the eigenvectors of G G^T and of G^T G
    expected = before.numpy() - RATE * rows @ np.sign(rows.T @ second.numpy() @ columns.T) @ columns
    np.testing.assert_allclose(weight.detach().numpy(), expected, atol=1e-6)


def by_hand(weight: Matrix, gradients: list[Matrix]) -> Matrix:
    """Return `weight` after algorithm 3 of Vyas et al. (2024), betas 0.9 and 0.95, with a turn every ten steps."""
    (rows, columns), mean, square = (np.eye(side) for side in weight.shape), 0 * weight, 0 * weight
    left, right = 0 * rows, 0 * columns
    for count, gradient in enumerate(gradients):
        if count:
            mean = 0.9 * mean + 0.1 * gradient
            square = 0.95 * square + 0.05 * (rows.T @ gradient @ columns) ** 2
            corrected = rows.T @ mean @ columns / (1 - 0.9**count)
            move = corrected / (np.sqrt(square / (1 - 0.95**count)) + 1e-12)
            weight = weight - RATE * rows @ move @ columns.T
        left = 0.95 * left + 0.05 * gradient @ gradient.T
        right = 0.95 * right + 0.05 * gradient.T @ gradient
        if count == 0:
            rows, columns = (np.linalg.eigh(side)[1][:, ::-1] for side in (left, right))
        elif count % 10 == 0:
            order = np.argsort(-np.diag(rows.T @ left @ rows)), np.argsort(-np.diag(columns.T @ right @ columns))
            square = square[order[0]][:, order[1]]
            rows, columns = np.linalg.qr(left @ rows[:, order[0]])[0], np.linalg.qr(right @ columns[:, order[1]])[0]
    return weight


@pytest.mark.parametrize("steps", [2, 10, 12, 35])
def test_many_steps_are_the_algorithms(steps: int) -> None:
    """Also across the turns of the basis, in steps 10, 20 and 30, and the sorting that goes with them."""
    (weight,) = started((3, 3))
    before = weight.detach().numpy().copy()
    run([weight], Soap([weight], RATE), range(steps))
    expected = by_hand(before, [draw(1000 * step, 3, 3).numpy() for step in range(steps)])
    np.testing.assert_allclose(weight.detach().numpy(), expected, atol=1e-5)


def test_matrices_together_move_as_each_by_itself() -> None:
    """Kernels and matrices of one shape are computed at once; none may see another's statistics."""
    shapes = ((4, 2, 2, 1), (4, 4), (3,), (4, 4), (5, 3), (6,))
    together, apart = started(*shapes), started(*shapes)
    run(together, Soap(together, RATE), range(25))
    for place, parameter in enumerate(apart):
        optimizer = Soap([parameter], RATE)
        for step in range(25):
            parameter.grad = draw(1000 * step + place, *parameter.shape)
            optimizer.step()
        torch.testing.assert_close(together[place], parameter, atol=1e-6, rtol=0)


def test_vectors_and_matrices_with_a_long_side_take_adams_steps() -> None:
    shapes = ((5,), (301, 2))
    parameters, expected = started(*shapes), started(*shapes)
    run(parameters, Soap(parameters, RATE), range(20))
    run(expected, torch.optim.Adam(expected, RATE, (0.9, 0.95), eps=1e-8), range(1, 20))  # the first step moves nothing
    for mine, theirs in zip(parameters, expected, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=0)


def assert_whole(parameters: list[torch.nn.Parameter], optimizer: Soap) -> None:
    """Check that all parameters are finite and that the columns of all bases are of length 1, at right angles."""
    assert all(bool(parameter.isfinite().all()) for parameter in parameters)
    bases = [state[side] for state in optimizer.state.values() for side in ("rows", "columns")]
    assert bases
    for basis in bases:
        torch.testing.assert_close(basis.mT @ basis, torch.eye(basis.shape[-1]).expand_as(basis), atol=1e-4, rtol=0)


@pytest.mark.parametrize("size", [1.0, 1e-6, 1e-15, 1e-18, 1e-25])
def test_bases_stay_whole_where_hardly_anything_is_learned(size: float) -> None:
    """Gradients of one column alone, of none in some rows and columns, and of a size whose square is nought."""
    parameters = [torch.nn.Parameter(parameter.detach().float()) for parameter in started((16, 40), (16, 40), (24, 8))]
    optimizer = Soap(parameters, RATE)
    for step in range(40):
        for place, parameter in enumerate(parameters):
            gradient = size * draw(1000 * step + place, *parameter.shape)
            gradient[:3], gradient[:, 2:5] = 0, 0
            if place == 1:
                gradient[:, 1:] = 0
            parameter.grad = gradient.float()
        optimizer.step()
    assert_whole(parameters, optimizer)


def test_directions_in_which_nothing_is_learned_stay() -> None:
    """All gradients are of the same two dimensions of five: of the other three there is only rounding to turn by."""
    (weight,) = started((5, 7))
    optimizer, frame = Soap([weight], RATE), torch.linalg.qr(draw(9, 5, 5))[0]
    found = []
    for steps in (range(1), range(1, 11)):
        for step in steps:
            weight.grad = frame[:, :2] @ draw(step, 2, 7)
            optimizer.step()
        found.append(optimizer.state[weight]["rows"][0].clone())
    kept = (found[0].mT @ found[1]).abs()
    torch.testing.assert_close(
        kept[2:, 2:].round(decimals=6).sort()[0], torch.tensor([[0.0, 0, 1]]).double().expand(3, 3)
    )
    assert 0.01 < float(kept[0, 0]) < 0.99  # and in the two it turned


def test_moves_are_the_same_for_small_gradients() -> None:
    """Also across the turns, which must see how a covariance is shaped and not how large it is."""
    weights = started((4, 4), (4, 4))
    with torch.no_grad():
        weights[1].copy_(weights[0])
    for weight, size in zip(weights, (1.0, 1e-4), strict=True):
        optimizer = Soap([weight], RATE)
        for step in range(35):
            weight.grad = size * draw(step, 4, 4)
            optimizer.step()
    torch.testing.assert_close(*weights, atol=1e-3, rtol=0)


def test_a_basis_stays_where_a_decomposition_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = [torch.nn.Parameter(parameter.detach().float()) for parameter in started((4, 6), (4, 6))]
    optimizer, decompose = Soap(parameters, RATE), torch.linalg.qr
    failed: list[torch.Tensor] = []

    def fail_once(matrices: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        found, rest = decompose(matrices)
        if not failed:
            failed.append(matrices)
            found[1, 2, 0] = torch.nan
        return found, rest

    run(parameters, optimizer, range(10))
    (state,) = optimizer.state.values()
    before = {key: value.clone() for key, value in state.items()}
    monkeypatch.setattr(torch.linalg, "qr", fail_once)
    run(parameters, optimizer, range(10, 11))
    assert len(failed) == 1
    kept = (before["rows"].mT @ state["rows"]).abs().round(decimals=4)
    assert sorted(kept[1].flatten().tolist()) == 12 * [0] + 4 * [1]  # its own directions, sorted
    assert float(kept[0].frac().max()) > 0  # the other matrix's are new
    run(parameters, optimizer, range(11, 40))
    assert_whole(parameters, optimizer)


def steps_to_a_thousandth(optimizer: OptimizerName) -> int:
    """Return after how many steps an ill-conditioned least-squares problem's loss is a thousandth of the first.

    Its axes are not the coordinates', along which Adam would find its way as well.
    """
    stretch = torch.logspace(0, -1.5, 8, dtype=torch.float64).diag()
    turns = [torch.linalg.qr(draw(seed, 8, 8))[0] for seed in range(1, 5)]
    left, right = turns[0] @ stretch @ turns[1], turns[2] @ stretch @ turns[3]
    target = left @ draw(5, 8, 8) @ right.T
    weight = torch.nn.Parameter(torch.zeros(8, 8, dtype=torch.float64))
    taken = OPTIMIZERS[optimizer]([weight], 0.03)
    for step in range(2000):
        taken.zero_grad()
        loss = (left @ weight @ right.T - target).square().sum()
        if float(loss.detach()) < 1e-3 * float(target.square().sum()):
            return step
        loss.backward()
        taken.step()
    return 2000


def test_it_learns_what_is_ill_conditioned_in_fewer_steps_than_adam() -> None:
    assert steps_to_a_thousandth("soap") < 0.6 * steps_to_a_thousandth("adam")


def test_a_state_goes_on_to_the_bit() -> None:
    shapes = ((4, 2, 3, 3), (4, 18), (3, 3), (5,), (301, 2))
    parameters = [torch.nn.Parameter(parameter.detach().float()) for parameter in started(*shapes)]
    optimizer = Soap(parameters, RATE)
    run(parameters, optimizer, range(17))
    copies = [torch.nn.Parameter(parameter.detach().clone()) for parameter in parameters]
    resumed = Soap(copies, 1.0)
    resumed.load_state_dict(deepcopy(optimizer.state_dict()))
    assert resumed.param_groups[0]["lr"] == RATE
    run(parameters, optimizer, range(17, 33))
    run(copies, resumed, range(17, 33))
    assert all(torch.equal(*pair) for pair in zip(parameters, copies, strict=True))


def test_parameters_without_a_gradient_stay_and_a_closure_is_refused() -> None:
    moving, still = started((3, 3), (3, 3))
    before, optimizer = still.detach().clone(), Soap([still, moving], RATE)
    run([moving], optimizer, range(3))
    assert torch.equal(still, before)
    with pytest.raises(ValueError, match="no closure"):
        optimizer.step(lambda: 0.0)
