"""The objectives that codecs and banks are trained by."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import torch
from torch.nn import functional as F

from nst_student.losses import Features, Judge, StyleTarget, content_distance, content_energy
from nst_student.texture import texture_distances


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


# By name; one value for each style, in their order.
Terms = dict[str, torch.Tensor]


# By the names of their terms: "style", "deep" and each companion's own; each may be asked for the content as well.
Judges = Mapping[str, Judge]
# The mean square that photos' content features have, by a judge's term and its layer.
ContentEnergies = Mapping[tuple[str, str], float]
# By term, one for each style, in their order.
Targets = Mapping[str, Sequence[StyleTarget]]
# A crop's own energy counts for no less than this share of the mean: of a page of one color nothing else would count.
LEAST_SHARE = 0.2
GRID_PX = 8


class PerceptualObjective:
    """Johnson et al., "Perceptual losses" (2016), sec. 3.2, with losses as shares and more judges than one."""

    def __init__(
        self,
        judges: Judges,
        weights: PerceptualWeights,
        targets: Targets,
        energies: ContentEnergies,
        *,
        own_energies: bool = False,
    ) -> None:
        """Take the `judges` and what each of them aims at, by its term, in each of the styles.

        The content loss is a share of `energies`, or with `own_energies` of each crop's own, but of no less than a
        fifth of those. Plain sky has a hundredth of the mean: by its own, a stroke there counts for more than all the
        rest of a picture. Where several layers are asked for the content, the loss is the mean over them. Raises
        ValueError when none is.
        """
        if not any(judge.content_layers for judge in judges.values()):
            raise ValueError("one of the judges needs a content layer")
        self.judges, self.weights, self.energies, self.own_energies = judges, weights, energies, own_energies
        self.targets = {term: _stacked(each) for term, each in targets.items()}
        self.texture = torch.cat([target.energies for target in targets["style"]])

    def __call__(self, outputs: torch.Tensor, photos: torch.Tensor, content_factors: torch.Tensor) -> Terms:
        """Return ``loss`` and its terms, one value for each of S styles, for `outputs` N×3×H×W, which stylise `photos`.

        `outputs` hold equally many pictures for each style, one style after the other in the order of
        `content_factors` (S), which multiply the weight of each style's content term. The judges see what the runtime
        shows, pictures clipped to [0, 1]; what lies outside is drawn back by the term ``range``.
        """
        clipped = outputs.clamp(0, 1)
        seen = {term: judge.look(clipped) for term, judge in self.judges.items()}
        distances = self._content_distances({term: content for term, (_, content) in seen.items()}, photos)
        styles = len(content_factors)
        terms: Terms = {
            "content": _by_style(distances, styles),
            "range": _by_style((outputs - clipped).square().flatten(1).mean(dim=1), styles),
            "grid": _by_style(grid_energies(clipped), styles),
            "texture": texture_distances(clipped, self.texture),
            **{term: self.targets[term].share(grams) for term, (grams, _) in seen.items()},
        }
        return {**terms, "loss": self._weighted(terms, content_factors)}

    def _weighted(self, terms: Terms, content_factors: torch.Tensor) -> torch.Tensor:
        weights = asdict(self.weights)
        weighted = [weights.get(name, self.weights.companion) * value for name, value in terms.items()]
        extra = self.weights.content * (content_factors - 1) * terms["content"]
        return torch.stack([*weighted, extra]).sum(dim=0)

    def _content_distances(self, features: Mapping[str, Features], photos: torch.Tensor) -> torch.Tensor:
        distances = []
        for term, judge in self.judges.items():
            with torch.no_grad():
                wanted = judge.content(photos)
            for layer, content in wanted.items():
                mean = self.energies[term, layer]
                own = content_energy(content).clamp_min(LEAST_SHARE * mean) if self.own_energies else None
                distances.append(content_distance(features[term][layer], content, mean if own is None else own))
        return torch.stack(distances).mean(dim=0)


def _stacked(targets: Sequence[StyleTarget]) -> StyleTarget:
    return targets[0].joined(targets[1:])


def _by_style(values: torch.Tensor, styles: int) -> torch.Tensor:
    """Return the means of N `values` over each of `styles`, whose pictures come one after the other."""
    return values.view(styles, -1).mean(dim=1)


def grid_energies(image: torch.Tensor) -> torch.Tensor:
    """Return how much a pattern locked to the network's 8 px grid shows in each of `image` N×3×H×W, 0 for none.

    A network without noise cannot draw grain in a flat area; what it can draw there is a lattice of dots, which
    Gram matrices take for grain and people do not. Strokes lie anywhere on the grid, so over a window of 8×8 cells
    the 64 positions in a cell have nearly the same mean; a lattice's positions differ. The variance of those means,
    averaged over windows and channels; the mean around each pixel, which a lattice has no part in, is taken out first.
    """
    before, after = (GRID_PX - 1) // 2, GRID_PX // 2
    fine = image[..., before:-after, before:-after] - F.avg_pool2d(image, GRID_PX, stride=1)
    height, width = (side // GRID_PX * GRID_PX for side in fine.shape[-2:])
    positions = F.pixel_unshuffle(fine[..., :height, :width], GRID_PX)
    means = F.avg_pool2d(positions, min(8, *positions.shape[-2:]), stride=4)
    spread = means.reshape(len(image), -1, GRID_PX**2, *means.shape[2:]).var(dim=2, unbiased=False)
    return spread.flatten(1).mean(dim=1)


def pixel_loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error over pixels (Srinath et al., eq. 3 and 4)."""
    return F.mse_loss(output, target)
