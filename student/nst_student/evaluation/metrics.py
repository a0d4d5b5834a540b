"""The project's quality numbers: how much of a style's distance is left, and how far from the photo it went."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch

from nst_features.judge import Judge
from nst_features.network import FeatureNetwork
from nst_student.losses.losses import content_distance, squared_distances

SHALLOW_LAYERS = ("relu1_1", "relu2_1", "relu3_1")
CONTENT_LAYER = "relu3_1"
CONTENT_GRAM = f"{CONTENT_LAYER}/1"
DEEP_LAYERS = ("relu4_1", "relu5_1")
SCALES = 3
PHOTO_SIZE_PX = 384
STYLE_SIZE_PX = 512

StylizeUnit = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Quality:
    """What is left of the style's distance (shares of the unstylised photos' own), and the content's loss.

    `mean` is over relu1_1, relu2_1 and relu3_1 at full, half and quarter scale, `relu3_1` over full and half scale,
    `deep` over relu4_1 and relu5_1; a photo has 1 in each, the style picture 0. `content` is the squared relu3_1
    difference over the photo's squared relu3_1, the mean over photos; a photo has 0. `least_content` says how much of
    that the style itself asks for: no picture whose relu3_1 statistics are the style's can have less.
    """

    mean: float
    relu3_1: float
    content: float
    deep: float
    least_content: float


@dataclass(frozen=True)
class SeenPhoto:
    """A photograph 1×3×H×W in [0, 1] with what the meter's networks see in it, for many styles to be measured on."""

    photo: torch.Tensor
    grams: dict[str, torch.Tensor]
    content: torch.Tensor


class QualityMeter:
    """Measures stylisations by networks that nothing was trained on."""

    def __init__(self, shallow: FeatureNetwork, deep: FeatureNetwork) -> None:
        shallow.check_layers(SHALLOW_LAYERS)
        deep.check_layers(DEEP_LAYERS)
        self.shallow = Judge(shallow, SHALLOW_LAYERS, SCALES, (CONTENT_LAYER,))
        self.deep = Judge(deep, DEEP_LAYERS)

    def see(self, photo: torch.Tensor) -> SeenPhoto:
        """Look at `photo` (1×3×H×W in [0, 1]) once, for all styles."""
        with torch.no_grad():
            return SeenPhoto(photo, *self._grams(photo))

    def measure(self, style: torch.Tensor, photos: Iterable[SeenPhoto], stylize: StylizeUnit) -> Quality:
        """Return the quality of `stylize` (1×3×H×W to the same, in [0, 1]) over `photos` for the picture `style`.

        Takes one photo after another, so that large ones need not all be held at once.
        """
        with torch.no_grad():
            target = self._grams(style)[0]
            own: dict[str, float] = dict.fromkeys(target, 0.0)
            left: dict[str, float] = dict.fromkeys(target, 0.0)
            contents: list[float] = []
            least: list[float] = []
            for seen in photos:
                least.append(least_content(target[CONTENT_GRAM][0], seen.grams[CONTENT_GRAM][0]))
                after, content = self._grams(stylize(seen.photo))
                own = _added(own, squared_distances(seen.grams, target))
                left = _added(left, squared_distances(after, target))
                contents.append(float(content_distance(content, seen.content)))
        shares = {name: left[name] / own[name] for name in target}
        return Quality(
            mean=_mean(shares, [f"{layer}/{2**scale}" for layer in SHALLOW_LAYERS for scale in range(SCALES)]),
            relu3_1=_mean(shares, ["relu3_1/1", "relu3_1/2"]),
            content=sum(contents) / len(contents),
            deep=_mean(shares, [f"deep {layer}/1" for layer in DEEP_LAYERS]),
            least_content=sum(least) / len(least),
        )

    def _grams(self, image: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        grams, content = self.shallow.look(image)
        deep, _ = self.deep.look(image)
        return grams | {f"deep {name}": value for name, value in deep.items()}, content[CONTENT_LAYER]


def least_content(style: torch.Tensor, photo: torch.Tensor) -> float:
    """Return the least content loss of features with the Gram matrix `style` to those with `photo`, C×C each.

    The squared distance of two feature maps with given second moments A and B is at least
    tr A + tr B - 2 tr (A^½ B A^½)^½ per pixel (Dowson and Landau 1982, Olkin and Pukelsheim 1982); over tr B, as the
    content loss. A picture may well have to have more.
    """
    a, b = style.double(), photo.double()
    root = _root(a)
    return float((a.trace() + b.trace() - 2 * _root(root @ b @ root).trace()) / b.trace())


def _root(matrix: torch.Tensor) -> torch.Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    root: torch.Tensor = (vectors * values.clamp_min(0).sqrt()) @ vectors.T
    return root


def _added(totals: Mapping[str, float], distances: Mapping[str, torch.Tensor]) -> dict[str, float]:
    return {name: total + float(distances[name]) for name, total in totals.items()}


def _mean(shares: Mapping[str, float], names: Sequence[str]) -> float:
    return sum(shares[name] for name in names) / len(names)
