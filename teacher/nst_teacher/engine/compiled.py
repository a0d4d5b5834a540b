"""The loss as code that torch.compile makes of it: fewer, larger kernels, after a minute of compiling."""

from collections.abc import Callable

import torch

from nst_teacher.objective.objective import Losses, Objective

MANY_PAIRS = 1000  # from as many on, a job on a card is long enough for a minute of compiling


class CompiledLoss:
    """Evaluates objectives by compiled code, or as they are where that does not work.

    Code is made for each size of pictures and the first number of them that comes: a last, smaller batch is not worth
    another minute. Results differ from the plain ones by rounding.
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        """Compile nothing yet; `report` is told, in one line, when that turns out to be impossible."""
        self._report = report
        self._compiled = torch.compile(_evaluate, dynamic=False)
        self._batches: dict[tuple[int, ...], int] = {}
        self._works = True

    def __call__(self, objective: Objective, image: torch.Tensor) -> Losses:
        """Return the losses of `image` B×3×H×W, as `objective` does."""
        usual = self._batches.setdefault(tuple(image.shape[2:]), len(image))
        if not self._works or len(image) != usual or not torch.is_grad_enabled():
            return objective(image)
        from torch._dynamo.exc import TorchDynamoException  # noqa: PLC0415 (seconds, for those who compile alone)

        try:
            return self._compiled(objective, image)
        except TorchDynamoException as error:
            self._works = False
            reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
            self._report(f"torch.compile does not work here ({reason}); going on without it")
            return objective(image)

    def start_over(self) -> None:
        """Compile again for the next number of pictures: batches have become smaller for good."""
        self._batches.clear()


def _evaluate(objective: Objective, image: torch.Tensor) -> Losses:
    return objective(image)
