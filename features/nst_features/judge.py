"""A judge: a feature network, and which of its layers are looked at for the style and for the content."""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from nst_features.network import FeatureNetwork
from nst_features.statistics import gram, guided_gram, pyramid

Maps = dict[str, torch.Tensor]
"""Statistics of style by ``layer/scale``, or features by layer."""


@dataclass(frozen=True)
class Judge:
    """A feature network, the layers whose statistics of style are compared over how many scales, and those of content.

    What is compared at a layer, and how much it counts, is the objective's own: a subclass with another `statistic`
    and weights of layers.
    """

    network: FeatureNetwork
    style_layers: tuple[str, ...]
    scales: int = 1
    content_layers: tuple[str, ...] = ()

    def look(self, image: torch.Tensor, regions: torch.Tensor | None = None) -> tuple[Maps, Maps]:
        """Return the style statistics of `image` (N×3×H×W in [0, 1]) and its content features, these at full size.

        Statistics go by ``layer/scale``, with `regions` (N×K×H×W in [0, 1]) by ``layer/scale/region``, each as
        `statistic` makes it.
        """
        style: Maps = {}
        content: Maps = {}
        for scale, level in enumerate(pyramid(image, self.scales)):
            contents = self.content_layers if scale == 0 else ()
            features = self.network(level, {*self.style_layers, *contents})
            for layer in self.style_layers:
                style |= self._measure(features[layer], f"{layer}/{2**scale}", regions)
            content |= {layer: features[layer] for layer in contents}
        return style, content

    def look_at_content(self, image: torch.Tensor) -> Maps:
        """Return the content features of `image` (N×3×H×W in [0, 1]) alone."""
        features: Maps = self.network(image, self.content_layers) if self.content_layers else {}
        return features

    def statistic(self, features: torch.Tensor, guide: torch.Tensor | None) -> torch.Tensor:
        """Return what is compared of `features` N×C×h×w where `guide` N×1×h×w lets it look: Gram matrices N×C×C."""
        return gram(features) if guide is None else guided_gram(features, guide)

    def place(self, key: str) -> int:
        """Return the place of the layer of the statistic `key` among the style layers."""
        return self.style_layers.index(key.partition("/")[0])

    def _measure(self, features: torch.Tensor, key: str, regions: torch.Tensor | None) -> Maps:
        if regions is None:
            return {key: self.statistic(features, None)}
        guides = F.adaptive_avg_pool2d(regions, (features.shape[2], features.shape[3]))
        return {f"{key}/{k}": self.statistic(features, guides[:, k : k + 1]) for k in range(guides.shape[1])}
