"""The Gatys objective over a batch: how far each picture is from its own photo and from the style."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from nst_features import FeatureNetwork, gram, pyramid
from nst_teacher.losses import content_loss, style_loss, total_variation

Maps = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Judge:
    """A feature network, the layers whose Gram matrices are compared over how many scales, and their weight.

    `content_layer` is compared with the photo's, at full size; None where another judge does that.
    """

    network: FeatureNetwork
    style_layers: tuple[str, ...]
    scales: int = 1
    content_layer: str | None = None
    weight: float = 1.0

    def look(self, image: torch.Tensor) -> tuple[Maps, torch.Tensor | None]:
        """Return the Gram matrices of `image` (B×3×H×W in [0, 1]) by ``layer/scale``, and its content features."""
        grams: Maps = {}
        content: torch.Tensor | None = None
        for scale, level in enumerate(pyramid(image, self.scales)):
            wanted = set(self.style_layers)
            if scale == 0 and self.content_layer is not None:
                wanted.add(self.content_layer)
            features = self.network(level, wanted)
            grams |= {f"{layer}/{2**scale}": gram(features[layer]) for layer in self.style_layers}
            if scale == 0 and self.content_layer is not None:
                content = features[self.content_layer]
        return grams, content


@dataclass(frozen=True)
class Losses:
    """The losses of B pictures, B values each; `total` is what is minimised, the others are unweighted."""

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
    """α (content) against β = 1 (style), and the weight of the total variation."""

    content: float
    variation: float = 0.0


class StyleTarget:
    """A style as the judges see it, computed once for all photos."""

    def __init__(self, judges: Sequence[Judge], style: torch.Tensor) -> None:
        """Measure `style`, 1×3×H×W in [0, 1], of any size."""
        self.judges = tuple(judges)
        with torch.no_grad():
            self.grams = tuple(judge.look(style)[0] for judge in self.judges)


class Objective:
    """L = α/β · L_content + L_style (+ variation), for a batch of photos; each picture's value is its own.

    Srinath et al., sec. III.D, eq. 1–2. L_style is the mean over layers and scales, weighted by the judges.
    """

    def __init__(self, style: StyleTarget, photos: torch.Tensor, weights: TermWeights) -> None:
        """Measure `photos`, B×3×H×W in [0, 1], once."""
        self.style, self.weights = style, weights
        self._share = 1 / sum(judge.weight for judge in style.judges)
        with torch.no_grad():
            self.contents = tuple(judge.look(photos)[1] for judge in style.judges)

    def __call__(self, image: torch.Tensor) -> Losses:
        """Return the losses of `image`, B×3×H×W in [0, 1], against its photos in the same order."""
        style = torch.zeros(len(image), device=image.device, dtype=image.dtype)
        content = torch.zeros_like(style)
        for judge, targets, photo in zip(self.style.judges, self.style.grams, self.contents, strict=True):
            grams, features = judge.look(image)
            layers = torch.stack([style_loss(grams[key], target) for key, target in targets.items()])
            style = style + layers.mean(dim=0) * judge.weight * self._share
            if features is not None and photo is not None:
                content = content + content_loss(features, photo)
        variation = total_variation(image)
        total = style + self.weights.content * content + self.weights.variation * variation
        return Losses(total, content, style, variation)
