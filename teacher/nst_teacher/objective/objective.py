"""The Gatys objective over a batch: how far each picture is from its own photo and from the style."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from nst_features.judge import Judge, Maps
from nst_features.statistics import gram, guided_gram, moments
from nst_teacher.objective.losses import content_loss, style_loss, total_variation
from nst_teacher.objective.wasserstein import rooted
from nst_teacher.settings.formula import USUAL, Formula


@dataclass(frozen=True)
class GatysJudge(Judge):
    """A judge with what the Gatys objective multiplies and sums: its own weight, and its layers'.

    `layer_weights` and `content_layer_weights` multiply the layers' losses, which are then summed; without them they
    are averaged. `formula` says what is compared, and how.
    """

    weight: float = 1.0
    layer_weights: tuple[float, ...] | None = None
    content_layer_weights: tuple[float, ...] | None = None
    formula: Formula = USUAL

    def statistic(self, features: torch.Tensor, guide: torch.Tensor | None) -> torch.Tensor:
        """Return what `measure` makes of `features` by the judge's formula."""
        return measure(features, guide, self.formula)

    def factor(self, key: str, regions: int) -> float:
        """Return what the loss of the statistic `key` is multiplied by: its layer's weight over scales and regions."""
        layer = self.place(key)
        weight = 1 / len(self.style_layers) if self.layer_weights is None else self.layer_weights[layer]
        return weight / (self.scales * regions)


def measure(features: torch.Tensor, guide: torch.Tensor | None, formula: Formula) -> torch.Tensor:
    """Return the statistic of `features` B×C×h×w where `guide` B×1×h×w lets it look: B×C×C, or B×C×(C+1) with means."""
    if formula.style_distance == "wasserstein":
        return moments(features, guide)
    matrices = gram(features) if guide is None else guided_gram(features, guide)
    if formula.gram_scale == "pixels":
        return matrices
    filters, pixels = features.shape[1], features.shape[2] * features.shape[3]
    return matrices / filters if formula.gram_scale == "values" else matrices * pixels


@dataclass(frozen=True)
class Losses:
    """The losses of B pictures, B values each; `total` is what is minimised, the others are unweighted.

    `style` includes its layers' and judges' weights and the weight of style as a whole.
    """

    total: torch.Tensor
    content: torch.Tensor
    style: torch.Tensor
    variation: torch.Tensor

    def detach(self) -> "Losses":
        """Return the same values without their history."""
        return Losses(*(value.detach() for value in self._values()))

    def where(self, condition: torch.Tensor, other: "Losses") -> "Losses":
        """Return these losses for the pictures where `condition` (B) holds, those of `other` elsewhere."""
        ours, theirs = self._values(), other._values()
        return Losses(*(torch.where(condition, a, b) for a, b in zip(ours, theirs, strict=True)))

    def _values(self) -> tuple[torch.Tensor, ...]:
        return self.total, self.content, self.style, self.variation


@dataclass(frozen=True)
class TermWeights:
    """α (content), the weight of the total variation, and β (style)."""

    content: float
    variation: float = 0.0
    style: float = 1.0


@dataclass(frozen=True)
class StylePart:
    """Style pictures (1 or B)×3×H×W in [0, 1], their weight in a blend, and their regions (1 or B)×K×H×W, if any."""

    images: torch.Tensor
    weight: float = 1.0
    regions: torch.Tensor | None = None


class StyleTarget:
    """A style as the judges see it, computed once for all photos, or for each of a batch its own."""

    def __init__(self, judges: Sequence[GatysJudge], style: torch.Tensor | Sequence[StylePart]) -> None:
        """Measure `style`, 1×3×H×W in [0, 1] of any size, or a blend of several: the weighted mean of their statistics.

        In a blend with regions, a picture that lacks a region has no say in it.
        """
        self.judges = tuple(judges)
        parts = [StylePart(style)] if isinstance(style, torch.Tensor) else list(style)
        with torch.no_grad():
            self.grams = tuple(_blend(judge, parts) for judge in self.judges)


def _blend(judge: GatysJudge, parts: Sequence[StylePart]) -> Maps:
    looks = [_look_singly(judge, part) for part in parts]
    target = {key: _mean_of([look[key] for look in looks], _weights(parts, key)) for key in looks[0]}
    if judge.formula.style_distance == "wasserstein":
        return {key: rooted(value) for key, value in target.items()}
    return target


