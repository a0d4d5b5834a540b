"""How a picture is stylised: every choice that changes the result, and the judges that they stand for."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import torch

from nst_features import FeatureNetwork, NetworkName, PaddingName, PoolingName, Precision, load_network
from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack
from nst_runtime.errors import NstError
from nst_teacher.colour import ColourName
from nst_teacher.framing import FramingName
from nst_teacher.losses import Formula
from nst_teacher.objective import Judge, TermWeights
from nst_teacher.optimise import Plan
from nst_teacher.starts import StartName

BalanceName = Literal["fixed", "auto"]
BALANCE_NAMES: tuple[BalanceName, ...] = get_args(BalanceName)
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

    def __post_init__(self) -> None:
        _check_counts("--layer-weights", self.layer_weights, "--style-layers", self.style_layers)
        _check_counts("--content-layer-weights", self.content_layer_weights, "--content-layers", self.content_layers)
        if (self.start == "file") != (self.start_picture is not None):
            raise NstError("to start from a file, give --init file and --init-image FILE, both")
        if (self.start == "bank") != (self.start_bank is not None) or (self.start_pack and not self.start_bank):
            raise NstError("to start from what a bank paints, give --init bank and --init-bank STYLE, both")
        if self.balance == "auto" and not self.content_weight:
            raise NstError("--balance auto weighs content against style: give a --content-weight above 0")

    @property
    def term_weights(self) -> TermWeights:
        """The weights of the content and variation terms and of style."""
        return TermWeights(self.content_weight, self.variation_weight, self.style_weight)


def _check_counts(
    option: str, weights: tuple[float, ...] | None, layer_option: str, layers: tuple[str, ...] | None
) -> None:
    if weights is None:
        return
    if layers is not None and len(weights) != len(layers):
        raise NstError(f"{option} has {len(weights)} weights for {len(layers)} layers ({', '.join(layers)})")
    if min(weights) < 0 or not any(weights):
        raise NstError(f"{option}: weights must not be negative, nor all 0; see also {layer_option}")


def build_judges(method: Method, device: torch.device) -> tuple[Judge, ...]:
    """Return the judges of `method` on `device`; raises NstError for weights or layers that are not there."""
    network = load(method).to(device)
    content_layers = method.content_layers or (network.default_content_layer,)
    style_layers = method.style_layers or network.default_style_layers
    check_layers(network, (*style_layers, *content_layers))
    _check_counts("--layer-weights", method.layer_weights, "--style-layers", style_layers)
    _check_counts("--content-layer-weights", method.content_layer_weights, "--content-layers", content_layers)
    scales = method.scales or (1 if method.network == "random" else SCALES)
    weights = method.layer_weights, method.content_layer_weights
    judges = (Judge(network, style_layers, scales, content_layers, 1.0, *weights, method.formula),)
    if method.deep is None:
        return judges
    deep = load_network(
        method.deep.network, weights=method.deep.weights, seed=method.seed, precision=method.precision
    ).to(device)
    deep.check_layers(method.deep.layers)
    return (*judges, Judge(deep, method.deep.layers, weight=method.deep.weight, formula=method.formula))


def load(method: Method) -> FeatureNetwork:
    """Return the (first) feature network of `method`, on the processor."""
    return load_network(
        method.network,
        weights=method.weights,
        seed=method.seed,
        precision=method.precision,
        pooling=method.pooling,
        padding=method.padding,
    )


def check_layers(network: FeatureNetwork, layers: tuple[str, ...]) -> None:
    """Raise NstError, which lists the layers there are, when one of `layers` is not among them."""
    try:
        network.check_layers(layers)
    except NstError as error:
        raise NstError(f"{error}; name some of these, or let the nearest stand in with --match-layers") from error


def complete(method: Method, judges: tuple[Judge, ...]) -> Method:
    """Return `method` with what its judges chose in place of None."""
    first = judges[0]
    return replace(method, content_layers=first.content_layers, style_layers=first.style_layers, scales=first.scales)


def describe(method: Method) -> dict[str, Any]:
    """Return every setting of `method` as JSON scalars and lists; weight files as their hash.

    Choices that came later than the format are in it where they differ from the usual ones, so that pairs made before
    them are still pairs of the same settings.
    """
    settings: dict[str, Any] = {
        "method_version": METHOD_VERSION,
        "network": method.network,
        "weights_sha256": weights_hash(method.weights),
        "content_layer": ",".join(method.content_layers) if method.content_layers else None,
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
    if method.plan.optimizer != "lbfgs":
        settings["learning_rate"] = method.plan.rate
    if method.deep is not None:
        settings |= {
            "deep_network": method.deep.network,
            "deep_weights_sha256": weights_hash(method.deep.weights),
            "deep_layers": list(method.deep.layers),
            "deep_weight": method.deep.weight,
        }
    return settings | _unusual(method)


def _unusual(method: Method) -> dict[str, Any]:
    from nst_teacher.method_table import to_table  # noqa: PLC0415 (it describes Method, which is defined here)

    table, usual = to_table(method), to_table(Method())
    later = {key: value for key, value in table.items() if key in LATER and value != usual[key]}
    if method.start_picture is not None:
        later["start_picture_sha256"] = sha256_of_file(method.start_picture)
    if method.start_bank is not None:
        bank = read_pack(method.start_pack or DEFAULT_PACK).style(method.start_bank)
        later |= {"start_bank": bank.name, "start_bank_sha256": bank.bank.sha256}
    return later


LATER = (
    "style_weight", "layer_weights", "content_layer_weights", "style_distance", "content_distance", "normalisation",
    "gram_scale", "variation", "balance", "balance_ratio", "style_scale", "framing", "colour", "pooling", "padding",
    "mask_feather_px", "decay", "beta2", "bounded", "average", "smallest_px",
)  # fmt: skip


def weights_hash(weights: Path | None) -> str | None:
    """Return the sha256 of a weights file, None where the network needs no file."""
    if weights is None:
        return None
    if not weights.is_file():
        raise NstError(f"no weights file {weights}")
    return sha256_of_file(weights)
