"""Set up the networks that judge pictures, and the styles as they see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nst_features import NetworkName, Precision, load_network
from nst_runtime.errors import NstError
from nst_runtime.files import sha256_of_file
from nst_runtime.images import read_picture, resize_short_side, to_unit
from nst_student.losses import Judge, StyleTarget
from nst_student.objective import PerceptualObjective, PerceptualWeights
from nst_student.photos import Crops

UNSTYLISED_BATCHES = 16
UNSTYLISED_BATCH = 4


@dataclass(frozen=True)
class StyleSource:
    """A style's name and its picture."""

    name: str
    picture: Path


@dataclass(frozen=True)
class JudgeSettings:
    """Which networks judge: a `network` for shallow layers over `scales`, and maybe a deep one of its own weights.

    A small deep network is easily fooled alone; so the first one judges the shallow layers and the content.
    """

    network: NetworkName = "vgg16"
    weights: Path | None = None
    layers: tuple[str, ...] = ()
    layer_weights: tuple[float, ...] = ()
    content_layer: str | None = None
    scales: int = 3
    deep_weights: Path | None = None
    deep_layers: tuple[str, ...] = ("relu2_1", "relu3_1", "relu4_1", "relu5_1")
    style_size_px: int = 512
    precision: Precision = "fp32"
    seed: int = 0

    def recipe(self) -> dict[str, Any]:
        """Return the settings as scalars, weights by the hash of their file."""
        return {
            "network": self.network,
            "weights_sha256": sha256_of_file(self.weights) if self.weights else None,
            "style_layers": ",".join(self.layers),
            "layer_weights": ",".join(map(str, self.layer_weights)),
            "content_layer": self.content_layer,
            "scales": self.scales,
            "deep_weights_sha256": sha256_of_file(self.deep_weights) if self.deep_weights else None,
            "deep_layers": ",".join(self.deep_layers) if self.deep_weights else "",
            "style_size_px": self.style_size_px,
            "precision": self.precision,
            "network_seed": self.seed,
        }


def build_judges(settings: JudgeSettings, device: torch.device) -> tuple[Judge, Judge | None]:
    """Return the shallow judge and the deep one; raises NstError for weights or layers that are not there."""
    network = load_network(
        settings.network, weights=settings.weights, seed=settings.seed, precision=settings.precision
    ).to(device)
    content = settings.content_layer or network.default_content_layer
    layers = settings.layers or network.default_style_layers
    if settings.layer_weights and len(settings.layer_weights) != len(layers):
        raise NstError(f"--layer-weights needs {len(layers)} numbers, one for each of {','.join(layers)}")
    shallow = Judge(network, layers, settings.scales, content, settings.layer_weights)
    network.check_layers((*layers, content))
    if settings.deep_weights is None:
        return shallow, None
    deep = load_network("vgg19", weights=settings.deep_weights, precision=settings.precision).to(device)
    deep.check_layers(settings.deep_layers)
    return shallow, Judge(deep, settings.deep_layers)


def build_objective(
    settings: JudgeSettings,
    weights: PerceptualWeights,
    styles: Sequence[StyleSource],
    photos: Crops,
    device: torch.device,
) -> PerceptualObjective:
    """Return the perceptual objective for `styles`, its shares measured on unstylised crops of `photos`."""
    shallow, deep = build_judges(settings, device)
    crops = [photos.batch(step, UNSTYLISED_BATCH)[0].to(device) for step in range(UNSTYLISED_BATCHES)]
    judges = [shallow] if deep is None else [shallow, deep]
    targets: dict[str, list[StyleTarget]] = {}
    for style in styles:
        picture = read_style(style.picture, settings.style_size_px).to(device)
        targets[style.name] = [StyleTarget(judge, picture, crops) for judge in judges]
    return PerceptualObjective(shallow, deep, weights, targets)


def read_style(picture: Path, short_side_px: int) -> torch.Tensor:
    """Return a style picture as float32 1×3×H×W in [0, 1] with the short side given: the size sets the strokes'."""
    return torch.from_numpy(to_unit(resize_short_side(read_picture(picture).rgb, short_side_px)))
