"""SOAP for many small matrices at once."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import torch

BETAS = (0.9, 0.95)
EPS = 1e-8
FREQUENCY = 10
TINY, RIDGE = 1e-30, 1e-5
# By how much the products of a basis's vectors may be off. A card's decomposition can fail on a matrix that is nearly
# singular. Such a basis makes moves of any size, or none that is a number; the one before is as good.
ORTHONORMAL = 0.01


class Soap(torch.optim.Optimizer):
    """Adam in the eigenbasis of Shampoo's preconditioner (Vyas et al., "SOAP", 2024, algorithm 3).

    A kernel C_out×C_in×k×k is taken for a matrix C_out×(C_in·k·k); vectors, and matrices with a side beyond
    `largest_side`, get Adam's own steps. Matrices of one shape are computed together: the banks that are trained with a
    codec have hundreds of them, and one by one they would take a card longer than the pictures do. The first step
    measures and moves nothing.
    """

    def __init__(self, parameters: Iterable[torch.nn.Parameter], lr: float, *, largest_side: int = 300) -> None:
        super().__init__(parameters, {"lr": lr, "step": 0, "largest_side": largest_side})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Move all parameters that have a gradient by one step; `closure` must be None."""
        if closure is not None:
            raise ValueError("Soap evaluates no closure")
        for group in self.param_groups:
            count = group["step"]
            rate = group["lr"] * math.sqrt(1 - BETAS[1] ** count) / (1 - BETAS[0] ** count) if count else 0.0
            parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
            for shape, members in _by_shape(parameters, group["largest_side"]).items():
                state = self.state[members[0]]
                if len(shape) == 1:
                    _step_vectors(members, state, rate)
                else:
                    _step_matrices(members, state, rate, count)
            group["step"] = count + 1


def _by_shape(
    parameters: list[torch.nn.Parameter], largest_side: int
) -> dict[tuple[int, ...], list[torch.nn.Parameter]]:
    """Return the parameters that are computed together by the shape of their matrix; ``(0,)`` are plain Adam's."""
    groups: dict[tuple[int, ...], list[torch.nn.Parameter]] = defaultdict(list)
    for parameter in parameters:
        shape = (parameter.shape[0], parameter[0].numel()) if parameter.dim() > 1 else (0,)
        groups[shape if max(shape) <= largest_side else (0,)].append(parameter)
    return groups


def _step_vectors(members: list[torch.nn.Parameter], state: dict[str, Any], rate: float) -> None:
    gradient = torch.cat([parameter.grad.flatten() for parameter in members if parameter.grad is not None])
    if not state:
        state |= {"mean": torch.zeros_like(gradient), "square": torch.zeros_like(gradient)}
        return
    state["mean"].lerp_(gradient, 1 - BETAS[0])
    state["square"].lerp_(gradient.square(), 1 - BETAS[1])
    moves = state["mean"] / (state["square"].sqrt() + EPS)
    sizes = [parameter.numel() for parameter in members]
    _move(members, list(moves.split(sizes)), rate)


def _step_matrices(members: list[torch.nn.Parameter], state: dict[str, Any], rate: float, count: int) -> None:
    gradient = torch.stack([parameter.grad.flatten(1) for parameter in members if parameter.grad is not None])
    if not state:
        _begin(state, gradient)
        return
    state["mean"].lerp_(gradient, 1 - BETAS[0])
    state["square"].lerp_(_into(state, gradient).square(), 1 - BETAS[1])
    moves = _into(state, state["mean"]) / (state["square"].sqrt() + EPS)
    _move(members, list((state["rows"] @ moves @ state["columns"].mT).unbind()), rate)
    _observe(state, gradient)
    if count % FREQUENCY == 0:
        state["rows"] = _turned(state, "row", state["rows"], 1)
        state["columns"] = _turned(state, "column", state["columns"], 2)


def _move(members: list[torch.nn.Parameter], moves: list[torch.Tensor], rate: float) -> None:
    shaped = [move.view(parameter.shape) for move, parameter in zip(moves, members, strict=True)]
    torch._foreach_add_(list[torch.Tensor](members), shaped, alpha=-rate)


def _begin(state: dict[str, Any], gradient: torch.Tensor) -> None:
    """Measure the first covariances of `gradient` K×m×n and take their eigenvectors, the largest first."""
    state |= {"mean": torch.zeros_like(gradient), "square": torch.zeros_like(gradient)}
    state |= {"row_covariance": 0 * gradient @ gradient.mT, "column_covariance": 0 * gradient.mT @ gradient}
    _observe(state, gradient)
    for side in ("row", "column"):
        vectors = torch.linalg.eigh(state[f"{side}_covariance"].double().cpu())[1].flip(2)
        state[f"{side}s"] = vectors.to(gradient)


def _observe(state: dict[str, Any], gradient: torch.Tensor) -> None:
    state["row_covariance"].lerp_(gradient @ gradient.mT, 1 - BETAS[1])
    state["column_covariance"].lerp_(gradient.mT @ gradient, 1 - BETAS[1])


def _into(state: dict[str, Any], gradient: torch.Tensor) -> torch.Tensor:
    """Return `gradient` K×m×n in the eigenbasis."""
    turned: torch.Tensor = state["rows"].mT @ gradient @ state["columns"]
    return turned


def _turned(state: dict[str, Any], side: str, basis: torch.Tensor, axis: int) -> torch.Tensor:
    """Return `basis` after a round of power iteration, sorted by eigenvalue; the mean squares are sorted along."""
    covariance = state[f"{side}_covariance"]
    scale = covariance.diagonal(dim1=1, dim2=2).mean(dim=1).clamp_min(TINY)[:, None, None]
    product = covariance / scale @ basis + RIDGE * basis
    order = (basis * product).sum(dim=1).argsort(dim=1, descending=True)
    index = order.unsqueeze(3 - axis).expand_as(state["square"])
    state["square"] = state["square"].gather(axis, index)
    columns = order.unsqueeze(1).expand_as(product)
    turned: torch.Tensor = torch.linalg.qr(product.gather(2, columns))[0]
    off = (turned.mT @ turned - torch.eye(turned.shape[2]).to(turned)).abs().amax(dim=(1, 2), keepdim=True)
    return torch.where(off < ORTHONORMAL, turned, basis.gather(2, columns))
