"""Every setting of the trainings: its default, its meaning and its bounds stand here and nowhere else.

The names of settings are those of their sections in recipe files and of ``--set SECTION.NAME=VALUE``.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from nst_features.names import NetworkName, Precision
from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.contracts.names import check_name
from nst_runtime.contracts.settings import Setting
from nst_runtime.errors import NstError

OptimizerName = Literal["soap", "adam", "sgd"]
ArchitectureName = Literal[
    "srinath", "conditional", "detailed", "unet", "unet_pooled", "unet_wide", "unet_dense", "unet_sixteenth",
    "unet_shared",
]  # fmt: skip
Objective = Literal["pixels", "perceptual", "hybrid"]
"""What a bank learns from: the teacher's pixels, the judges' losses, or both."""
CodecMode = Literal["reconstruct", "joint"]
ContentShare = Literal["mean", "own"]
GRID_PX = 8  # of the network's lattice, the widest stride that its banks work at
PX = (32, 4096)  # what a photograph's short side may be


@dataclass(frozen=True)
class StyleSource:
    """A style's name and its picture; raises NstError for a name that style files cannot have."""

    name: str
    picture: Path

    def __post_init__(self) -> None:
        check_name(self.name)


@dataclass(frozen=True)
class TrainingSettings:
    """What every training needs: its length, its batches and its pace.

    Photographs are seen in square crops, of the shortest side of all if `crop_px` is None; pairs are not cropped.
    `hard_pictures` is how many pictures of what photographs lack are drawn to be seen among them.
    """

    steps: Annotated[int, Setting("Training steps in all.", 1)] = 8000
    batch: Annotated[int, Setting("Crops or pairs a step; in a joint training as many for each style.", 1)] = 2
    crop_px: Annotated[
        int | None,
        Setting(
            "Side of the square crops; a multiple of 16.", 32, usual="the photographs' short side", section="photos"
        ),
    ] = None
    learning_rate: Annotated[float, Setting("Peak learning rate.", 1e-8, 1.0)] = 5e-3
    optimizer: Annotated[
        OptimizerName,
        Setting(
            "soap: Adam along the axes of the gradients' covariance, in fewer steps; adam; sgd: plain descent.",
            paper="Vyas et al., SOAP (2024); Srinath et al., fig. 11-12, for sgd",
        ),
    ] = "soap"
    seed: Annotated[int, Setting("Seed of first weights and crops.", 0)] = 0
    sample_every: Annotated[int, Setting("Write a sample grid every so many steps; 0 for none.", 0)] = 500
    hard_pictures: Annotated[
        int,
        Setting(
            "How many pages, screens, nights, faces … to draw, which photographs lack; one crop in ten is of them.", 0,
            section="photos",
        ),
    ] = 160  # fmt: skip

    def recipe(self) -> dict[str, Any]:
        """Return all settings by name but those of the photographs' crops, which say themselves what they are."""
        return {name: value for name, value in asdict(self).items() if name not in ("crop_px", "hard_pictures")}


