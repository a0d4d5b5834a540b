"""Set up the networks that judge pictures, and the styles as they see them."""

from collections.abc import Sequence
from pathlib import Path

import torch

from nst_features.names import NetworkName
from nst_features.network import FeatureNetwork
from nst_features.networks import load_network
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import resize_short_side, to_unit
from nst_runtime.pictures.read import read_picture
from nst_student.data.batches import Batches
from nst_student.losses.losses import ShareJudge, StyleTarget, content_energy
from nst_student.losses.objective import ContentEnergies, Judges, PerceptualObjective
from nst_student.recipes.settings import JudgeSettings, PerceptualWeights, StyleSource

UNSTYLISED_BATCHES = 16
UNSTYLISED_BATCH = 4
COMPANION_SCALES = 2


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
        return PerceptualObjective(
            self.judges, self.weights, targets, energies,
            own_energies=self.own_energies, strengths=self._strengths(energies),
        )  # fmt: skip

    def _strengths(self, energies: ContentEnergies) -> torch.Tensor:
        """Return the energies of the content features of the S styles' pictures over those of photographs, S×L."""
        of_styles = [_mean_content_energies(self.judges, [picture]) for picture in self.pictures]
        rows = [[own[layer] / mean for layer, mean in energies.items()] for own in of_styles]
        return torch.tensor(rows, device=self.device)


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
