"""Presets: each paper's method as a small TOML file that says where in the paper its values are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from nst_runtime.contracts.records import convert
from nst_runtime.contracts.settings import Sections, apply, merge
from nst_runtime.contracts.toml import parse_toml, read_toml
from nst_runtime.errors import NstError
from nst_teacher.settings.method import Method
from nst_teacher.settings.teacher_settings import TeacherSettings

_FOLDER = files("nst_teacher").joinpath("settings", "presets")
_ABOUT = ("paper", "source", "summary")


@dataclass(frozen=True)
class Preset:
    """A paper's method: where it is from, what it is in a line, and its values by section and name."""

    name: str
    paper: str = ""
    source: str = ""
    summary: str = ""
    sections: Sections = field(default_factory=dict)

    def method(self, given: Sections | None = None) -> Method:
        """Return the method with the values `given` in place of the preset's; raises NstError."""
        return choose(self.sections, given or {}).method


def choose(base: Sections, given: Sections) -> TeacherSettings:
    """Return the settings that `base`, such as a preset, has, with the values `given` in place of its own.

    Layers that are given without weights drop the weights of the others; a start that is given as a picture or a bank
    says what kind of start it is. Raises NstError for what cannot be.
    """
    sections = merge(base, given)
    network = given.get("network", {})
    for layers, weights in (("style_layers", "layer_weights"), ("content_layers", "content_layer_weights")):
        if layers in network and weights not in network:
            sections["network"][weights] = None
    optimisation = given.get("optimisation", {})
    for key, start in (("start_picture", "file"), ("start_bank", "bank")):
        if key in optimisation and "start" not in optimisation:
            sections["optimisation"]["start"] = start
    return apply(TeacherSettings(), sections)


def preset_names() -> tuple[str, ...]:
    """Return the names of the presets that come with the package."""
    found = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def load_preset(name: str) -> Preset:
    """Return the preset called `name`, or the one in the file `name`, which then ends in ``.toml``.

    Raises NstError for an unknown name (it lists those there are) and for a file that is not a preset.
    """
    return _load(name, ())


def _load(name: str, extending: tuple[str, ...]) -> Preset:
    if name in extending:
        raise NstError(f"preset {name} extends itself", "let it extend another, or none")
    if name.endswith(".toml"):
        return _parse(name, read_toml(Path(name), f"preset {name}"), extending)
    if name not in preset_names():
        raise NstError(
            f"no preset {name!r}; there are {', '.join(preset_names())}", "name one of these, or a .toml file"
        )
    text = _FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return _parse(name, parse_toml(text, f"preset {name}"), extending)


def _parse(name: str, content: dict[str, Any], extending: tuple[str, ...]) -> Preset:
    about = {key: _as_text(name, key, content.pop(key)) for key in (*_ABOUT, "extends") if key in content}
    if loose := [key for key, value in content.items() if not isinstance(value, dict)]:
        raise NstError(
            f"preset {name}: {loose[0]} stands in no section",
            f"write it below its [section]; above them there are {', '.join(_ABOUT)} and extends",
        )
    parent = _load(about.pop("extends"), (*extending, name)) if "extends" in about else Preset(name)
    inherited = {key: getattr(parent, key) for key in _ABOUT}
    preset = Preset(Path(name).stem, **(inherited | about), sections=merge(parent.sections, content))
    _check(name, preset.sections)
    return preset


def _as_text(name: str, key: str, value: Any) -> str:  # noqa: ANN401 (of TOML's types)
    try:
        return str(convert(str, value, key))
    except ValueError as error:
        raise NstError(f"preset {name}: {error}", "write it in quotes") from error


def _check(name: str, sections: Mapping[str, Mapping[str, Any]]) -> None:
    try:
        choose(sections, {})
    except NstError as error:
        raise NstError(f"preset {name}: {error.message}", error.hint) from error
