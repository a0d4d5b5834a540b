"""Keep every style as close to its photo as asked, whatever the painting."""

from collections.abc import Sequence

import torch

GAIN = 0.003
# A style is learnt before the photo comes back: a weight that rises while the style is still rough never lets it in.
LEARNING_SHARE = 0.35
LOG_WEIGHT_LIMITS = (-0.5, 2.0)


class ContentBalance:
    """A weight on the content loss of each style, raised while the loss is above `target` and lowered below it.

    Paintings differ in how much of a photo their strokes can carry: one fixed weight over-stylises one and
    under-stylises another. The logarithm of the weight integrates the loss's distance from the target, in limits.
    """

    def __init__(
        self, styles: Sequence[str], target: float | None, steps: int, device: torch.device | None = None
    ) -> None:
        """Begin at a weight of 1, which stays for the first third of `steps`; a `target` of None keeps it for good."""
        self.target = target
        self.first_step = round(LEARNING_SHARE * steps)
        self.log_weights = torch.zeros(len(styles), device=device)

    def weights(self) -> torch.Tensor:
        """Return the factors on the content terms of all styles, in their order."""
        return self.log_weights.exp()

    def gain(self, step: int) -> torch.Tensor:
        """Return by how much a content loss moves the weights in `step`, counted from 0: a number, on no device yet."""
        return torch.tensor(0.0 if self.target is None or step < self.first_step else GAIN)

    def observe(self, contents: torch.Tensor, gain: torch.Tensor) -> None:
        """Take in the content losses of all styles, in their order, by the step's `gain`."""
        target = 0.0 if self.target is None else self.target
        moved = (self.log_weights + gain * (contents - target)).clamp(*LOG_WEIGHT_LIMITS)
        self.log_weights.copy_(torch.where(gain > 0, moved, self.log_weights))
