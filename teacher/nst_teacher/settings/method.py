"""How a picture is stylised: every choice that changes the result."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from nst_features.names import NetworkName, NormalisationName, PaddingName, PoolingName, Precision
from nst_runtime.contracts.settings import Setting
from nst_runtime.errors import NstError
from nst_teacher.settings.formula import Formula
from nst_teacher.settings.plan import Plan

BalanceName = Literal["fixed", "auto"]
FramingName = Literal["own", "crop", "stretch", "square"]
ColourName = Literal["style", "luminance", "covariance", "wasserstein"]
StartName = Literal["content", "noise", "zeros", "style-statistics", "file", "bank"]

_NETWORKS_OWN = "the network's own"
_BY_HASH = "what is known of the file, else torchvision"


@dataclass(frozen=True)
class DeepJudge:
    """A second network that judges deep layers alone, for weights that are cut or distilled."""

    weights: Annotated[Path, Setting("Weights of a second network that judges deep layers alone.")]
    network: Annotated[NetworkName, Setting("The second network.")] = "vgg19"
    layers: Annotated[tuple[str, ...], Setting("Its layers.")] = ("relu4_1", "relu5_1")
    weight: Annotated[float, Setting("Its say beside the first network's 1.", minimum=0)] = 0.5
    normalisation: Annotated[
        NormalisationName | None, Setting("How its weights want pixels normalised.", usual=_BY_HASH)
    ] = None


@dataclass(frozen=True)
class Method:
    """Gatys' method with the paper's balance α/β = 0.01 (`content_weight`); None is the network's own choice.

    `weights_normalisation` is how the file `weights` wants pixels normalised, where nobody knows the file and it does
    not say so itself (see nst_features.networks.load_network); the same goes for the second network.
    `style_size_px` is the short side at which the style picture is measured: the strokes have its size in pixels;
    `style_scale` gives it as a multiple of the photo's instead. `framing` leaves the style picture its ``own`` shape,
    crops or stretches it to the photo's size, or stretches both to a square. With ``auto`` balance the weights of
    content and variation follow from gradients: content pulls `balance_ratio` times as hard as style.
    `mask_feather_px` softens the borders of masks. A start of ``file`` is `start_picture`; one of ``bank`` what
    `start_bank` of the style pack `start_pack` (None: the shipped one) makes of the photo.
    """

    network: Annotated[
        NetworkName,
        Setting("Feature network; random needs no download but is for tests.", section="network"),
    ] = "vgg16"
    weights: Annotated[
        Path | None,
        Setting("Its weights (safetensors, .pth).", usual="torchvision's, downloaded", section="network"),
    ] = None
    weights_normalisation: Annotated[
        NormalisationName | None,
        Setting("How the weights want pixels normalised.", usual=_BY_HASH, section="network"),
    ] = None
    pooling: Annotated[
        PoolingName | None,
        Setting(
            "Pooling of the network.",
            usual="its own",
            paper="average: Gatys et al. (2016), sec. 2",
            section="network",
        ),
    ] = None
    padding: Annotated[
        PaddingName | None,
        Setting("What convolutions see beyond the border.", usual=_NETWORKS_OWN, section="network"),
    ] = None
    content_layers: Annotated[
        tuple[str, ...] | None,
        Setting(
            "Layers compared with the photo's.",
            usual=_NETWORKS_OWN,
            paper="conv4_2 in Gatys et al. (2016), sec. 3",
            section="network",
        ),
    ] = None
    style_layers: Annotated[
        tuple[str, ...] | None,
        Setting(
            "Layers whose statistics are compared with the style's.",
            usual=_NETWORKS_OWN,
            paper="conv1_1 to conv5_1 in Gatys et al. (2016), sec. 3",
            section="network",
        ),
    ] = None
    layer_weights: Annotated[
        tuple[float, ...] | None,
        Setting(
            "A weight for each of the style's layers; their losses are then summed.",
            usual="the mean of the layers",
            paper="Gatys et al. (2016), eq. 5; cases in Mak (2021), table 2",
            section="network",
        ),
    ] = None
    content_layer_weights: Annotated[
        tuple[float, ...] | None,
        Setting("The same for the content's layers.", usual="the mean of the layers", section="network"),
    ] = None
    scales: Annotated[
        int | None,
        Setting("Scales of the style, an image pyramid: larger strokes.", 1, 8, usual="3; 1 for random",
                section="network"),
    ] = None  # fmt: skip
    precision: Annotated[
        Precision,
        Setting("Arithmetic; bf16 and tf32 are fast on devices that have them.", section="network"),
    ] = "fp32"
    content_weight: Annotated[
        float,
        Setting(
            "Content against style, the papers' α/β.",
            minimum=0,
            paper="0.01 in Srinath, Yin, Verma, sec. III.D; 1e-3 in Gatys et al. (2016), sec. 3",
            section="losses",
        ),
    ] = 0.01
    style_weight: Annotated[
        float,
        Setting(
            "Weight of style as a whole.", minimum=0, paper="β of Gatys et al. (2016), eq. 7; Šarić (2020), sec. 3.3",
            section="losses",
        ),
    ] = 1.0  # fmt: skip
    variation_weight: Annotated[
        float,
        Setting(
            "Weight of the total variation; more is smoother.", minimum=0, paper="Ding, Liu, Wang (CS 229), L_v",
            section="losses",
        ),
    ] = 0.03  # fmt: skip
    balance: Annotated[
        BalanceName,
        Setting("auto sets the weights of content and variation from gradients, for each photo.", section="losses"),
    ] = "fixed"
    balance_ratio: Annotated[
        float,
        Setting("How hard content pulls against style, for balance auto.", minimum=0, section="losses"),
    ] = 1.0
    formula: Annotated[Formula, Setting("How features become a number.", section="losses")] = field(
        default_factory=Formula
    )
    style_size_px: Annotated[
        int, Setting("Short side of the style picture where it is measured, in px.", minimum=16, section="style")
    ] = 512
    style_scale: Annotated[
        float | None,
        Setting("The same as a multiple of the photo's.", 0.05, 8, usual="style_size_px decides", section="style"),
    ] = None
    framing: Annotated[
        FramingName,
        Setting(
            "Shape of the style picture: its own, the photo's (crop, stretch), or both stretched to a square.",
            paper="crop: Ding, Liu, Wang (CS 229), Dataset and Features; square: Mak (2021)",
            section="style",
        ),
    ] = "own"
    colour: Annotated[
        ColourName,
        Setting(
            "Whose colours the result has: the style's, the photo's (luminance), or the style picture first gets the "
            "photo's (covariance, wasserstein).",
            paper="Gatys et al. (2017), sec. 5; wasserstein: Pitié et al. (2005)",
            section="style",
        ),
    ] = "style"
    mask_feather_px: Annotated[
        float, Setting("How soft the borders of masks are, in px.", minimum=0, section="style")
    ] = 4.0
    plan: Annotated[Plan, Setting("How to minimise.", section="optimisation")] = field(default_factory=Plan)
    start: Annotated[
        StartName,
        Setting(
            "The picture that the optimisation starts from: the photo, noise, black, noise with the style's mean and "
            "deviation, start_picture (file), or what start_bank paints (bank).",
            paper="noise: Gatys et al. (2016), sec. 2; style-statistics: Crowson, style-transfer-pytorch",
            section="optimisation",
        ),
    ] = "content"
    start_picture: Annotated[
        Path | None, Setting("The picture for start file, which it implies.", section="optimisation")
    ] = None
    start_bank: Annotated[
        str | None,
        Setting("The style whose bank paints the start, for start bank, which it implies.", section="optimisation"),
    ] = None
    start_pack: Annotated[
        Path | None,
        Setting("The style pack that has the bank.", usual="the shipped one", section="optimisation"),
    ] = None
    seed: Annotated[
        int, Setting("Draws photos, noise and random filters.", minimum=0, section="optimisation")
    ] = 0  # fmt: skip
    deep: DeepJudge | None = None

    def __post_init__(self) -> None:
        for name, layers in (("style_layers", self.style_layers), ("content_layers", self.content_layers)):
            _check_layers(name, layers)
        check_counts(self, self.style_layers, self.content_layers)
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


def _check_layers(name: str, layers: tuple[str, ...] | None) -> None:
    if layers is None:
        return
    if not layers:
        raise NstError(f"`{name}` names no layer", "give names separated by commas, such as relu1_1,relu2_1")
    if twice := [layer for layer in layers if layers.count(layer) > 1]:
        raise NstError(f"`{name}` has {twice[0]} twice", "name each layer once")


def check_counts(method: Method, style_layers: tuple[str, ...] | None, content_layers: tuple[str, ...] | None) -> None:
    """Raise NstError when `method` has not as many weights as there are layers, or none above 0; None is unknown."""
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
    if not weights or min(weights) < 0 or not any(weights):
        raise NstError(f"`{name}` must not be negative, nor all 0", "give at least one above 0")
