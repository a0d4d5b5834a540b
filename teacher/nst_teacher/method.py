"""How a picture is stylised: every choice that changes the result, and the judges that they stand for."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import torch

from nst_features import FeatureNetwork, NetworkName, Precision, load_network
from nst_runtime.errors import NstError
from nst_runtime.files import sha256_of_file
from nst_teacher.objective import Judge, TermWeights
from nst_teacher.optimise import Plan

StartName = Literal["content", "noise"]
START_NAMES: tuple[StartName, ...] = get_args(StartName)
# Raised whenever the same settings give other pictures than before, so that old pairs are not taken for new ones.
METHOD_VERSION = 1
SCALES = 3  # where nobody says otherwise; the random network is a pyramid itself and takes one


@dataclass(frozen=True)
class DeepJudge:
    """A second network that judges deep layers alone, for weights that are cut or distilled."""

    weights: Path
    network: NetworkName = "vgg19"
    layers: tuple[str, ...] = ("relu4_1", "relu5_1")
    weight: float = 0.5


@dataclass(frozen=True)
class Method:
    """Gatys' method with the paper's balance α/β = 0.01 (`content_weight`); None is the network's own choice.

    `style_size_px` is the short side at which the style picture is measured: the strokes have its size in pixels.
    """

    network: NetworkName = "vgg16"
    weights: Path | None = None
    content_layer: str | None = None
    style_layers: tuple[str, ...] | None = None
    scales: int | None = None
    deep: DeepJudge | None = None
    content_weight: float = 0.01
    variation_weight: float = 0.03
    plan: Plan = field(default_factory=Plan)
    start: StartName = "content"
    style_size_px: int = 512
    precision: Precision = "fp32"
    seed: int = 0

    @property
    def term_weights(self) -> TermWeights:
        """The weights of the content and variation terms against the style's 1."""
        return TermWeights(self.content_weight, self.variation_weight)


def build_judges(method: Method, device: torch.device) -> tuple[Judge, ...]:
    """Return the judges of `method` on `device`; raises NstError for weights or layers that are not there."""
    network = _load(method.network, method.weights, method, device)
    content_layer = method.content_layer or network.default_content_layer
    style_layers = method.style_layers or network.default_style_layers
    network.check_layers((*style_layers, content_layer))
    scales = method.scales or (1 if method.network == "random" else SCALES)
    judges = (Judge(network, style_layers, scales, content_layer),)
    if method.deep is None:
        return judges
    deep = _load(method.deep.network, method.deep.weights, method, device)
    deep.check_layers(method.deep.layers)
    return (*judges, Judge(deep, method.deep.layers, weight=method.deep.weight))


def _load(name: NetworkName, weights: Path | None, method: Method, device: torch.device) -> FeatureNetwork:
    return load_network(name, weights=weights, seed=method.seed, precision=method.precision).to(device)


def complete(method: Method, judges: tuple[Judge, ...]) -> Method:
    """Return `method` with what its judges chose in place of None."""
    first = judges[0]
    return replace(method, content_layer=first.content_layer, style_layers=first.style_layers, scales=first.scales)


def describe(method: Method) -> dict[str, Any]:
    """Return every setting of `method` as JSON scalars and lists; weight files as their hash."""
    settings: dict[str, Any] = {
        "method_version": METHOD_VERSION,
        "network": method.network,
        "weights_sha256": weights_hash(method.weights),
        "content_layer": method.content_layer,
        "style_layers": list(method.style_layers or ()),
        "scales": method.scales,
        "content_weight": method.content_weight,
        "variation_weight": method.variation_weight,
        "optimizer": method.plan.optimizer,
        "iterations": method.plan.iterations,
        "start": method.start,
        "style_size_px": method.style_size_px,
        "precision": method.precision,
        "seed": method.seed,
    }
    if method.plan.optimizer == "adam":
        settings["learning_rate"] = method.plan.learning_rate
    if method.deep is not None:
        settings |= {
            "deep_network": method.deep.network,
            "deep_weights_sha256": weights_hash(method.deep.weights),
            "deep_layers": list(method.deep.layers),
            "deep_weight": method.deep.weight,
        }
    return settings


def weights_hash(weights: Path | None) -> str | None:
    """Return the sha256 of a weights file, None where the network needs no file."""
    if weights is None:
        return None
    if not weights.is_file():
        raise NstError(f"no weights file {weights}")
    return sha256_of_file(weights)
