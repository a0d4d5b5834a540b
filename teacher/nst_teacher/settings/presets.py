"""Presets: each paper's method as a small TOML file that says where in the paper its values are."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from nst_runtime.errors import NstError
from nst_teacher.settings.method import Method
from nst_teacher.settings.method_table import Table, convert, from_table

_FOLDER = files("nst_teacher").joinpath("settings", "presets")
_KEYS: dict[str, Any] = {
    "paper": str,
    "source": str,
    "summary": str,
    "extends": str,
    "size_px": int,
    "count": int,
    "snapshots": tuple[int, ...],
}


@dataclass(frozen=True)
class Preset:
    """A paper's method: where it is from, what it is in a line, and its `table` (see `method_table`).

    `size_px` is the short side of its pictures, `count` its number of pairs a style, `snapshots` the iterations it
    shows; None and empty where the paper does not say.
    """

    name: str
    paper: str
    source: str
    summary: str
    table: Mapping[str, Any] = field(default_factory=dict)
    size_px: int | None = None
    count: int | None = None
    snapshots: tuple[int, ...] = ()

    def method(self, overrides: Mapping[str, Any] | None = None) -> Method:
        """Return the method with the values of `overrides`, a table, in place of the preset's; raises NstError."""
        table = {**self.table, **(overrides or {})}
        for layers, weights in (("style_layers", "layer_weights"), ("content_layers", "content_layer_weights")):
            if overrides and layers in overrides and weights not in overrides:
                table[weights] = None  # they were the other layers'
        return from_table(table)


def preset_names() -> tuple[str, ...]:
    """Return the names of the presets that come with the package."""
    found = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def load_preset(name: str) -> Preset:
    """Return the preset called `name`, or the one in the file `name`, which then ends in ``.toml``.

    Raises NstError for an unknown name (it lists those there are) and for a file that is no preset.
    """
    if name.endswith(".toml"):
        return _parse(Path(name).stem, _read_file(Path(name)))
    if name not in preset_names():
        raise NstError(
            f"no preset {name!r}; there are {', '.join(preset_names())}", "name one of these, or a .toml file"
        )
    return _parse(name, _FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise NstError(f"cannot read the preset {path}: {error.strerror or error}", "check the path") from error
    except UnicodeDecodeError as error:
        raise NstError(f"preset {path} is not text in UTF-8", "save it as UTF-8") from error


def _parse(name: str, text: str) -> Preset:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NstError(f"preset {name} is not TOML: {error}", "correct that line") from error
    method: Table = content.pop("method", {})
    if unknown := [key for key in content if key not in _KEYS]:
        raise NstError(f"preset {name}: unknown key {unknown[0]!r}; there are {', '.join(_KEYS)} and [method]")
    values = {key: convert(_KEYS[key], value, f"preset {name}: {key}") for key, value in content.items()}
    parent = load_preset(values.pop("extends")) if "extends" in values else None
    if parent is not None:
        method = {**parent.table, **method}
        values = {key: getattr(parent, key) for key in _KEYS if key != "extends"} | values
    if missing := [key for key in ("paper", "source", "summary") if key not in values]:
        raise NstError(f"preset {name} lacks {missing[0]!r}", "add it, or let the preset extend another")
    preset = Preset(name, table=method, **values)
    preset.method()
    return preset
