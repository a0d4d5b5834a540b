"""The optimizers that trainings choose from."""

from collections.abc import Callable, Iterable, Mapping

import torch

from nst_student.recipes.settings import OptimizerName
from nst_student.training.soap import Soap

Parameters = Iterable[torch.nn.Parameter]


def _adam(parameters: Parameters, learning_rate: float) -> torch.optim.Optimizer:
    kept = list(parameters)
    return torch.optim.Adam(kept, lr=learning_rate, betas=(0.9, 0.99), fused=kept[0].is_cuda)


def _sgd(parameters: Parameters, learning_rate: float) -> torch.optim.Optimizer:
    """Return plain gradient descent, without momentum: the paper's (Srinath et al., fig. 11 and 12)."""
    return torch.optim.SGD(parameters, lr=learning_rate)


OPTIMIZERS: Mapping[OptimizerName, Callable[[Parameters, float], torch.optim.Optimizer]] = {
    "soap": Soap,
    "adam": _adam,
    "sgd": _sgd,
}
