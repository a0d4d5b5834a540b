"""Options that several commands of ``nst-student`` share."""

from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Annotated

import typer

from nst_features.names import NETWORK_NAMES, DeviceName, NetworkName, Precision
from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.names import check_name
from nst_runtime.contracts.workspace import DEFAULT
from nst_runtime.errors import NstError
from nst_student.recipes.settings import (
    GRID_PX,
    Companion,
    ContentShare,
    JointWeights,
    JudgeSettings,
    OptimizerName,
    PerceptualSettings,
    PerceptualWeights,
    StyleSource,
    TrainingSettings,
)

Option = typer.Option
# Where the options' defaults live: a number written here would be a second one.
TRAINING, JUDGES, WEIGHTS, PERCEPTUAL = TrainingSettings(), JudgeSettings(), PerceptualWeights(), PerceptualSettings()


@dataclass(frozen=True)
class PlaceOptions:
    """Where to work and on what."""

    workspace: Annotated[Path, Option(help="Folder that holds pairs, codec and banks.")] = DEFAULT
    device: Annotated[DeviceName, Option(help="Where to compute; auto takes CUDA if there is one.")] = "auto"
    fresh: Annotated[bool, Option("--fresh", help="Start over, whatever is there.")] = False


@dataclass(frozen=True)
class InfoOptions:
    """Who the style is: what its file says to people."""

    title: Annotated[str, Option(help="Title of the style's picture; the style's name without it.")] = ""
    artist: Annotated[str, Option(help="Who made that picture.")] = ""
    year: Annotated[str, Option(help="When.")] = ""
    licence: Annotated[str, Option(help="Under which licence the style file may be used.")] = ""

    def info(self, style: str) -> StyleInfo:
        """Return what the file of `style` says."""
        return StyleInfo(self.title or style, self.artist, self.year, self.licence)


@dataclass(frozen=True)
class TrainingOptions:
    """How long and on which crops to train."""

    steps: Annotated[int, Option(min=1, help="Training steps in all.")] = TRAINING.steps
    batch: Annotated[int, Option(min=1, help="Crops or pairs a step.")] = TRAINING.batch
    crop_px: Annotated[
        int | None,
        Option(
            min=32,
            show_default="the photographs' short side",
            help="Side of the square crops of photographs; a multiple of 16. Pairs are seen whole.",
        ),
    ] = TRAINING.crop_px
    photo_px: Annotated[str, Option(metavar="PX[:PX]", help="Short side to resize photographs to, or a range.")] = "288"
    count: Annotated[int | None, Option(min=1, help="Use only the first N photographs by name, or pairs.")] = None
    learning_rate: Annotated[float, Option(min=1e-8, max=1.0, help="Peak learning rate.")] = TRAINING.learning_rate
    optimizer: Annotated[
        OptimizerName,
        Option(
            help="soap: Adam along the axes of the gradients' covariance, in fewer steps; adam; sgd: plain descent."
        ),
    ] = TRAINING.optimizer
    hard_pictures: Annotated[
        int,
        Option(
            min=0,
            help="Draw so many pages, screens, nights, faces …, which photographs lack; one crop in ten is of them.",
        ),
    ] = TRAINING.hard_pictures
    seed: Annotated[int, Option(min=0, help="Seed of first weights and crops.")] = TRAINING.seed
    sample_every: Annotated[int, Option(min=0, help="Write a sample grid every N steps; 0 for none.")] = (
        TRAINING.sample_every
    )

    def settings(self) -> TrainingSettings:
        """Return these options as the training takes them."""
        return TrainingSettings(
            steps=self.steps,
            batch=self.batch,
            crop_px=self.crop_px,
            learning_rate=self.learning_rate,
            optimizer=self.optimizer,
            seed=self.seed,
            sample_every=self.sample_every,
            hard_pictures=self.hard_pictures,
        )

    def photo_range(self) -> tuple[int, int]:
        """Return the smallest and the largest short side; raises NstError when --photo-px is not a size or a range."""
        low, _, high = self.photo_px.partition(":")
        try:
            ends = int(low), int(high or low)
        except ValueError:
            ends = (0, 0)
        if not 32 <= ends[0] <= ends[1] <= 4096:
            raise NstError(
                f"--photo-px is {self.photo_px!r}, not a size from 32 to 4096 pixels or a range of sizes",
                "write it as 288 or 288:448",
            )
        return ends


