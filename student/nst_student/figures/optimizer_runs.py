"""Which optimizers a comparison runs, how fast, and when it looks at what they have come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nst_runtime.contracts.rates import parse_rates
from nst_runtime.errors import NstError
from nst_student.training.optimizers import OPTIMIZERS, OptimizerName
from nst_student.training.settings import TrainingSettings

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
    names: dict[str, OptimizerName] = {name: name for name in OPTIMIZERS}
    found = parse_rates(text, names, known=", ".join(OPTIMIZERS), highest=HIGHEST_RATE, example="adam=0.005")
    runs = (Run(optimizer, rates[optimizer] if rate is None else rate) for optimizer, rate in found)
    return tuple(dict.fromkeys(runs))


def parse_snapshots(text: str, steps: int) -> tuple[int, ...]:
    """Return the steps in ``100,200,300``, sorted, or the last step for an empty text; raises NstError for others."""
    try:
        numbers = sorted({int(part) for part in text.split(",") if part.strip()} or {steps})
    except ValueError:
        numbers = [0]
    if not 1 <= numbers[0] <= numbers[-1] <= steps:
        raise NstError(f"`snapshots` is {text!r}, not a list of steps from 1 to {steps}", f"write it as 1,{steps}")
    return tuple(numbers)
