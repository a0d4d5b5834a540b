"""The objectives that codecs and banks are trained by."""

from collections.abc import Mapping, Sequence

import torch
from torch.nn import functional as F

from nst_features.judge import Maps
from nst_student.losses.losses import ShareJudge, StyleTarget, content_distance, content_energy
from nst_student.losses.terms import PICTURE_TERMS, Painted, term_weights
from nst_student.recipes.settings import PerceptualWeights

# By name; one value for each style, in their order.
Terms = dict[str, torch.Tensor]


# By the names of their terms: "style", "deep" and each companion's own; each may be asked for the content as well.
Judges = Mapping[str, ShareJudge]
# The mean square that photos' content features have, by a judge's term and its layer.
ContentEnergies = Mapping[tuple[str, str], float]
# By term, one for each style, in their order.
Targets = Mapping[str, Sequence[StyleTarget]]
# A crop's own energy counts for no less than this share of the mean: of a page of one color nothing else would count.
LEAST_SHARE = 0.2
STRENGTHS = (0.4, 4.0)


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
        strengths: torch.Tensor | None = None,
    ) -> None:
        """Take the `judges` and what each of them aims at, by its term, in each of the styles.

        The content loss is a share of `energies`, or with `own_energies` of each crop's own, but of no less than a
        fifth of those. Plain sky has a hundredth of the mean: by its own, a stroke there counts for more than all the
        rest of a picture. Where several layers are asked for the content, the loss is the mean over them. `strengths`
        are what the styles' pictures have of `energies`, S×L for L such layers, 1 where they are not given. Raises
        ValueError when no layer is asked for, or when a judge's term has no weight.
        """
        if not any(judge.content_layers for judge in judges.values()):
            raise ValueError("one of the judges needs a content layer")
        self.judges, self.energies, self.own_energies = judges, energies, own_energies
        self.weights = term_weights(weights, judges)
        self.targets = {term: _stacked(each) for term, each in targets.items()}
        self.texture = torch.cat([target.energies for target in targets["style"]])
        self.strengths = self.texture.new_ones(len(self.texture), 1) if strengths is None else strengths

    def __call__(
        self,
        outputs: torch.Tensor,
        photos: torch.Tensor,
        content_factors: torch.Tensor,
        style_factors: torch.Tensor | None = None,
    ) -> Terms:
        """Return ``loss`` and its terms, one value for each of S styles, for `outputs` N×3×H×W, which stylise `photos`.

        `outputs` hold equally many pictures for each style, one style after the other in the order of
        `content_factors` (S), which multiply the weight of each style's content term; `style_factors` (N) multiply the
        style losses of each picture. The judges see what the runtime shows, pictures clipped to [0, 1]; what lies
        outside is drawn back by the term ``range``.
        """
        clipped = outputs.clamp(0, 1)
        seen = {term: judge.look(clipped) for term, judge in self.judges.items()}
        distances = self._content_distances({term: content for term, (_, content) in seen.items()}, photos)
        painted = Painted(outputs, clipped, distances, self.texture, len(content_factors))
        terms: Terms = {
            **{term: energy(painted) for term, energy in PICTURE_TERMS.items()},
            **{term: self.targets[term].share(grams, style_factors) for term, (grams, _) in seen.items()},
        }
        return {**terms, "loss": self._weighted(terms, content_factors)}

    def content_targets(self, target: float) -> torch.Tensor:
        """Return the content loss to settle at for each of S styles, where `target` is that of one of strength 1.

        Features of the photo's and of the picture's energies 1 and e, and of correlation c, differ by 1 + e - 2c√e. So
        every picture may be as like its photo as one of e = 1 is at `target`. With one target for all, a print of
        strong lines can only be near enough to a photo by being pale.
        """
        correlation = 1 - target / 2
        strengths = self.strengths.clamp(*STRENGTHS)
        return (1 + strengths - 2 * correlation * strengths.sqrt()).mean(dim=1)

    def _weighted(self, terms: Terms, content_factors: torch.Tensor) -> torch.Tensor:
        weighted = [self.weights[term] * value for term, value in terms.items()]
        extra = self.weights["content"] * (content_factors - 1) * terms["content"]
        return torch.stack([*weighted, extra]).sum(dim=0)

    def _content_distances(self, features: Mapping[str, Maps], photos: torch.Tensor) -> torch.Tensor:
        distances = []
        for term, judge in self.judges.items():
            with torch.no_grad():
                wanted = judge.look_at_content(photos)
            for layer, content in wanted.items():
                mean = self.energies[term, layer]
                own = content_energy(content).clamp_min(LEAST_SHARE * mean) if self.own_energies else None
                distances.append(content_distance(features[term][layer], content, mean if own is None else own))
        return torch.stack(distances).mean(dim=0)


def _stacked(targets: Sequence[StyleTarget]) -> StyleTarget:
    return targets[0].joined(targets[1:])


def pixel_loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error over pixels (Srinath et al., eq. 3 and 4)."""
    return F.mse_loss(output, target)
