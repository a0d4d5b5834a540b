"""What a figure goes through: weights of style, one after another, or optimizers with their learning rates."""

import math
from dataclasses import dataclass, replace

from nst_runtime.contracts.rates import parse_rates
from nst_runtime.errors import NstError
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import OPTIMIZER_NAMES, OptimizerName, Plan

COUNT, MOST = 6, 100
SHORT: dict[str, OptimizerName] = {"gd": "gradient-descent"}
HIGHEST_RATE = 10.0


def parse_range(text: str) -> tuple[float, ...]:
    """Return the numbers of ``LOW:HIGH`` or ``LOW:HIGH:COUNT``, each the same multiple of the one before.

    Raises NstError, which shows the form.
    """
    fault = NstError(
        f"`style_weight` is {text!r}, not LOW:HIGH or LOW:HIGH:COUNT with 0 < LOW < HIGH and 2 to {MOST} weights",
        "give a range such as 1e2:1e7:6",
    )
    parts = text.split(":")
    if len(parts) not in (2, 3):
        raise fault
    try:
        low, high, count = float(parts[0]), float(parts[1]), int(parts[2]) if len(parts) == 3 else COUNT
    except ValueError as error:
        raise fault from error
    if not 0 < low < high < math.inf or not 2 <= count <= MOST:
        raise fault
    between = [low * (high / low) ** (step / (count - 1)) for step in range(1, count - 1)]
    return (low, *(float(f"{weight:.7g}") for weight in between), high)


@dataclass(frozen=True)
class OptimizerRun:
    """An optimizer and its learning rate, None for the one that the method or else the optimizer has."""

    optimizer: OptimizerName
    rate: float | None = None

    @property
    def name(self) -> str:
        """The optimizer, with the rate if one was asked for."""
        return self.optimizer if self.rate is None else f"{self.optimizer}={self.rate:g}"

    def plan(self, method: Method) -> Plan:
        """Return the plan of `method` with this optimizer; raises NstError for what it cannot do."""
        rate = method.plan.learning_rate if self.rate is None and self.optimizer == method.plan.optimizer else self.rate
        return replace(method.plan, optimizer=self.optimizer, learning_rate=rate)


def parse_optimizers(text: str) -> tuple[OptimizerRun, ...]:
    """Return the runs in ``lbfgs,adam=0.05,gd``; raises NstError that names the optimizers there are."""
    names: dict[str, OptimizerName] = {name: name for name in OPTIMIZER_NAMES}
    found = parse_rates(
        text, names | SHORT, known=", ".join(OPTIMIZER_NAMES), note=" (or gd for the last)", highest=HIGHEST_RATE,
        example="adam=0.05",
    )  # fmt: skip
    for optimizer, rate in found:
        if optimizer == "lbfgs" and rate is not None:
            raise NstError(f"'lbfgs={rate:g}': lbfgs finds its steps by itself", "leave the rate out")
    return tuple(dict.fromkeys(OptimizerRun(*each) for each in found))
