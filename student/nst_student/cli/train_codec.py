"""``nst-student train-codec``: encoder and decoder for all styles, and the styles trained with them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nst_runtime.cli.output import say
from nst_runtime.cli.settings_options import Given, with_settings
from nst_runtime.contracts.catalogue import StyleInfo, read_catalogue
from nst_runtime.contracts.workspace import DEFAULT, Workspace
from nst_runtime.errors import NstError
from nst_student.cli.idle_settings import CODEC, refuse_idle
from nst_student.cli.shared_options import (
    LISTED,
    DeviceOption,
    FreshOption,
    RecipeOption,
    WorkspaceOption,
    photographs,
    tell_plan,
)
from nst_student.recipes.recipe import PLAIN, load_recipe
from nst_student.recipes.settings import CodecMode, StudentSettings, StyleSource, TrainingSettings, find_style
from nst_student.recipes.weights import settle_weights

if TYPE_CHECKING:
    from nst_student.training.stages import Stages

EPILOG = """\b
Examples:
  nst-student train-codec --content photos --styles waves=wave.jpg --styles scream=scream.jpg
  nst-student train-codec --content photos --mode reconstruct --steps 800
  nst-student train-codec --content photos --recipe pack --catalogue catalogue.toml --pictures paintings
"""
INFO = "one command trains many styles; --catalogue says who they are"


@with_settings(
    StudentSettings,
    ("training.mode", "training.steps"),
    listed=LISTED,
    usual={"training": {"steps": f"the recipe's, or {TrainingSettings.steps}"}},
    without={
        "training.objective": "it is for train-bank",
        "losses.pixels": "it is for train-bank",
        "photos.pairs": "it is for train-bank",
        **{f"info.{name}": INFO for name in ("title", "artist", "year", "licence")},
    },
)
def train_codec(
    content: Annotated[Path, typer.Option(metavar="DIR", help="Folder of photographs.")],
    styles: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FILE", help="A style and its picture; once for each."),
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Instead: a TOML file of styles, their titles and pictures.")
    ] = None,
    pictures: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the catalogue's pictures.")] = None,
    recipe: RecipeOption = None,
    *,
    given: Given,
    start: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A codec to begin with, such as one that reconstructs.")
    ] = None,
    workspace: WorkspaceOption = DEFAULT,
    fresh: FreshOption = False,
    device: DeviceOption = "auto",
) -> None:
    """Train the encoder and the decoder that all styles share.

    In the mode joint the styles are trained with them, so that their strokes get through. Prints the paths of the codec
    and of the style files. The stages of a recipe follow each other, and a command that was stopped goes on.
    """
    place = Workspace(workspace)
    chosen = PLAIN if recipe is None else load_recipe(recipe)
    if recipe is not None and chosen.trains != "codec":
        raise NstError(f"the recipe {chosen.name} trains a bank", "give it to nst-student train-bank")
    stages = chosen.planned(given)
    refuse_idle(given, [settings for _, settings in stages], CODEC)
    sources, infos = _styles(styles or [], catalogue, pictures)
    _check_styles(sources, [settings.mode for _, settings in stages])
    stages = [(name, settle_weights(each, given) if each.mode == "joint" else each) for name, each in stages]
    tell_plan(chosen, stages)
    _train(place, sources, infos, stages, content, start, fresh=fresh, device=device)
    print(place.codec / "codec.safetensors")
    for source in sources:
        print(place.style(source.name))


def _check_styles(sources: Sequence[StyleSource], modes: Sequence[CodecMode]) -> None:
    """Raise NstError where styles are lacking, or would not be trained."""
    if "joint" in modes and not sources:
        raise NstError("a joint training needs styles and their pictures", "give `styles`, or `catalogue`")
    if sources and modes[-1] != "joint":
        raise NstError(
            "styles are trained in joint trainings, and `mode` is reconstruct", "leave them out, or set `mode` to joint"
        )


def _styles(
    items: list[str], catalogue: Path | None, pictures: Path | None
) -> tuple[list[StyleSource], Mapping[str, StyleInfo]]:
    """Return the styles that were named, and what is known of them; raises NstError for what does not go together."""
    if catalogue is None and pictures is None:
        return parse_styles(items), {}
    if catalogue is None or pictures is None:
        raise NstError("`catalogue` and `pictures` go together", "give both, or neither")
    if items:
        raise NstError("`styles` and `catalogue` both name styles", "leave one of them out")
    found = read_catalogue(catalogue)
    return [find_style(name, pictures / entry.picture) for name, entry in found.items()], {
        name: entry.info for name, entry in found.items()
    }


def parse_styles(items: list[str]) -> list[StyleSource]:
    """Return the styles of a list of ``NAME=FILE``; raises NstError for another form, or a name given twice."""
    found = []
    for item in items:
        name, equals, picture = item.partition("=")
        if not equals or not picture:
            raise NstError(f"`styles` is {item!r}, not NAME=FILE", "write it as waves=great_wave.jpg")
        found.append(find_style(name, Path(picture)))
    names = [style.name for style in found]
    if len(set(names)) < len(names):
        raise NstError(f"`styles` names a style twice: {', '.join(names)}", "give each style a name of its own")
    return found


def _train(
    place: Workspace,
    sources: Sequence[StyleSource],
    infos: Mapping[str, StyleInfo],
    stages: "Stages",
    content: Path,
    start: Path | None,
    *,
    fresh: bool,
    device: DeviceOption,
) -> None:
    say("loading torch")
    from nst_features.device import pick_device
    from nst_student.cli.progress import show
    from nst_student.training.stages import train_codec_in_stages

    photographs(content, stages[0][1].photos)
    for name, progress in train_codec_in_stages(
        place, sources, stages, pick_device(device),
        photos=lambda wanted: photographs(content, wanted)(), infos=infos, start=start, fresh=fresh,
    ):  # fmt: skip
        show(progress, f"codec ({name or stages[-1][1].mode})")
