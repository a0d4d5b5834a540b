"""Recipes: settings that go together, as small TOML files, in one stage or in several that follow each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from nst_runtime.contracts.names import check_name
from nst_runtime.contracts.records import from_json
from nst_runtime.contracts.settings import Sections, apply, entries, merge
from nst_runtime.contracts.toml import parse_toml, read_toml
from nst_runtime.errors import NstError
from nst_student.recipes.settings import LAYERS, JudgeSettings, StudentSettings, kind_of_network

_FOLDER = files("nst_student").joinpath("recipes")
Trains = Literal["bank", "codec"]
ONCE = ("training.objective", "training.architecture", "photos.pairs")  # no stage can change these


@dataclass(frozen=True)
class Stage:
    """One of several trainings, each of which begins with what the one before it ended with."""

    name: str
    sections: Sections


@dataclass(frozen=True)
class Recipe:
    """A recipe: its name, what it is for in a line, what it trains, its settings by section, and its stages."""

    name: str
    summary: str
    trains: Trains
    sections: Sections
    stages: tuple[Stage, ...] = ()

    def settings(self) -> StudentSettings:
        """Return the settings that all stages share."""
        return apply(StudentSettings(), self.sections)

    def planned(self, given: Sections) -> list[tuple[str, StudentSettings]]:
        """Return each stage's name and settings, with the values `given` in place of the recipe's.

        A recipe without stages is one, which has no name. Raises NstError as `apply` does.
        """
        stages: Sequence[Stage] = self.stages or (Stage("", {}),)
        own = _without_foreign_judges(self.sections, given)
        return [(stage.name, apply(StudentSettings(), merge(own, stage.sections, given))) for stage in stages]


def _without_foreign_judges(sections: Sections, given: Sections) -> Sections:
    """Return `sections` without what belongs to what is `given` otherwise.

    That are the weights of another network, the layers of another kind of network, and the numbers of other layers.
    """
    judges, others = sections.get("judges", {}), given.get("judges", {})
    own = judges.get("network", JudgeSettings.network)
    other = others.get("network", own)
    foreign = {"weights"} if other != own else set()
    foreign |= set(LAYERS) if kind_of_network(other) != kind_of_network(own) else set()
    foreign |= {"layer_weights"} if "layers" in others else set()
    return {**sections, "judges": {name: value for name, value in judges.items() if name not in foreign}}


PLAIN = Recipe("", "", "bank", {})
"""No recipe: every setting has its default."""


@dataclass(frozen=True)
class _Head:
    """The keys of a recipe file beside its sections."""

    summary: str = ""
    extends: str = ""
    trains: Trains = "bank"
    stages: tuple[Mapping[str, Any], ...] = ()


def recipe_names() -> tuple[str, ...]:
    """Return the names of the recipes that come with the package."""
    found = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def load_recipe(name: str) -> Recipe:
    """Return the recipe called `name`, or the one in the file `name`, which then ends in ``.toml``.

    Raises NstError for an unknown name (it lists those there are), for a file that is not a recipe, and for settings
    that do not exist or have another type.
    """
    return _load(name, ())


def _load(name: str, extending: tuple[str, ...]) -> Recipe:
    """Return the recipe `name`, which those in `extending` extend, one after the other."""
    if name in extending:
        raise NstError(f"the recipe {name} extends itself", "let it extend another one, or none")
    if name.endswith(".toml"):
        content = read_toml(Path(name), f"the recipe {name}")
    elif name in recipe_names():
        content = parse_toml(_FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8"), f"the recipe {name}")
    else:
        raise NstError(
            f"there is no recipe {name!r}; there are {', '.join(recipe_names())}", "name one of these, or a .toml file"
        )
    return _recipe(Path(name).stem, content, (*extending, name))


def _recipe(name: str, content: dict[str, Any], extending: tuple[str, ...]) -> Recipe:
    known = {entry.section for entry in entries(StudentSettings)}
    sections = {key: content.pop(key) for key in known & content.keys()}
    try:
        head = from_json(_Head, content)
    except ValueError as error:
        raise NstError(
            f"the recipe {name}: {error}", f"beside summary, extends, trains and stages there are {_listed(known)}"
        ) from error
    parent = _load(head.extends, extending) if head.extends else PLAIN
    stages = tuple(_stage(stage, known, name) for stage in head.stages) or parent.stages
    trains = head.trains if "trains" in content or not head.extends else parent.trains
    recipe = Recipe(name, head.summary or parent.summary, trains, merge(parent.sections, sections), stages)
    try:
        recipe.planned({})
    except NstError as error:
        raise NstError(f"the recipe {name}: {error.message}", error.hint) from error
    return recipe


def _stage(content: Mapping[str, Any], known: set[str], recipe: str) -> Stage:
    """Return the stage that a table of ``[[stages]]`` describes."""
    if "name" not in content:
        raise NstError(f"a stage of the recipe {recipe} has no name", "give each stage a name")
    sections = {key: value for key, value in content.items() if key != "name"}
    if unknown := sorted(sections.keys() - known):
        raise NstError(f"the recipe {recipe}: there is no section {unknown[0]}", f"there are {_listed(known)}")
    for key in ONCE:
        section, _, name = key.partition(".")
        if name in sections.get(section, {}):
            raise NstError(f"the recipe {recipe}: {key} is the same in all stages", f"write it into [{section}]")
    return Stage(check_name(content["name"], "stage"), sections)


def _listed(names: set[str]) -> str:
    return ", ".join(f"[{name}]" for name in sorted(names))