@dataclass(frozen=True)
class JudgeOptions:
    """Who judges stylised pictures, and by which weights."""

    network: Annotated[NetworkName, Option(help="Feature network that judges; random needs no download.")] = (
        JUDGES.network
    )
    weights: Annotated[Path | None, Option(help="Local weights (safetensors, .pth) for --network.")] = JUDGES.weights
    style_layers: Annotated[str, Option(help="Style layers, comma-separated; empty for the network's own.")] = ""
    layer_weights: Annotated[
        str, Option(metavar="N,N,…", help="A weight for each style layer; empty for equal ones.")
    ] = ""
    content_layers: Annotated[
        str, Option(help="Content layers, comma-separated; the loss is their mean. Empty for the network's own.")
    ] = ""
    content_share: Annotated[
        ContentShare, Option(help="What the content loss is a share of: the photos' mean energy, or each crop's own.")
    ] = JUDGES.content_share
    scales: Annotated[int, Option(min=1, max=6, help="Scales of the image pyramid that the style is judged on.")] = (
        JUDGES.scales
    )
    deep_weights: Annotated[
        Path | None,
        Option(help=f"Weights of a second VGG-19, which judges {', '.join(JUDGES.deep_layers)}; e.g. a distilled one."),
    ] = JUDGES.deep_weights
    deep_content_layers: Annotated[
        str, Option(help="Content layers of that second VGG-19, which count as those of --network; e.g. relu4_1.")
    ] = ""
    companion: Annotated[
        list[str] | None,
        Option(
            metavar="NETWORK[=WEIGHTS]",
            help="Another network that judges style, so that what one overlooks the other sees. Once for each.",
        ),
    ] = None
    companion_layers: Annotated[
        list[str] | None, Option(help="A companion's layers, comma-separated, in the same order; none for its own.")
    ] = None
    companion_content_layers: Annotated[
        list[str] | None,
        Option(help="A companion's content layers, which count as those of --network, in the same order."),
    ] = None
    style_px: Annotated[int, Option(min=32, help="Short side of the style picture; larger means larger strokes.")] = (
        JUDGES.style_size_px
    )
    style_weight: Annotated[float, Option(min=0, help="Weight of the style loss, a share of the photos' own.")] = (
        WEIGHTS.style
    )
    deep_weight: Annotated[float, Option(min=0, help="Weight of the deep style loss.")] = WEIGHTS.deep
    companion_weight: Annotated[float, Option(min=0, help="Weight of each companion's style loss.")] = WEIGHTS.companion
    content_weight: Annotated[float, Option(min=0, help="Weight of the content loss, before it regulates itself.")] = (
        WEIGHTS.content
    )
    grid_weight: Annotated[
        float, Option(min=0, help=f"Weight against dots locked to the network's grid of {GRID_PX} px.")
    ] = WEIGHTS.grid
    texture_weight: Annotated[float, Option(min=0, help="Weight of fine texture's energy, against hatching.")] = (
        WEIGHTS.texture
    )
    content_target: Annotated[
        float | None,
        Option(min=0.01, help="Content loss to settle at: 0 is the photo itself, 1 about as far as black is."),
    ] = PERCEPTUAL.content_target
    steady_weight: Annotated[
        float,
        Option(min=0, help="Weight of the picture's change when the photograph has noise, is moved or saved as JPEG."),
    ] = JointWeights.steady
    precision: Annotated[
        Precision, Option(help="Arithmetic of the judges; bf16 is faster on processors that have it.")
    ] = JUDGES.precision

    def settings(self) -> PerceptualSettings:
        """Return these options as the training takes them."""
        judges = JudgeSettings(
            self.network, self.weights, _names(self.style_layers), _numbers("--layer-weights", self.layer_weights),
            _names(self.content_layers), self.content_share, self.scales, self.deep_weights,
            deep_content_layers=_names(self.deep_content_layers), companions=self._companions(),
            style_size_px=self.style_px, precision=self.precision,
        )  # fmt: skip
        weights = PerceptualWeights(
            self.style_weight, self.deep_weight, self.companion_weight, self.content_weight,
            texture=self.texture_weight, grid=self.grid_weight,
        )  # fmt: skip
        return PerceptualSettings(judges, weights, self.content_target)

    def _companions(self) -> tuple[Companion, ...]:
        companions = [_companion(item) for item in self.companion or []]
        names = [companion.network for companion in companions]
        if len(set(names)) < len(names):
            raise NstError(f"--companion names a network twice: {', '.join(names)}", "name each once")
        layers, contents = self.companion_layers or [], self.companion_content_layers or []
        for option, given in (("--companion-layers", layers), ("--companion-content-layers", contents)):
            if len(given) not in (0, len(names)):
                raise NstError(
                    f"{option} is there {len(given)} times, but --companion {len(names)} times",
                    f"give one {option} for each --companion, or none at all",
                )
        return tuple(
            replace(companion, layers=_names(style or ""), content_layers=_names(content or ""))
            for companion, style, content in zip_longest(companions, layers, contents)
        )


def _companion(item: str) -> Companion:
    """Return the companion that ``NETWORK[=WEIGHTS]`` names; raises NstError for a network that there is not."""
    name, _, weights = item.partition("=")
    for network in NETWORK_NAMES:
        if network == name:
            return Companion(network, Path(weights) if weights else None)
    raise NstError(
        f"--companion {item!r}: there is no network {name!r}; there are {', '.join(NETWORK_NAMES)}",
        "write NETWORK or NETWORK=WEIGHTS",
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _numbers(option: str, text: str) -> tuple[float, ...]:
    """Return the positive numbers in `text`, separated by commas; raises NstError for anything else."""
    try:
        numbers = tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        numbers = (0.0,)
    if not all(0 < number < 1e9 for number in numbers):
        raise NstError(f"{option} is {text!r}, not positive numbers separated by commas", "write it as 1,2,4")
    return numbers


def parse_styles(items: list[str]) -> list[StyleSource]:
    """Return the styles of a list of ``NAME=PICTURE``; raises NstError for another form, or a name given twice."""
    styles = []
    for item in items:
        name, equals, picture = item.partition("=")
        if not equals or not picture:
            raise NstError(f"--styles is {item!r}, not NAME=PICTURE", "write it as waves=great_wave.jpg")
        styles.append(find_style(name, Path(picture)))
    names = [style.name for style in styles]
    if len(set(names)) < len(names):
        raise NstError(f"--styles names a style twice: {', '.join(names)}", "give each style a name of its own")
    return styles


def find_style(name: str, picture: Path) -> StyleSource:
    """Return the style `name`; raises NstError when its picture is not there."""
    if not picture.is_file():
        raise NstError(f"no style picture at {picture}", "give a picture file")
    return StyleSource(check_name(name), picture)
