"""How far a stylised picture is from a style and from its photo, judged by feature networks."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

import torch

from nst_features.judge import Judge, Maps
from nst_student.losses.texture import haar_energies


@dataclass(frozen=True)
class ShareJudge(Judge):
    """A judge whose layers count for a share by their weights, which need not add up to anything."""

    layer_weights: tuple[float, ...] = ()

    def relative_weight(self, key: str) -> float:
        """Return the weight of the layer of the Gram matrix `key`, ``layer/scale``; the weights' mean is 1."""
        if not self.layer_weights:
            return 1.0
        return self.layer_weights[self.place(key)] * len(self.style_layers) / sum(self.layer_weights)


def squared_distances(grams: Mapping[str, torch.Tensor], targets: Mapping[str, torch.Tensor]) -> Maps:
    """Return per layer the mean squared difference of Gram matrices N×C×C to S targets' S×C×C, N values each.

    The N pictures are equally many for each target, one target after the other.
    """
    return {
        name: (grams[name].view(len(target), -1, *target.shape[1:]) - target[:, None])
        .square()
        .mean(dim=(2, 3))
        .flatten()
        for name, target in targets.items()
    }


def content_distance(
    features: torch.Tensor, photo: torch.Tensor, energy: torch.Tensor | float | None = None
) -> torch.Tensor:
    """Return the mean squared difference of two feature maps over `energy`, or the photo's own, one value a picture."""
    difference = (features.float() - photo.float()).square().mean(dim=(1, 2, 3))
    return difference / (content_energy(photo) if energy is None else energy)


def content_energy(photo: torch.Tensor) -> torch.Tensor:
    """Return the mean square of the feature maps `photo` N×C×h×w, one value a picture, never quite 0."""
    return photo.float().square().mean(dim=(1, 2, 3)).clamp_min(1e-8)


class StyleTarget:
    """Styles as a judge sees them: Gram matrices, and the photos' own distance that makes a loss a share.

    A layer's style loss over the loss that unstylised photos have is 1 for a photo and 0 for the style itself, for
    any painting and any layer, so that one weight serves all.
    """

    def __init__(self, judge: ShareJudge, style: torch.Tensor, photos: Iterable[torch.Tensor]) -> None:
        """Measure one `style` (1×3×H×W in [0, 1]) and batches of unstylised `photos`."""
        self.judge = judge
        with torch.no_grad():
            self.grams, _ = judge.look(style)
            self.energies = haar_energies(style)
            totals: dict[str, torch.Tensor] = {}
            count = 0
            for batch in photos:
                distances = squared_distances(judge.look(batch)[0], self.grams)
                totals = {name: totals.get(name, 0.0) + values.sum() for name, values in distances.items()}
                count += len(batch)
        self.unstylised = {name: (total / count).clamp_min(1e-12).view(1) for name, total in totals.items()}

    def joined(self, others: Sequence["StyleTarget"]) -> "StyleTarget":
        """Return this style and `others` of the same judge as one target for S styles."""
        all_targets = (self, *others)
        joined = copy(self)
        joined.grams = {name: torch.cat([target.grams[name] for target in all_targets]) for name in self.grams}
        joined.energies = torch.cat([target.energies for target in all_targets])
        joined.unstylised = {
            name: torch.cat([target.unstylised[name] for target in all_targets]) for name in self.unstylised
        }
        return joined

    def share(self, grams: Mapping[str, torch.Tensor], factors: torch.Tensor | None = None) -> torch.Tensor:
        """Return the style loss of pictures with `grams` as a share of the photos', the weighted mean over layers.

        S values; the pictures are equally many for each of the S styles, one style after the other. `factors` multiply
        the loss of each picture.
        """
        distances = squared_distances(grams, self.grams)
        if factors is not None:
            distances = {name: factors * values for name, values in distances.items()}
        weighted = [
            self.judge.relative_weight(name) / unstylised * distances[name].view(len(unstylised), -1).mean(dim=1)
            for name, unstylised in self.unstylised.items()
        ]
        return torch.stack(weighted).mean(dim=0)
