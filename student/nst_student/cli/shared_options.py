"""Options that the trainings of codec and bank share, and the photographs that they name."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nst_features.names import DeviceName
from nst_runtime.cli.output import say
from nst_student.recipes.recipe import Recipe
from nst_student.recipes.settings import PhotoSettings, StudentSettings

if TYPE_CHECKING:
    from nst_student.data.batches import Pixels

LISTED = "nst-student recipes --explain"
RecipeOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="A recipe, see nst-student recipes, or a .toml file; options change it."),
]
WorkspaceOption = Annotated[Path, typer.Option(metavar="DIR", help="Folder that holds pairs, codec and styles.")]
DeviceOption = Annotated[DeviceName, typer.Option(help="Where to compute; auto takes CUDA if there is one.")]
FreshOption = Annotated[bool, typer.Option("--fresh", help="Start over, whatever is there.")]


def photographs(content: Path, settings: PhotoSettings) -> "Callable[[], list[Pixels]]":
    """Return what reads the photographs, which takes a while; raises NstError when there is no such folder."""
    from nst_runtime.pictures.read import list_pictures
    from nst_student.cli.progress import warn_skipped
    from nst_student.data.photos import load_photos

    list_pictures(content)
    return lambda: load_photos(content, short_sides_px=settings.range_px, limit=settings.count, skipped=warn_skipped)


def tell_plan(recipe: Recipe, stages: Sequence[tuple[str, StudentSettings]]) -> None:
    """Say what a training will do before it begins; how long that takes shows after its first steps."""
    if recipe.name:
        say(f"the recipe {recipe.name}: {recipe.summary}")
    steps = ", ".join(f"{name} {settings.training.steps} steps".lstrip() for name, settings in stages)
    say(f"{steps}; the time left is shown after the first ones")