@dataclass(frozen=True)
class PhotoSettings:
    """Which photographs, or pairs, and how large they are; raises ValueError for sizes that are not a range."""

    photo_px: Annotated[
        tuple[int, ...], Setting("Short side to resize photographs to; two numbers are a range.", *PX)
    ] = (288,)
    count: Annotated[int | None, Setting("Use only the first so many, by name.", 1, usual="all")] = None
    pairs: Annotated[
        Path | None, Setting("Folder of the teacher's pairs, where pairs teach.", usual="WORKSPACE/pairs/STYLE")
    ] = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.photo_px) <= 2 or self.photo_px[0] > self.photo_px[-1]:
            raise ValueError("`photo_px` is neither a size nor a range of sizes such as 288,448")

    @property
    def range_px(self) -> tuple[int, int]:
        """The smallest and the largest short side."""
        return self.photo_px[0], self.photo_px[-1]


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
    Raises ValueError for a network that is named twice among the companions.
    """

    network: Annotated[NetworkName, Setting("Feature network that judges; random is for tests alone.")] = "vgg16"
    weights: Annotated[
        Path | None,
        Setting(
            "Weights of the network: a file, or a name that nst-features list shows.", usual="torchvision's, downloaded"
        ),
    ] = None
    layers: Annotated[tuple[str, ...], Setting("Layers that judge style.", usual="the network's own")] = ()
    layer_weights: Annotated[
        tuple[float, ...], Setting("A weight for each layer that judges style.", 1e-9, 1e9, usual="all the same")
    ] = ()
    content_layers: Annotated[
        tuple[str, ...], Setting("Layers that judge content; the loss is their mean.", usual="the network's own")
    ] = ()
    content_share: Annotated[
        ContentShare, Setting("What the content loss is a share of: the photographs' mean energy, or each crop's own.")
    ] = "mean"
    scales: Annotated[
        int,
        Setting("Scales of the image pyramid that style is judged on.", 1, 6, paper="Snelgrove (2017), sec. 3"),
    ] = 3
    deep_weights: Annotated[
        Path | None,
        Setting("Weights of a second VGG-19 for deep layers: a file or a name.", usual="there is no second"),
    ] = None
    deep_layers: Annotated[tuple[str, ...], Setting("Layers by which the second network judges style.")] = (
        "relu2_1",
        "relu3_1",
        "relu4_1",
        "relu5_1",
    )
    deep_content_layers: Annotated[
        tuple[str, ...], Setting("Layers by which it judges content, as the first network's do.", usual="it does not")
    ] = ()
    companions: Annotated[
        tuple[Companion, ...],
        Setting(
            "More networks that judge style, each { network, weights, layers, content_layers }.",
            usual="there are no more",
        ),
    ] = ()
    style_size_px: Annotated[
        int, Setting("Short side of the style's picture; a larger one means larger strokes.", 32)
    ] = 512
    precision: Annotated[Precision, Setting("Arithmetic of the judges; bf16 is faster on processors that have it.")] = (
        "fp32"
    )
    seed: Annotated[int, Setting("Seed of the filters of the network random.", 0)] = 0

    def __post_init__(self) -> None:
        names = [companion.network for companion in self.companions]
        if len(set(names)) < len(names):
            raise ValueError(f"`companions` names a network twice: {', '.join(names)}")

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


@dataclass(frozen=True)
class PerceptualWeights:
    """Weights of the terms of the perceptual objective; style and content are shares, so they suit any painting.

    `style` and `deep` weigh the judges of those names, `companion` each judge named as its network, and the others the
    terms of nst_student.losses.terms.
    """

    style: Annotated[float, Setting("Weight of the style loss, a share of the photographs' own.", 0)] = 6.0
    deep: Annotated[float, Setting("Weight of the second network's style loss.", 0)] = 3.0
    companion: Annotated[float, Setting("Weight of each companion's style loss.", 0)] = 3.0
    content: Annotated[
        float,
        Setting("Weight of the content loss, before it regulates itself.", 0, paper="Johnson et al. (2016), sec. 3.2"),
    ] = 1.0
    texture: Annotated[float, Setting("Weight of fine texture's energy, against hatching.", 0)] = 0.5
    grid: Annotated[float, Setting(f"Weight against dots locked to the network's grid of {GRID_PX} px.", 0)] = 100.0
    range: Annotated[float, Setting("Weight of what lies outside of black and white.", 0)] = 10.0


@dataclass(frozen=True)
class PerceptualSettings:
    """What the judges' losses need: the judges, the terms' weights and how close to the photo to stay."""

    judges: JudgeSettings = field(default_factory=JudgeSettings)
    weights: Annotated[PerceptualWeights, Setting("", section="losses")] = field(default_factory=PerceptualWeights)
    content_target: Annotated[
        float | None,
        Setting(
            "Content loss to settle at, of a style as strong as photographs; stronger ones may have more. 0 is the "
            "photograph itself, 1 about as far as black is.", 0.01,
            usual="the content's weight stays as it is", section="losses",
        ),
    ] = 0.95  # fmt: skip
    hard_style: Annotated[
        float,
        Setting(
            "By what the style losses of drawn pages, screens, nights, faces … are multiplied.", 0, section="losses"
        ),
    ] = 1.0

    def recipe(self) -> dict[str, Any]:
        """Return all settings as scalars by name."""
        weights = {f"{name}_weight": value for name, value in asdict(self.weights).items()}
        return {**self.judges.recipe(), **weights, "content_target": self.content_target, "hard_style": self.hard_style}


@dataclass(frozen=True)
class JointWeights:
    """Weights of what a joint training asks for besides the styles: the photograph back, and steady pictures."""

    reconstruction: Annotated[
        float, Setting("In a joint training, weight of the squared error of the photograph given back.", 0)
    ] = 2.0
    steady: Annotated[
        float,
        Setting("Weight of the picture's change when the photograph has noise, is moved or saved as JPEG.", 0),
    ] = 30.0


@dataclass(frozen=True)
class InfoSettings:
    """Who the style is: what its file says to people."""

    title: Annotated[str, Setting("Title of the style's picture.", usual="the style's name")] = ""
    artist: Annotated[str, Setting("Who made that picture.", usual="nobody is named")] = ""
    year: Annotated[str, Setting("When it was made.", usual="no year is named")] = ""
    licence: Annotated[str, Setting("Under which licence the file may be used.", usual="no licence is named")] = ""

    def of(self, style: str) -> StyleInfo:
        """Return what the file of `style` says."""
        return StyleInfo(self.title or style, self.artist, self.year, self.licence)


@dataclass(frozen=True)
class StudentSettings:
    """All that a training of the student can be told."""

    objective: Annotated[
        Objective | None,
        Setting(
            "pixels: squared error to the teacher's pairs; perceptual: the judges' losses; hybrid: both.",
            usual="perceptual with photographs, else pixels", paper="Srinath et al., eq. 4, for pixels",
            section="training",
        ),
    ] = None  # fmt: skip
    mode: Annotated[
        CodecMode,
        Setting(
            "reconstruct: image in, image out. joint: with banks, so that strokes get through.",
            paper="Srinath et al., eq. 3; Chen et al., StyleBank (2017), sec. 3.3", section="training",
        ),
    ] = "joint"  # fmt: skip
    architecture: Annotated[
        ArchitectureName,
        Setting(
            "srinath: the paper's. conditional: banks also have the decoder's scales and biases. detailed: banks work "
            "at two sizes. unet: at three, and see far; the codec has no norms. unet_pooled: the same, made smaller by "
            "means, which moves less when the photograph does. The others are trials of unet.",
            section="training",
        ),
    ] = "unet_pooled"  # fmt: skip
    training: TrainingSettings = field(default_factory=TrainingSettings)
    photos: PhotoSettings = field(default_factory=PhotoSettings)
    perceptual: PerceptualSettings = field(default_factory=PerceptualSettings)
    joint: Annotated[JointWeights, Setting("", section="losses")] = field(default_factory=JointWeights)
    pixels: Annotated[
        float, Setting("In a hybrid training, weight of the squared error to the pairs.", 0, section="losses")
    ] = 10.0
    info: InfoSettings = field(default_factory=InfoSettings)


LAYERS = ("layers", "layer_weights", "content_layers")
"""The settings of judges that name layers of their network."""


def kind_of_network(name: str) -> str:
    """Return what networks have in common whose layers have the same names: ``vgg`` of ``vgg16`` and ``vgg19``."""
    return name.partition("_")[0].rstrip("0123456789")


def find_style(name: str, picture: Path) -> StyleSource:
    """Return the style `name`; raises NstError when its picture is not there."""
    if not picture.is_file():
        raise NstError(f"no style picture at {picture}", "give a picture file")
    return StyleSource(name, picture)
