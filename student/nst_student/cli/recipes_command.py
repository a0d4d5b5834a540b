"""``nst-student recipes``: what there is, and every setting that a recipe may have."""

from typing import Annotated, Any

import typer

from nst_runtime.cli.explain import explain, explain_json, to_toml
from nst_runtime.cli.options import JsonOption
from nst_runtime.cli.output import print_json, print_table
from nst_runtime.errors import NstError
from nst_student.recipes.recipe import PLAIN, Recipe, Stage, load_recipe, recipe_names

EPILOG = """\b
Examples:
  nst-student recipes
  nst-student recipes quick --explain
  nst-student recipes quick --explain > mine.toml
"""


def recipes(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A recipe, or a .toml file; without it every default.")
    ] = None,
    explained: Annotated[
        bool, typer.Option("--explain", help="Print every setting: meaning, valid values, default, value.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the recipes, for --recipe NAME of train-bank and train-codec.

    What --explain prints is a recipe itself: keep it in a file, change it, and give the file as --recipe. A recipe with
    stages is several trainings in a row; a stage says what it has other than the whole.
    """
    if name is not None and not explained:
        raise NstError(f"{name} would change nothing in the list", f"give {name} --explain, or leave it out")
    if explained:
        recipe = PLAIN if name is None else load_recipe(name)
        print_json(_explained(recipe)) if as_json else print(_as_file(recipe))
        return
    found = [load_recipe(each) for each in recipe_names()]
    if as_json:
        print_json([_about(recipe) for recipe in found])
    else:
        print_table([("NAME", "TRAINS", "SUMMARY"), *((r.name, r.trains, r.summary) for r in found)])


def _about(recipe: Recipe) -> dict[str, Any]:
    return {"name": recipe.name, "trains": recipe.trains, "summary": recipe.summary}


def _explained(recipe: Recipe) -> dict[str, Any]:
    stages = [{"name": stage.name, **stage.sections} for stage in recipe.stages]
    return {**_about(recipe), "settings": explain_json(recipe.settings()), "stages": stages}


def _as_file(recipe: Recipe) -> str:
    """Return the recipe as a file that says of every setting what it means."""
    head = [f"{key} = {to_toml(value)}" for key, value in _about(recipe).items() if recipe.name and key != "name"]
    parts = [*head, "" if head else None, explain(recipe.settings()), *map(_stage, recipe.stages)]
    return "\n".join(part for part in parts if part is not None)


def _stage(stage: Stage) -> str:
    lines = ["", "[[stages]]", f"name = {to_toml(stage.name)}"]
    return "\n".join([*lines, *(f"{section} = {to_toml(values)}" for section, values in stage.sections.items())])
