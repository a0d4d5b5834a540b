"""The objectives that codecs and banks are trained by."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import torch
from torch.nn import functional as F

from nst_student.losses import Features, Judge, StyleTarget, content_distance
from nst_student.texture import texture_distance


@dataclass(frozen=True)
class PerceptualWeights:
    """Weights of the terms of the perceptual objective; style and content are shares, so they suit any painting.

    `companion` is the weight of each companion's term.
    """

    style: float = 6.0
    deep: float = 3.0
    companion: float = 3.0
    content: float = 1.0
    texture: float = 0.5
    grid: float = 100.0
    range: float = 10.0


Terms = dict[str, torch.Tensor]


# By the names of their terms: "style", "deep" and each companion's own; each may be asked for the content as well.
Judges = Mapping[str, Judge]
# The mean square that photos' content features have, by a judge's term and its layer.
ContentEnergies = Mapping[tuple[str, str], float]
Targets = Mapping[str, StyleTarget]


class PerceptualObjective:
    """Johnson et al., "Perceptual losses" (2016), sec. 3.2, with losses as shares and more judges than one."""

    def __init__(
        self,
        judges: Judges,
        weights: PerceptualWeights,
        targets: Mapping[str, Targets],
        energies: ContentEnergies | None,
    ) -> None:
        """Take the `judges` and, by style, what each of them aims at.

        The content loss is a share of `energies`, None for each crop's own. Plain sky has a hundredth of the mean: by
        its own, a stroke there counts for more than all the rest of a picture. Where several layers are asked for the
        content, the loss is the mean over them. Raises ValueError when none is.
        """
        if not any(judge.content_layers for judge in judges.values()):
            raise ValueError("one of the judges needs a content layer")
        self.judges, self.weights, self.targets, self.energies = judges, weights, targets, energies

    def __call__(
        self, outputs: torch.Tensor, photos: torch.Tensor, content_factors: Mapping[str, float]
    ) -> dict[str, Terms]:
        """Return ``loss`` and its terms by style for `outputs` N×3×H×W, which stylise `photos`.

        `outputs` hold equally many pictures for each style, one style after the other in the order of
        `content_factors`, which multiply the weight of each style's content term. The judges see what the runtime
        shows, pictures clipped to [0, 1]; what lies outside is drawn back by the term ``range``.
        """
        clipped = outputs.clamp(0, 1)
        seen = {term: judge.look(clipped) for term, judge in self.judges.items()}
        distances = self._content_distances({term: content for term, (_, content) in seen.items()}, photos)
        count = len(outputs) // len(content_factors)
        result: dict[str, Terms] = {}
        for place, (style, factor) in enumerate(content_factors.items()):
            part = slice(place * count, (place + 1) * count)
            targets = self.targets[style]
            terms: Terms = {
                "content": distances[part].mean(),
                "range": (outputs[part] - clipped[part]).square().mean(),
                "grid": grid_energy(clipped[part]),
                "texture": texture_distance(clipped[part], targets["style"].energies),
                **{term: _mean_share(targets[term], grams, part) for term, (grams, _) in seen.items()},
            }
            result[style] = {**terms, "loss": self._weighted(terms, factor)}
        return result

    def _weighted(self, terms: Terms, content_factor: float) -> torch.Tensor:
        weights = {**asdict(self.weights), "content": self.weights.content * content_factor}
        return torch.stack([weights.get(name, self.weights.companion) * value for name, value in terms.items()]).sum()

    def _content_distances(self, features: Mapping[str, Features], photos: torch.Tensor) -> torch.Tensor:
        distances = []
        for term, judge in self.judges.items():
            with torch.no_grad():
                wanted = judge.content(photos)
            for layer, content in wanted.items():
                energy = None if self.energies is None else self.energies[term, layer]
                distances.append(content_distance(features[term][layer], content, energy))
        return torch.stack(distances).mean(dim=0)


def _mean_share(target: StyleTarget, grams: Mapping[str, torch.Tensor], part: slice) -> torch.Tensor:
    return target.share({name: values[part] for name, values in grams.items()})


def grid_energy(image: torch.Tensor) -> torch.Tensor:
    """Return how much a pattern locked to the network's 4 px grid shows in `image` N×3×H×W, 0 for none.

    A network without noise cannot draw grain in a flat area; what it can draw there is a lattice of dots, which
    Gram matrices take for grain and people do not. Strokes lie anywhere on the grid, so over a window of 8×8 cells
    the 16 positions in a cell have nearly the same mean; a lattice's positions differ. The variance of those means,
    averaged over windows, channels and pictures.
    """
    positions = F.pixel_unshuffle(image[..., : image.shape[-2] // 4 * 4, : image.shape[-1] // 4 * 4], 4)
    means = F.avg_pool2d(positions, min(8, *positions.shape[-2:]), stride=4)
    count, channels, height, width = means.shape
    return means.view(count, channels // 16, 16, height, width).var(dim=2, unbiased=False).mean()


def pixel_loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error over pixels (Srinath et al., eq. 3 and 4)."""
    return F.mse_loss(output, target)
