"""``nst-student recipes``: what there is, and every setting that a recipe may have."""

import json
from typing import Annotated

import typer

from nst_runtime.cli.explain import explain, explain_json
from nst_runtime.cli.options import JsonOption
from nst_runtime.cli.output import print_table
from nst_runtime.errors import NstError
from nst_student.recipes.recipe import load_recipe, recipe_names
from nst_student.recipes.settings import StudentSettings

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

    What --explain prints is a recipe itself: keep it in a file, change it, and give the file as --recipe. The values of
    stages come after those of the whole; docs/training.md says how.
    """
    if name is not None and not explained:
        raise NstError(f"what of the recipe {name}?", "add --explain")
    if explained:
        settings = StudentSettings() if name is None else load_recipe(name).settings()
        print(json.dumps(explain_json(settings), indent=2) if as_json else explain(settings))
        return
    found = [load_recipe(each) for each in recipe_names()]
    if as_json:
        print(json.dumps([{"name": r.name, "trains": r.trains, "summary": r.summary} for r in found], indent=2))
    else:
        print_table([("NAME", "TRAINS", "SUMMARY"), *((r.name, r.trains, r.summary) for r in found)])
