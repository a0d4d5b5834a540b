"""How to minimise: the optimizers by name, and what they can be told."""

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from nst_runtime.contracts.settings import Setting

OptimizerName = Literal["lbfgs", "adam", "adadelta", "gradient-descent"]
OPTIMIZER_NAMES: tuple[OptimizerName, ...] = get_args(OptimizerName)
USUAL_RATES: dict[OptimizerName, float] = {"lbfgs": 1.0, "adam": 0.03, "adadelta": 1.0, "gradient-descent": 0.01}
_SHOWN_RATES = "the optimizer's own: " + ", ".join(
    f"{name} {rate:g}" for name, rate in USUAL_RATES.items() if name != "lbfgs"
)


@dataclass(frozen=True)
class Plan:
    """How to minimise.

    `iterations` counts evaluations, `smallest_px` is the short side at which a coarse-to-fine schedule begins (None: at
    full size), which shares the iterations evenly among sizes that grow by √2. `learning_rate` is in units of the
    pixels' range 0…1 (None: the optimizer's usual one); with `decay` it falls to zero over the last half. `bounded`
    projects every step to [0, 1]. `average` is the decay of an exponential moving average of the iterates, 0 for none.
    """

    optimizer: Annotated[
        OptimizerName,
        Setting(
            "How to minimise.",
            paper="lbfgs: Nocedal and Wright (2006), alg. 7.4; adam: Kingma and Ba (2015); adadelta: Zeiler (2012); "
            "compared in Srinath, Yin, Verma, fig. 7",
        ),
    ] = "lbfgs"
    iterations: Annotated[
        int,
        Setting("Evaluations of the loss a picture.", minimum=1, paper="500 in Šarić (2020), sec. 3.2"),
    ] = 60
    learning_rate: Annotated[
        float | None,
        Setting("Step of the optimizers but lbfgs, in units of the pixels' range.", 1e-6, 10, usual=_SHOWN_RATES),
    ] = None
    decay: Annotated[bool, Setting("Let the learning rate fall to zero over the last half.")] = True
    beta2: Annotated[
        float,
        Setting("Adam's memory of squared gradients.", 0, 0.999999, paper="0.999 in Kingma and Ba (2015), alg. 1"),
    ] = 0.99
    bounded: Annotated[bool, Setting("Keep pixels within 0…1 at every step.")] = True
    average: Annotated[
        float,
        Setting(
            "Decay of a moving average of the iterates; 0 is without it.",
            0,
            0.999999,
            paper="Crowson, style-transfer-pytorch",
        ),
    ] = 0.0
    smallest_px: Annotated[
        int | None,
        Setting(
            "Coarse to fine: begin at this short side, in px, and grow by √2.",
            16,
            usual="full size from the start",
            paper="Crowson, style-transfer-pytorch",
        ),
    ] = None

    @property
    def rate(self) -> float:
        """The learning rate, or the optimizer's usual one."""
        return USUAL_RATES[self.optimizer] if self.learning_rate is None else self.learning_rate
