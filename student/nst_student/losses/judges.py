"""Set up the networks that judge pictures, and the styles as they see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from nst_features.names import NetworkName, Precision
from nst_features.network import FeatureNetwork
from nst_features.networks import load_network
from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import resize_short_side, to_unit
from nst_runtime.pictures.read import read_picture
from nst_student.data.batches import Batches
from nst_student.losses.losses import ShareJudge, StyleTarget, content_energy
from nst_student.losses.objective import ContentEnergies, Judges, PerceptualObjective
from nst_student.losses.terms import PerceptualWeights

UNSTYLISED_BATCHES = 16
UNSTYLISED_BATCH = 4
COMPANION_SCALES = 2
ContentShare = Literal["mean", "own"]


@dataclass(frozen=True)
class StyleSource:
    """A style's name and its picture."""

    name: str
    picture: Path


@dataclass(frozen=True)
class Companion:
    """A further network that judges style by `layers`, its own ones if there are none, and maybe content."""

    network: NetworkName
    weights: Path | None = None
    layers: tuple[str, ...] = ()
    content_layers: tuple[str, ...] = ()

    def recipe(self) -> str:
        """Return the settings as one line, weights by the hash of their file."""
        weights = sha256_of_file(self.weights) if self.weights else ""
        return " ".join((self.network, weights, ",".join(self.layers), ",".join(self.content_layers)))


@dataclass(frozen=True)
class JudgeSettings:
    """Which networks judge: a `network` for shallow layers over `scales`, and maybe a deep one and companions.

    A small deep network is easily fooled alone; so the first one judges the shallow layers and the content. What any
    one network overlooks, a student learns to get wrong; companions, of other architectures, overlook other things.
    The content loss is a share of the photos' mean energy, or of each crop's own (but of no less than a fifth of it).
    """

    network: NetworkName = "vgg16"
    weights: Path | None = None
    layers: tuple[str, ...] = ()
    layer_weights: tuple[float, ...] = ()
    content_layers: tuple[str, ...] = ()
    content_share: ContentShare = "mean"
    scales: int = 3
    deep_weights: Path | None = None
    deep_layers: tuple[str, ...] = ("relu2_1", "relu3_1", "relu4_1", "relu5_1")
    deep_content_layers: tuple[str, ...] = ()
    companions: tuple[Companion, ...] = ()
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
            "content_layers": ",".join(self.content_layers),
            "content_share": self.content_share,
            "scales": self.scales,
            "deep_weights_sha256": sha256_of_file(self.deep_weights) if self.deep_weights else None,
            "deep_layers": ",".join(self.deep_layers) if self.deep_weights else "",
            "deep_content_layers": ",".join(self.deep_content_layers) if self.deep_weights else "",
            "companions": "; ".join(companion.recipe() for companion in self.companions),
            "style_size_px": self.style_size_px,
            "precision": self.precision,
            "network_seed": self.seed,
        }


def build_judges(settings: JudgeSettings, device: torch.device) -> dict[str, ShareJudge]:
    """Return the judges by the names of their terms, companions' being their networks'.

    Raises NstError for weights or layers that are not there.
    """

    def load(name: NetworkName, weights: Path | None) -> FeatureNetwork:
        return load_network(name, weights=weights, seed=settings.seed, precision=settings.precision).to(device)

    network = load(settings.network, settings.weights)
    contents = settings.content_layers or (network.default_content_layer,)
    layers = settings.layers or network.default_style_layers
    if settings.layer_weights and len(settings.layer_weights) != len(layers):
        raise NstError(
            f"`layer_weights` has {len(settings.layer_weights)} numbers for {len(layers)} layers: {', '.join(layers)}",
            "give a number for each layer",
        )
    judges = {"style": ShareJudge(network, layers, settings.scales, contents, settings.layer_weights)}
    if settings.deep_weights is not None:
        judges["deep"] = ShareJudge(
            load("vgg19", settings.deep_weights), settings.deep_layers, 1, settings.deep_content_layers
        )
    for companion in settings.companions:
        other = load(companion.network, companion.weights)
        layers = companion.layers or other.default_style_layers
        judges[companion.network] = ShareJudge(other, layers, COMPANION_SCALES, companion.content_layers)
    for judge in judges.values():
        judge.network.check_layers((*judge.style_layers, *judge.content_layers))
    return judges


class Judging:
    """The judges and the styles' pictures, opened and checked; photographs are measured when an objective is asked for.

    So what is missing is named before the photographs are read.
    """

    def __init__(
        self, settings: JudgeSettings, weights: PerceptualWeights, styles: Sequence[StyleSource], device: torch.device
    ) -> None:
        """Load the networks and read the pictures; raises NstError for weights, layers or pictures not there."""
        self.judges = build_judges(settings, device)
        self.pictures = [read_style(style.picture, settings.style_size_px).to(device) for style in styles]
        self.weights, self.device = weights, device
        self.own_energies = settings.content_share == "own"

    def objective(self, photos: Batches) -> PerceptualObjective:
        """Return the perceptual objective for the styles, its shares measured on unstylized `photos`."""
        crops = [photos.batch(step, UNSTYLISED_BATCH)[0].to(self.device) for step in range(UNSTYLISED_BATCHES)]
        targets = {
            term: [StyleTarget(judge, picture, crops) for picture in self.pictures]
            for term, judge in self.judges.items()
        }
        energies = _mean_content_energies(self.judges, crops)
        return PerceptualObjective(self.judges, self.weights, targets, energies, own_energies=self.own_energies)


def _mean_content_energies(judges: Judges, batches: Sequence[torch.Tensor]) -> ContentEnergies:
    found: dict[tuple[str, str], list[torch.Tensor]] = {}
    with torch.no_grad():
        for term, judge in judges.items():
            for layer, content in (item for batch in batches for item in judge.look_at_content(batch).items()):
                found.setdefault((term, layer), []).append(content_energy(content))
    return {key: float(torch.cat(energies).mean()) for key, energies in found.items()}


def read_style(picture: Path, short_side_px: int) -> torch.Tensor:
    """Return a style picture as float32 1×3×H×W in [0, 1] with the short side given: the size sets the strokes'."""
    return torch.from_numpy(to_unit(resize_short_side(read_picture(picture).rgb, short_side_px)))
