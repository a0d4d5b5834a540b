"""``nst-student train-bank``: one style, on a codec that stays as it is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nst_runtime.cli.output import say
from nst_runtime.cli.settings_options import Given, with_settings
from nst_runtime.contracts.workspace import DEFAULT, Workspace
from nst_runtime.errors import NstError
from nst_student.cli.idle_settings import BANK, refuse_idle
from nst_student.cli.shared_options import (
    LISTED,
    DeviceOption,
    FreshOption,
    RecipeOption,
    WorkspaceOption,
    photographs,
    tell_plan,
)
from nst_student.recipes.recipe import PLAIN, Recipe, load_recipe
from nst_student.recipes.settings import Objective, StudentSettings, StyleSource, find_style
from nst_student.recipes.weights import settle_weights

if TYPE_CHECKING:
    from nst_student.data.pairs import PixelPair
    from nst_student.training.stages import ReadPairs, ReadPhotos, Stages

QUICK = "quick"
EPILOG = """\b
Examples:
  nst-student train-bank --style mine --style-image painting.jpg --content photos
  nst-student train-bank --style mine --style-image painting.jpg --content photos --recipe fine
  nst-student train-bank --style waves --set losses.grid=200 --style-image wave.jpg --content photos
"""


@with_settings(
    StudentSettings,
    ("judges.weights", "training.steps", "info.title"),
    listed=LISTED,
    usual={"training": {"steps": "the recipe's"}},
    without={
        "training.mode": "it is for train-codec",
        "training.architecture": "a bank is of its codec's",
        "losses.reconstruction": "the codec stays as it is",
    },
)
def train_bank(
    style: Annotated[str, typer.Option(metavar="NAME", help="Name of the style.")],
    style_image: Annotated[Path | None, typer.Option(metavar="FILE", help="The style's picture.")] = None,
    content: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of photographs; without it the teacher's pairs teach.")
    ] = None,
    recipe: RecipeOption = None,
    *,
    given: Given,
    start: Annotated[Path | None, typer.Option(metavar="FILE", help="A style file of the codec to begin with.")] = None,
    workspace: WorkspaceOption = DEFAULT,
    fresh: FreshOption = False,
    device: DeviceOption = "auto",
) -> None:
    """Train one style.

    The codec and all other styles stay as they are. The result is the style file
    WORKSPACE/styles/NAME.safetensors, which nst-runtime takes as it is.

    With a picture and photographs, networks compare what the bank paints with both; the recipe is quick then, unless
    --recipe says otherwise, and takes about five minutes on two processor cores. With neither, the bank learns the
    pairs that nst-teacher generate made.
    """
    place = Workspace(workspace)
    chosen, objective = _choose(recipe, given, judged=content is not None or style_image is not None)
    stages = chosen.planned(given)
    refuse_idle(given, [settings for _, settings in stages], BANK[objective])
    source = _source(style, objective, style_image)
    photos, pairs = _lessons(content, objective, stages[0][1], place, style)
    if objective != "pixels":
        stages = [(name, settle_weights(settings, given)) for name, settings in stages]
    tell_plan(chosen, stages)
    _train(place, source, stages, objective, photos, pairs, start, fresh=fresh, device=device)
    print(place.style(style))


def _choose(name: str | None, given: Given, *, judged: bool) -> tuple[Recipe, Objective]:
    """Return the recipe and the objective; raises NstError for a recipe of codecs."""
    chosen = PLAIN if name is None else load_recipe(name)
    if chosen.trains != "bank":
        raise NstError(f"the recipe {chosen.name} trains a codec", "give it to nst-student train-codec")
    said: Objective | None = chosen.planned(given)[0][1].objective
    objective: Objective = said or ("perceptual" if judged else "pixels")
    if name is None and objective == "perceptual":
        chosen = load_recipe(QUICK)
    return chosen, objective


def _source(style: str, objective: Objective, picture: Path | None) -> StyleSource:
    if objective == "pixels":
        if picture is not None:
            raise NstError("`style_image` is for judges, and `objective` is pixels", "leave it out, or give `content`")
        return StyleSource(style, Path())
    if picture is None:
        raise NstError(f"`objective` {objective} needs the style's picture", "give it as `style_image`")
    return find_style(style, picture)


def _lessons(
    content: Path | None, objective: Objective, settings: StudentSettings, place: Workspace, style: str
) -> "tuple[ReadPhotos, ReadPairs]":
    """Return what reads the photographs and the pairs, which takes a while; raises NstError when there are none."""
    from nst_runtime.contracts.pairs import read_pairs

    if objective == "perceptual":
        if content is None:
            raise NstError("`objective` perceptual needs photographs", "give a folder of them as `content`")
        photographs(content, settings.photos)
        return (lambda wanted: photographs(content, wanted)()), list
    if content is not None:
        raise NstError(f"`objective` {objective} learns from pairs, not from `content`", "leave one of the two out")
    folder = settings.photos.pairs or place.pairs(style)
    read_pairs(folder)

    def load() -> "list[PixelPair]":
        from nst_student.data.pairs import load_pairs

        return load_pairs(folder)[: settings.photos.count]

    return (lambda _: []), load


def _train(
    place: Workspace,
    source: StyleSource,
    stages: "Stages",
    objective: Objective,
    photos: "ReadPhotos",
    pairs: "ReadPairs",
    start: Path | None,
    *,
    fresh: bool,
    device: DeviceOption,
) -> None:
    say("loading torch")
    from nst_features.device import pick_device
    from nst_student.cli.progress import show
    from nst_student.networks.checkpoint import CODEC_FILE
    from nst_student.networks.shipped import place_codec
    from nst_student.training.stages import train_bank_in_stages

    _tell_taken(source.name, place)
    if place_codec(place.codec / CODEC_FILE):
        say(f"{place.root} has no codec of its own; the bank is trained for the shipped one")
    for name, progress in train_bank_in_stages(
        place, source, stages, pick_device(device),
        objective=objective, photos=photos, pairs=pairs, start=start, fresh=fresh,
    ):  # fmt: skip
        show(progress, f"bank {source.name} ({name or objective})")


def _tell_taken(style: str, place: Workspace) -> None:
    """Say so where programs find another style by this name: the new one is reached by its file alone then."""
    from nst_runtime.contracts.library import open_library

    try:
        found = open_library(workspace=place.root).find(style)
    except NstError:
        return
    if found.origin != "workspace":
        say(f"programs find {found.path} by the name {style}; choose another name, or give the new file itself")
