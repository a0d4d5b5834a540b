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

    def __init__(self, styles: Sequence[str], target: float | None, steps: int) -> None:
        """Begin at a weight of 1, which stays for the first third of `steps`; a `target` of None keeps it for good."""
        self.target = target
        self.first_step = round(LEARNING_SHARE * steps)
        self.log_weights = torch.zeros(len(styles))
        self.index = {style: place for place, style in enumerate(styles)}

    def weight(self, style: str) -> float:
        """Return the factor on the content term of `style`."""
        return float(self.log_weights[self.index[style]].exp())

    def observe(self, style: str, content: torch.Tensor, step: int) -> None:
        """Take in the content loss that `style` had in `step`, counted from 0."""
        if self.target is None or step < self.first_step:
            return
        place = self.index[style]
        moved = self.log_weights[place] + GAIN * (float(content) - self.target)
        self.log_weights[place] = moved.clamp(*LOG_WEIGHT_LIMITS)