def _look_singly(judge: GatysJudge, part: StylePart) -> Maps:
    """Look at the pictures one by one: they may be larger and more than memory holds at once."""
    if len(part.images) == 1:
        return judge.look(part.images, part.regions)[0]
    looks = []
    for index in range(len(part.images)):
        own = slice(index, index + 1)
        looks.append(judge.look(part.images[own], None if part.regions is None else part.regions[own])[0])
    return {key: torch.cat([look[key] for look in looks]) for key in looks[0]}


def _weights(parts: Sequence[StylePart], key: str) -> list[float]:
    if parts[0].regions is None:
        return [part.weight for part in parts]
    region = int(key.split("/")[2])
    return [part.weight * float(part.regions[:, region].any()) for part in parts if part.regions is not None]


def _mean_of(values: Sequence[torch.Tensor], weights: Sequence[float]) -> torch.Tensor:
    if len(values) == 1:
        return values[0]
    total = sum(value * weight for value, weight in zip(values, weights, strict=True))
    return torch.as_tensor(total / sum(weights))


class Objective:
    """L = α/β · L_content + L_style (+ variation), for a batch of photos; each picture's value is its own.

    Srinath et al., sec. III.D, eq. 1–2. L_style is the mean over layers and scales (or the sum by the layers' own
    weights), weighted by the judges. `content_scale` (B) multiplies each picture's content loss by its own number:
    nst_teacher.engine.balance finds it.
    """

    def __init__(
        self, style: StyleTarget, photos: torch.Tensor, weights: TermWeights, regions: torch.Tensor | None = None
    ) -> None:
        """Measure `photos`, B×3×H×W in [0, 1], once; `regions` (B×K×H×W) say which parts of them get which style."""
        self.style, self.weights, self.regions = style, weights, regions
        self.content_scale: torch.Tensor | None = None
        self.variation_scale: torch.Tensor | None = None
        self._share = 1 / sum(judge.weight for judge in style.judges)
        count = 1 if regions is None else regions.shape[1]
        self._layer_shares = tuple(
            None if judge.layer_weights is None else photos.new_tensor([judge.factor(key, count) for key in targets])
            for judge, targets in zip(style.judges, style.grams, strict=True)
        )
        with torch.no_grad():
            self.contents = tuple(judge.look_at_content(photos) for judge in style.judges)

    def __call__(self, image: torch.Tensor) -> Losses:
        """Return the losses of `image`, B×3×H×W in [0, 1], against its photos in the same order."""
        style = torch.zeros(len(image), device=image.device, dtype=image.dtype)
        content = torch.zeros_like(style)
        for index, (judge, photo) in enumerate(zip(self.style.judges, self.contents, strict=True)):
            statistics, features = judge.look(image, self.regions)
            style = style + self._style_term(index, statistics) * judge.weight * self._share
            if photo:
                content = content + _content_term(judge, features, photo)
        variation = total_variation(image, self.style.judges[0].formula.variation)
        if self.content_scale is not None:
            content = content * self.content_scale
        if self.variation_scale is not None:
            variation = variation * self.variation_scale
        if self.weights.style != 1:
            style = style * self.weights.style
        total = style + self.weights.content * content + self.weights.variation * variation
        return Losses(total, content, style, variation)

    def _style_term(self, index: int, statistics: Maps) -> torch.Tensor:
        formula, shares = self.style.judges[index].formula, self._layer_shares[index]
        losses = [style_loss(statistics[key], target, formula) for key, target in self.style.grams[index].items()]
        layers = torch.stack(losses)
        return layers.mean(dim=0) if shares is None else (layers * shares[:, None]).sum(dim=0)


def _content_term(judge: GatysJudge, features: Maps, photo: Maps) -> torch.Tensor:
    layers = [content_loss(features[layer], photo[layer], judge.formula) for layer in judge.content_layers]
    if judge.content_layer_weights is None:
        return torch.stack(layers).mean(dim=0) if len(layers) > 1 else layers[0]
    return torch.stack([w * loss for w, loss in zip(judge.content_layer_weights, layers, strict=True)]).sum(dim=0)
