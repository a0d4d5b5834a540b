"""Weigh style against content for each painting so that neither falls behind."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

GAIN = 0.02
LOG_WEIGHT_LIMIT = 2.5


@dataclass(frozen=True)
class BalanceTargets:
    """The content loss and the style loss (both shares) that count as equally good."""

    content: float = 0.9
    style: float = 0.1


class ContentBalance:
    """A weight on the content loss of each style, moved until both losses are equally far from their targets.

    Paintings differ in how much of a photo their strokes can carry: one fixed weight over-stylises one and
    under-stylises another. The logarithm of the weight integrates content over its target less style over its own.
    """

    def __init__(self, styles: Sequence[str], targets: BalanceTargets | None) -> None:
        self.targets = targets
        self.log_weights = torch.zeros(len(styles))
        self.index = {style: place for place, style in enumerate(styles)}

    def weight(self, style: str) -> float:
        """Return the factor on the content term of `style`."""
        return float(self.log_weights[self.index[style]].exp())

    def observe(self, style: str, content: torch.Tensor, share: torch.Tensor) -> None:
        """Take in the content loss and the style share that `style` had in a step."""
        if self.targets is None:
            return
        place = self.index[style]
        surplus = float(content) / self.targets.content - float(share) / self.targets.style
        moved = self.log_weights[place] + GAIN * surplus
        self.log_weights[place] = moved.clamp(-LOG_WEIGHT_LIMIT, LOG_WEIGHT_LIMIT)
