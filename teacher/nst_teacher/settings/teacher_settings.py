"""All that people can set: the method, and how and where it runs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from nst_features.names import DeviceName
from nst_runtime.contracts.settings import Setting
from nst_teacher.settings.method import Method

EngineName = Literal["local", "ray"]
USUAL_SIZE_PX = 512
USUAL_BATCH = {"cpu": 1, "cuda": 16}


@dataclass(frozen=True)
class Run:
    """What every command can be told; nothing here changes what a picture is but for `size` and `style_blend`."""

    size: Annotated[
        int | None, Setting("Short side of the result in px.", minimum=16, usual=f"the preset's, or {USUAL_SIZE_PX}")
    ] = None
    style_blend: Annotated[
        tuple[str, ...],
        Setting("Further style pictures, as PICTURE=WEIGHT; the style picture itself counts 1.", usual="not a blend"),
    ] = ()
    match_layers: Annotated[
        bool, Setting("Let the nearest layer stand in for one that the network lacks.")
    ] = False  # fmt: skip
    device: Annotated[DeviceName, Setting("Where to compute.")] = "auto"
    threads: Annotated[int | None, Setting("Processor threads.", 1, 256, usual="every core")] = None
    compile: Annotated[
        bool | None,
        Setting("Compile the loss first, which takes a minute.", usual="in long jobs of generate on a GPU"),
    ] = None


@dataclass(frozen=True)
class StylizeSettings:
    """What ``stylize`` alone can be told."""

    save_every: Annotated[
        int | None,
        Setting("Write the best picture so far to OUT every N iterations.", minimum=1, usual="at the end alone"),
    ] = None
    snapshots: Annotated[
        tuple[int, ...], Setting("Write OUT_N, too, after these iterations.", minimum=0, usual="the preset's, or none")
    ] = ()
    preview: Annotated[
        bool, Setting("Show the picture while it is made, on a page at 127.0.0.1 that stderr names.")
    ] = False  # fmt: skip
    preview_port: Annotated[int | None, Setting("Port of the page.", 1, 65535, usual="a free one")] = None


@dataclass(frozen=True)
class GenerateSettings:
    """What ``generate`` alone can be told."""

    count: Annotated[
        int, Setting("How many of the photos; which ones, the seed draws.", minimum=1, paper="Srinath, Yin, Verma, IV")
    ] = 50
    size: Annotated[int, Setting("Side of the pairs in px; photos are cut square.", minimum=16)] = 256
    batch: Annotated[
        int | None,
        Setting("Pictures at once.", minimum=1, usual=f"{USUAL_BATCH['cpu']}, on a GPU {USUAL_BATCH['cuda']}"),
    ] = None
    title: Annotated[str | None, Setting("Title of the style, for people.", usual="the style's name")] = None
    out: Annotated[Path | None, Setting("Write the pairs to this folder.", usual="pairs/STYLE in the workspace")] = None


@dataclass(frozen=True)
class Machines:
    """How ``generate`` shares its work among processes and machines."""

    shard: Annotated[str, Setting("Make part i of n alone, as i/n; auto asks what started the process.")] = "1/1"
    engine: Annotated[EngineName, Setting("Where batches run: in this process, or on a Ray cluster.")] = "local"
    ray_address: Annotated[str | None, Setting("The Ray cluster.", usual="one that runs here")] = None
    worker_cpus: Annotated[int, Setting("Processors of each of Ray's workers.", minimum=1)] = 1


@dataclass(frozen=True)
class TeacherSettings:
    """All settings of nst-teacher, as preset files hold them, in sections."""

    method: Method = field(default_factory=Method)
    run: Run = field(default_factory=Run)
    stylize: StylizeSettings = field(default_factory=StylizeSettings)
    generate: GenerateSettings = field(default_factory=GenerateSettings)
    machines: Machines = field(default_factory=Machines)

    @property
    def size_px(self) -> int:
        """The short side of a picture in px."""
        return USUAL_SIZE_PX if self.run.size is None else self.run.size
