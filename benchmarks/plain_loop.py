"""The loop that public implementations of Gatys' method run: one picture, fp32, torch's own L-BFGS.

After PyTorch's tutorial on neural transfer: plain memory layout, losses by mse_loss, history of 100, no line search.
"""

import copy

import torch
from torch.nn import functional as F

from nst_features.network import FeatureNetwork
from nst_teacher.objective.objective import GatysJudge

Maps = dict[str, torch.Tensor]


class PlainLoop:
    """Optimises one picture at a time, by the same network and layers as the engine's judge."""

    def __init__(self, judge: GatysJudge, style: torch.Tensor, content_weight: float) -> None:
        """Measure `style`, 1×3×H×W in [0, 1]."""
        network = copy.deepcopy(judge.network).float().to(memory_format=torch.contiguous_format)
        self._network, self._style_layers, self._content_weight = network, judge.style_layers, content_weight
        self._content_layer = judge.content_layers[0] if judge.content_layers else network.default_content_layer
        with torch.no_grad():
            found = self._features(style)
            self._grams = {layer: _gram(found[layer]) for layer in self._style_layers}

    def run(self, photo: torch.Tensor, evaluations: int) -> torch.Tensor:
        """Return the picture after that many evaluations of the loss, from `photo` 1×3×H×W in [0, 1]."""
        with torch.no_grad():
            target = self._features(photo)[self._content_layer]
        image = photo.clone().requires_grad_()
        optimizer = torch.optim.LBFGS([image])
        done = 0

        def closure() -> torch.Tensor:
            nonlocal done
            done += 1
            with torch.no_grad():
                image.clamp_(0, 1)
            optimizer.zero_grad()
            found = self._features(image)
            content = F.mse_loss(found[self._content_layer], target)
            style = torch.stack([F.mse_loss(_gram(found[layer]), gram) for layer, gram in self._grams.items()])
            loss = style.sum() + self._content_weight * content
            loss.backward()  # type: ignore[no-untyped-call]
            return loss

        while done < evaluations:
            optimizer.param_groups[0]["max_iter"] = min(20, evaluations - done)
            optimizer.param_groups[0]["max_eval"] = min(20, evaluations - done)
            optimizer.step(closure)  # type: ignore[no-untyped-call]
        return image.detach().clamp(0, 1)

    def _features(self, image: torch.Tensor) -> Maps:
        wanted = {*self._style_layers, self._content_layer}
        return plain_features(self._network, image, wanted)


def plain_features(network: FeatureNetwork, image: torch.Tensor, wanted: set[str]) -> Maps:
    """Return the features at `wanted` in the layout that torch has by default."""
    if network.name == "random":  # its layers are computed from the picture each, not from one another
        features: Maps = network(image, wanted)
        return features
    found: Maps = {}
    x = (image - network.mean) / network.std
    for layer, stage in zip(network.layers, network.stages, strict=True):
        x = stage(x)
        if layer in wanted:
            found[layer] = x
        if len(found) == len(wanted):
            break
    return found


def _gram(features: torch.Tensor) -> torch.Tensor:
    flat = features.flatten(2)[0]
    return torch.mm(flat, flat.t()) / flat.numel()
