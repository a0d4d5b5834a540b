"""How a picture is stylised: every choice that changes the result, and the judges that they stand for."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import torch

from nst_features.names import NetworkName, NormalisationName, PaddingName, PoolingName, Precision
from nst_features.network import FeatureNetwork
from nst_features.networks import load_network
from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.contracts.library import open_library
from nst_runtime.errors import NstError
from nst_teacher.objective.losses import Formula
from nst_teacher.objective.objective import Judge, TermWeights
from nst_teacher.optimise.optimise import Plan
from nst_teacher.pictures.color import ColourName
from nst_teacher.pictures.framing import FramingName
from nst_teacher.pictures.starts import StartName

BalanceName = Literal["fixed", "auto"]
SCALES = 3  # where nobody says otherwise; the random network is a pyramid itself and takes one


@dataclass(frozen=True)
class DeepJudge:
    """A second network that judges deep layers alone, for weights that are cut or distilled."""

    weights: Path
    network: NetworkName = "vgg19"
    layers: tuple[str, ...] = ("relu4_1", "relu5_1")
    weight: float = 0.5
    normalisation: NormalisationName | None = None


@dataclass(frozen=True)
class Method:
    """Gatys' method with the paper's balance α/β = 0.01 (`content_weight`); None is the network's own choice.

    `weights_normalisation` is how the file `weights` wants pixels normalised, where nobody knows the file and it does
    not say so itself (see nst_features.load_network); the same goes for the second network.
    `style_size_px` is the short side at which the style picture is measured: the strokes have its size in pixels;
    `style_scale` gives it as a multiple of the photo's instead. `framing` leaves the style picture its ``own`` shape,
    crops or stretches it to the photo's size, or stretches both to a square. With ``auto`` balance the weights of
    content and variation follow from gradients: content pulls `balance_ratio` times as hard as style.
    `mask_feather_px` softens the borders of masks. A start of ``file`` is `start_picture`; one of ``bank`` what
    `start_bank` of the style pack `start_pack` (None: the shipped one) makes of the photo.
    """

    network: NetworkName = "vgg16"
    weights: Path | None = None
    content_layers: tuple[str, ...] | None = None
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
    style_weight: float = 1.0
    layer_weights: tuple[float, ...] | None = None
    content_layer_weights: tuple[float, ...] | None = None
    formula: Formula = field(default_factory=Formula)
    balance: BalanceName = "fixed"
    balance_ratio: float = 1.0
    start_picture: Path | None = None
    start_bank: str | None = None
    start_pack: Path | None = None
    style_scale: float | None = None
    framing: FramingName = "own"
    colour: ColourName = "style"
    pooling: PoolingName | None = None
    padding: PaddingName | None = None
    mask_feather_px: float = 4.0
    weights_normalisation: NormalisationName | None = None

    def __post_init__(self) -> None:
        _check_counts(self, self.style_layers, self.content_layers)
        if (self.start == "file") != (self.start_picture is not None):
            raise NstError("`start` file and `start_picture` go together", "give both, or neither")
        if (self.start == "bank") != (self.start_bank is not None):
            raise NstError("`start` bank and `start_bank` go together", "give both, or neither")
        if self.start_pack and not self.start_bank:
            raise NstError("`start_pack` is where a bank is looked for", "give `start_bank`, too")
        if self.balance == "auto" and not self.content_weight:
            raise NstError(
                "`balance` auto weighs content against style, and `content_weight` is 0",
                "give a `content_weight` above 0, or set `balance` to fixed",
            )

    @property
    def term_weights(self) -> TermWeights:
        """The weights of the content and variation terms and of style."""
        return TermWeights(self.content_weight, self.variation_weight, self.style_weight)


def _check_counts(method: Method, style_layers: tuple[str, ...] | None, content_layers: tuple[str, ...] | None) -> None:
    _check_count("layer_weights", method.layer_weights, "style_layers", style_layers)
    _check_count("content_layer_weights", method.content_layer_weights, "content_layers", content_layers)


def _check_count(
    name: str, weights: tuple[float, ...] | None, layers_name: str, layers: tuple[str, ...] | None
) -> None:
    if weights is None:
        return
    if layers is not None and len(weights) != len(layers):
        raise NstError(
            f"`{name}` has {len(weights)} weights for {len(layers)} layers ({', '.join(layers)})",
            f"give one for each layer, or other `{layers_name}`",
        )
    if min(weights) < 0 or not any(weights):
        raise NstError(f"`{name}` must not be negative, nor all 0", "give at least one above 0")


def build_judges(method: Method, device: torch.device) -> tuple[Judge, ...]:
    """Return the judges of `method` on `device`; raises NstError for weights or layers that are not there."""
    network = load(method).to(device)
    content_layers = method.content_layers or (network.default_content_layer,)
    style_layers = method.style_layers or network.default_style_layers
    check_layers(network, (*style_layers, *content_layers))
    _check_counts(method, style_layers, content_layers)
    scales = method.scales or (1 if method.network == "random" else SCALES)
    weights = method.layer_weights, method.content_layer_weights
    judges = (Judge(network, style_layers, scales, content_layers, 1.0, *weights, method.formula),)
    if method.deep is None:
        return judges
    deep = _load_deep(method.deep, method).to(device)
    return (*judges, Judge(deep, method.deep.layers, weight=method.deep.weight, formula=method.formula))


def load(method: Method) -> FeatureNetwork:
    """Return the (first) feature network of `method`, on the processor."""
    return load_network(
        method.network,
        weights=method.weights,
        weights_normalisation=method.weights_normalisation,
        seed=method.seed,
        precision=method.precision,
        pooling=method.pooling,
        padding=method.padding,
    )


def _load_deep(deep: DeepJudge, method: Method) -> FeatureNetwork:
    """Return the second network; an error names its own settings, not those of the first."""
    try:
        network = load_network(
            deep.network,
            weights=deep.weights,
            weights_normalisation=deep.normalisation,
            seed=method.seed,
            precision=method.precision,
        )
        network.check_layers(deep.layers)
    except NstError as error:
        settings = "`deep_weights`, `deep_layers` and `deep_normalisation`"
        raise NstError(f"second network: {error.message}", f"check {settings}") from error
    return network


def check_layers(network: FeatureNetwork, layers: tuple[str, ...]) -> None:
    """Raise NstError, which lists the layers there are, when one of `layers` is not among them."""
    try:
        network.check_layers(layers)
    except NstError as error:
        hint = error.hint or "name some of these"
        raise NstError(error.message, f"{hint}, or let the nearest stand in with `match_layers`") from error


def complete(method: Method, judges: tuple[Judge, ...]) -> Method:
    """Return `method` with what its judges chose in place of None."""
    first = judges[0]
    deep = method.deep and replace(method.deep, normalisation=judges[1].network.normalisation)
    return replace(
        method,
        content_layers=first.content_layers,
        style_layers=first.style_layers,
        scales=first.scales,
        weights_normalisation=first.network.normalisation,
        deep=deep,
    )


def describe_bank(method: Method) -> dict[str, str | None]:
    """Return the name of the bank that paints the start, and the hash of its file; None where no bank does."""
    found: dict[str, str | None] = {"start_bank": None, "start_bank_sha256": None}
    if method.start_bank is not None:
        style = open_library(method.start_pack).find(method.start_bank)
        found |= {"start_bank": style.name, "start_bank_sha256": sha256_of_file(style.path)}
    return found
