"""Which optimizers a comparison runs, how fast, and when it looks at what they have come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from nst_runtime.contracts.rates import parse_rates
from nst_runtime.errors import NstError
from nst_student.recipes.settings import OptimizerName, TrainingSettings

HIGHEST_RATE = 1e4
ObjectiveName = Literal["perceptual", "pixels"]
# Peak learning rates. Adam's and SOAP's steps are of the same length whatever the loss is measured in; gradient
# descent's are in proportion to it, and a squared error is some hundred times smaller than a sum of shares.
_RATE = TrainingSettings().learning_rate
RATES: Mapping[ObjectiveName, Mapping[OptimizerName, float]] = {
    "perceptual": {"soap": _RATE, "adam": _RATE, "sgd": 0.1},
    "pixels": {"soap": _RATE, "adam": _RATE, "sgd": 10.0},
}


@dataclass(frozen=True)
class Run:
    """An optimizer, and its peak learning rate."""

    optimizer: OptimizerName
    rate: float

    @property
    def label(self) -> str:
        """The optimizer and its rate: ``adam=0.005``."""
        return f"{self.optimizer}={self.rate:g}"


def parse_runs(text: str, rates: Mapping[OptimizerName, float]) -> tuple[Run, ...]:
    """Return the runs in ``sgd=0.1,adam,soap``; raises NstError that names the optimizers there are.

    `rates` are those of optimizers that come without one.
    """
    names: dict[str, OptimizerName] = {name: name for name in get_args(OptimizerName)}
    found = parse_rates(text, names, known=", ".join(names), highest=HIGHEST_RATE, example="adam=0.005")
    runs = (Run(optimizer, rates[optimizer] if rate is None else rate) for optimizer, rate in found)
    return tuple(dict.fromkeys(runs))


def settle_snapshots(snapshots: Sequence[int], steps: int) -> tuple[int, ...]:
    """Return the steps `snapshots`, sorted, or the last of `steps` for none of them; raises NstError for later ones."""
    found = sorted(set(snapshots)) or [steps]
    if found[-1] > steps:
        raise NstError(
            f"`snapshots` has step {found[-1]} of a training of {steps}",
            f"give steps from 1 to {steps}, or more `steps`",
        )
    return tuple(found)
