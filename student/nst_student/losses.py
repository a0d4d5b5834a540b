"""How far a stylised picture is from a style and from its photo, judged by feature networks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch

from nst_features import FeatureNetwork, gram, pyramid
from nst_student.texture import haar_energies

Grams = dict[str, torch.Tensor]
Features = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Judge:
    """A feature network, the layers whose Gram matrices are compared over how many scales, and those of content."""

    network: FeatureNetwork
    layers: tuple[str, ...]
    scales: int = 1
    content_layers: tuple[str, ...] = ()
    layer_weights: tuple[float, ...] = ()

    def weight(self, gram_name: str) -> float:
        """Return the weight of a layer's Gram matrix, ``layer/scale``; the weights' mean is 1."""
        if not self.layer_weights:
            return 1.0
        place = self.layers.index(gram_name.partition("/")[0])
        return self.layer_weights[place] * len(self.layers) / sum(self.layer_weights)

    def look(self, image: torch.Tensor) -> tuple[Grams, Features]:
        """Return the Gram matrices of `image` (N×3×H×W in [0, 1]) by ``layer/scale``, and its content by layer."""
        grams: Grams = {}
        content: Features = {}
        for scale, level in enumerate(pyramid(image, self.scales)):
            contents = self.content_layers if scale == 0 else ()
            features = self.network(level, list(dict.fromkeys((*self.layers, *contents))))
            grams |= {f"{layer}/{2**scale}": gram(features[layer]) for layer in self.layers}
            content |= {layer: features[layer] for layer in contents}
        return grams, content

    def content(self, image: torch.Tensor) -> Features:
        """Return the content features of `image` (N×3×H×W in [0, 1]) by layer."""
        features: Features = self.network(image, self.content_layers) if self.content_layers else {}
        return features


def squared_distances(grams: Mapping[str, torch.Tensor], targets: Mapping[str, torch.Tensor]) -> Grams:
    """Return per layer the mean squared difference of Gram matrices N×C×C to the target's 1×C×C, N values each."""
    return {name: (grams[name] - targets[name]).square().mean(dim=(1, 2)) for name in targets}


def content_distance(
    features: torch.Tensor, photo: torch.Tensor, energy: torch.Tensor | float | None = None
) -> torch.Tensor:
    """Return the mean squared difference of two feature maps over `energy`, or the photo's own, one value a picture."""
    difference = (features.float() - photo.float()).square().flatten(1).mean(dim=1)
    return difference / (content_energy(photo) if energy is None else energy)


def content_energy(photo: torch.Tensor) -> torch.Tensor:
    """Return the mean square of the feature maps `photo` N×C×h×w, one value a picture, never quite 0."""
    return photo.float().square().flatten(1).mean(dim=1).clamp_min(1e-8)


class StyleTarget:
    """One style as a judge sees it: Gram matrices, and the photos' own distance that makes a loss a share.

    A layer's style loss over the loss that unstylised photos have is 1 for a photo and 0 for the style itself, for
    any painting and any layer, so that one weight serves all.
    """

    def __init__(self, judge: Judge, style: torch.Tensor, photos: Iterable[torch.Tensor]) -> None:
        """Measure `style` (1×3×H×W in [0, 1]) and batches of unstylised `photos`."""
        self.judge = judge
        with torch.no_grad():
            self.grams, _ = judge.look(style)
            self.energies = haar_energies(style)
            totals = dict.fromkeys(self.grams, 0.0)
            count = 0
            for batch in photos:
                distances = squared_distances(judge.look(batch)[0], self.grams)
                totals = {name: totals[name] + float(distances[name].sum()) for name in totals}
                count += len(batch)
        self.unstylised = {name: max(total / count, 1e-12) for name, total in totals.items()}

    def share(self, grams: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Return the style loss of pictures with `grams` as a share of the photos', the weighted mean over layers."""
        distances = squared_distances(grams, self.grams)
        weighted = [self.judge.weight(n) / self.unstylised[n] * distances[n].mean() for n in distances]
        return torch.stack(weighted).mean()
