"""Keep every style as close to its photo as asked, whatever the painting."""

import torch

from nst_student.losses.objective import PerceptualObjective

GAIN = 0.003
# A style is learnt before the photo comes back: a weight that rises while the style is still rough never lets it in.
LEARNING_SHARE = 0.35
LOG_WEIGHT_LIMITS = (-0.5, 2.0)


class ContentBalance:
    """A weight on the content loss of each style, raised while the loss is above its target and lowered below it.

    Paintings differ in how much of a photo their strokes can carry: one fixed weight over-stylises one and
    under-stylises another. The logarithm of the weight integrates the loss's distance from the target, in limits.
    """

    def __init__(
        self, styles: int, targets: torch.Tensor | None, steps: int, device: torch.device | None = None
    ) -> None:
        """Begin at a weight of 1, which stays for the first third of `steps`; without `targets`, S values, for good."""
        self.targets = targets
        self.first_step = round(LEARNING_SHARE * steps)
        self.log_weights = torch.zeros(styles, device=device)

    def weights(self) -> torch.Tensor:
        """Return the factors on the content terms of all styles, in their order."""
        return self.log_weights.exp()

    def gain(self, step: int) -> torch.Tensor:
        """Return by how much a content loss moves the weights in `step`, counted from 0: a number, on no device yet."""
        return torch.tensor(0.0 if self.targets is None or step < self.first_step else GAIN)

    def observe(self, contents: torch.Tensor, gain: torch.Tensor) -> None:
        """Take in the content losses of all styles, in their order, by the step's `gain`."""
        if self.targets is not None:
            moved = (self.log_weights + gain * (contents - self.targets)).clamp(*LOG_WEIGHT_LIMITS)
            self.log_weights.copy_(torch.where(gain > 0, moved, self.log_weights))


def hold_content(
    objective: PerceptualObjective | None, target: float | None, styles: int, steps: int, device: torch.device
) -> ContentBalance:
    """Return what holds the content losses of so many `styles` at what the `objective` makes of `target`.

    It holds nothing where there is no objective, or no target.
    """
    targets = None if objective is None or target is None else objective.content_targets(target)
    return ContentBalance(styles, targets, steps, device)
