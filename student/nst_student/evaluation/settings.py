"""What can be set of a measurement besides what is measured and on what; this module loads nothing that computes."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from nst_features.names import Precision
from nst_runtime.contracts.settings import Setting

FigureName = Literal["quality", "gains", "border", "lattice", "perceptual"]


@dataclass(frozen=True)
class MeasureSettings:
    """What to measure, at which sizes, and by which networks.

    Raises ValueError for no figures at all, and for clips that nothing is measured on.
    """

    figures: Annotated[
        tuple[FigureName, ...], Setting("What to measure: some of quality, gains, border, lattice, perceptual.")
    ] = ("quality", "gains", "border", "lattice")
    sizes: Annotated[
        tuple[int, ...],
        Setting(
            "Short sides of the photographs, in px, at which to measure quality as well: a row STYLE@PX for each.",
            64, 4096, usual="384 px alone",
        ),
    ] = ()  # fmt: skip
    clips: Annotated[
        Path | None,
        Setting(
            "A folder of video files (needs PyAV), or of folders of frames, for the figure frame_gain.",
            usual="frame_gain is left out",
        ),
    ] = None
    weights: Annotated[
        Path, Setting("Weights of the VGG-19 that judges to relu3_1: a file or a known name, not those trained with.")
    ] = Path("vgg19_torchvision_conv3_1")
    deep_weights: Annotated[
        Path, Setting("Weights of the VGG-19 that judges relu4_1 and relu5_1: a file or a known name.")
    ] = Path("vgg19_distilled16x_conv5_1")
    precision: Annotated[Precision, Setting("Arithmetic of these networks.")] = "fp32"

    def __post_init__(self) -> None:
        if not self.figures:
            raise ValueError("`figures` is empty, so that there is nothing to measure")
        if self.clips is not None and "gains" not in self.figures:
            raise ValueError("`clips` is for frame_gain, but `figures` lacks gains")

    @property
    def needs_meter(self) -> bool:
        """Whether networks have to judge."""
        return "quality" in self.figures or bool(self.sizes)


@dataclass(frozen=True)
class SheetSettings:
    """The contact sheet of photographs, paintings and stylised pictures.

    Raises ValueError for teacher's pictures without a sheet to show them on.
    """

    file: Annotated[
        Path | None,
        Setting(
            "A picture file for a contact sheet of the first 6 photographs, paintings and stylised pictures.",
            usual="there is no sheet",
        ),
    ] = None
    gatys: Annotated[
        Path | None,
        Setting(
            "A folder of the teacher's pictures to show: STYLE/STEM.png for each photograph's STEM, or STEM.png where "
            "one style is measured.",
            usual="none are shown",
        ),
    ] = None

    def __post_init__(self) -> None:
        if self.gatys is not None and self.file is None:
            raise ValueError("`gatys` is for the contact sheet, but there is no sheet `file`")


@dataclass(frozen=True)
class OnnxSettings:
    """How ONNX graphs of others take pictures."""

    white: Annotated[Literal["1", "255"], Setting("White in the pictures that the graphs take and give.")] = "1"


@dataclass(frozen=True)
class EvaluateSettings:
    """All settings of ``nst-student evaluate``."""

    measure: MeasureSettings = field(default_factory=MeasureSettings)
    sheet: SheetSettings = field(default_factory=SheetSettings)
    onnx: OnnxSettings = field(default_factory=OnnxSettings)
