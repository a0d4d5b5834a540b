"""The optimizers that trainings choose from."""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import pytorch_optimizer
import torch

OptimizerName = Literal["soap", "adam"]
Parameters = Iterable[torch.nn.Parameter]
# A kernel C_out×C_in×k×k is taken for a matrix as long as its sides stay within this.
LARGEST_SIDE = 300


def _soap(parameters: Parameters, learning_rate: float) -> torch.optim.Optimizer:
    """Return Adam in the eigenbasis of Shampoo's preconditioner (Vyas et al., "SOAP", 2024).

    The judges take nearly all of a step's time and a student has some ten thousand weights, so that full matrices of
    their covariances cost next to nothing.
    """
    kernels: list[torch.nn.Parameter] = []
    others: list[torch.nn.Parameter] = []  # the library cannot merge what would become a vector
    for parameter in parameters:
        (kernels if parameter.dim() > 1 and parameter.numel() > LARGEST_SIDE else others).append(parameter)
    return pytorch_optimizer.SOAP(
        [{"params": kernels, "merge_dims": True}, {"params": others, "merge_dims": False}],
        lr=learning_rate,
        betas=(0.9, 0.95),
        weight_decay=0.0,
        precondition_frequency=5,
        max_precondition_dim=LARGEST_SIDE,
    )


def _adam(parameters: Parameters, learning_rate: float) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=learning_rate, betas=(0.9, 0.99))


OPTIMIZERS: Mapping[OptimizerName, Callable[[Parameters, float], torch.optim.Optimizer]] = {
    "soap": _soap,
    "adam": _adam,
}
