"""Settings that people write: each one's default, meaning and bounds stand once, in the dataclass that has it.

A field ``steps: Annotated[int, Setting("Training steps in all.", minimum=1)] = 8000`` is all there is to a setting: the
commands' options, ``--set SECTION.NAME=VALUE``, the sections of preset and recipe files and the lists of ``--explain``
are made from it.
"""

import dataclasses
import difflib
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from nst_runtime.contracts.records import convert
from nst_runtime.errors import NstError

SettingsT = TypeVar("SettingsT")
Hint = Any
# Values of TOML's types by section and name; None is the default where a setting allows it.
Sections = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Setting:
    """What people are told of a setting, and what is refused.

    `usual` says what happens where the default is None or empty; `paper` is the source of a formula or a value. A
    setting stands in the `section` named here or, without one, in that of its dataclass.
    """

    meaning: str
    minimum: float | None = None
    maximum: float | None = None
    usual: str = ""
    paper: str = ""
    section: str = ""


@dataclass(frozen=True)
class Entry:
    """One setting of a dataclass: its `section`, `name`, type `hint` and `default`, and the `path` of its field."""

    section: str
    name: str
    path: tuple[str, ...]
    hint: Hint
    default: Any
    about: Setting

    @property
    def key(self) -> str:
        """The name as ``--set`` takes it, ``section.name``."""
        return f"{self.section}.{self.name}"

    @property
    def usual(self) -> str:
        """The default as text, or what happens without a value."""
        return show(self.default) or self.about.usual

    @property
    def values(self) -> str:
        """The valid values in a few words: choices, or the type and its bounds."""
        kind, bounds = bare(self.hint), ""
        low, high = self.about.minimum, self.about.maximum
        if low is not None or high is not None:
            bounds = f" {low:g} to {high:g}" if low is not None and high is not None else ""
            bounds = bounds or (f" of at least {low:g}" if low is not None else f" of at most {high:g}")
        if origin_of(kind) is Literal:
            return "|".join(map(str, typing.get_args(kind)))
        if origin_of(kind) is tuple:
            return "list" + bounds
        return {int: "whole number", float: "number", bool: "true|false", Path: "file"}.get(kind, "text") + bounds


def show(value: object) -> str:
    """Return a setting's value as people write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return ",".join(map(show, value))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def entries(record: type[Any]) -> tuple[Entry, ...]:
    """Return the settings of the dataclass `record` and of the dataclasses that its fields hold, section by section.

    A dataclass's settings stand in the section that its field is named after, or its field's Setting names. Raises
    TypeError for a field that is neither a dataclass nor has a Setting, and for two settings of one key.
    """
    found = list(_entries(record, "", (), None))
    sections = list(dict.fromkeys(entry.section for entry in found))
    found.sort(key=lambda entry: sections.index(entry.section))
    keys = [entry.key for entry in found]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise TypeError(f"{record.__name__} has {twice[0]} twice")
    return tuple(found)


def _entries(record: type[Any], section: str, path: tuple[str, ...], usual: object) -> Iterable[Entry]:
    """Yield the settings of `record`, whose defaults are those of `usual`, or its own where that is None."""
    hints = typing.get_type_hints(record, include_extras=True)
    for field in dataclasses.fields(record):
        hint, about = _take_apart(hints[field.name])
        own, place = about.section if about else "", (*path, field.name)
        default = _default(field) if usual is None else getattr(usual, field.name)
        if dataclasses.is_dataclass(bare(hint)):
            yield from _entries(bare(hint), own or field.name, place, default)
        elif about is None:
            raise TypeError(f"{record.__name__}.{field.name} has no Setting")
        else:
            yield Entry(own or section, field.name, place, hint, default, about)


def _take_apart(hint: Hint) -> tuple[Hint, Setting | None]:
    """Return the type of a field, and its Setting."""
    about = next((item for item in getattr(hint, "__metadata__", ()) if isinstance(item, Setting)), None)
    return (hint if about is None else hint.__origin__), about


def _default(field: "dataclasses.Field[Any]") -> Any:  # noqa: ANN401 (of the field's type)
    """Return what the field is without a value: None where it needs one."""
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return None if field.default is dataclasses.MISSING else field.default


def origin_of(hint: Hint) -> Hint:
    """Return what `hint` is a kind of: ``tuple`` of ``tuple[str, ...]``."""
    return typing.get_origin(hint)


def bare(hint: Hint) -> Hint:
    """Return `hint` without the None that it may allow."""
    if origin_of(hint) in (types.UnionType, typing.Union):
        return next(kind for kind in typing.get_args(hint) if kind is not types.NoneType)
    return hint


def find(record: type[Any], key: str) -> Entry:
    """Return the setting of `record` called `key`, ``section.name``, or its name alone where there is but one of it.

    Raises NstError, which names the nearest one, for a key that is not there.
    """
    every = entries(record)
    matching = [entry for entry in every if key in (entry.key, entry.name)]
    if len(matching) == 1 or (matching and matching[0].key == key):
        return next((entry for entry in matching if entry.key == key), matching[0])
    if matching:
        raise NstError(f"there are {' and '.join(entry.key for entry in matching)}", "name the section as well")
    near = difflib.get_close_matches(key, [entry.key for entry in every], 1, 0.6)
    names = difflib.get_close_matches(key.rpartition(".")[2], [entry.name for entry in every], 1, 0.7)
    near = near or [entry.key for entry in every if entry.name in names]
    sections = ", ".join(dict.fromkeys(entry.section for entry in every))
    hint = f"did you mean {near[0]}?" if near else f"the sections are {sections}"
    raise NstError(f"there is no setting {key}", hint)


def parse_sets(record: type[Any], items: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return ``SECTION.NAME=VALUE`` texts as values by section and name.

    Lists are separated by commas, or written as TOML writes them; ``none`` is the default where a setting allows it.
    Raises NstError for a text of another form, an unknown setting, one given twice and a value of another type.
    """
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        key, equals, text = item.partition("=")
        if not equals:
            raise NstError(f"{item!r} sets nothing", "write SECTION.NAME=VALUE")
        entry = find(record, key.strip())
        section = found.setdefault(entry.section, {})
        if entry.name in section:
            raise NstError(f"{entry.key} is set twice", "set it once")
        section[entry.name] = read_text(entry, text.strip())
    return found


def read_text(entry: Entry, text: str) -> Any:  # noqa: ANN401 (of the setting's type)
    """Return the value of TOML's types that `text` is for the setting `entry`; raises NstError for what it refuses."""
    value: Any = text
    kind: Hint = bare(entry.hint)
    origin: Hint = origin_of(kind)
    if text == "none" and kind is not entry.hint:
        return None
    if origin is tuple and not text.startswith("["):
        parts = [part.strip() for part in text.split(",") if part.strip()]
        value = [_read_scalar(typing.get_args(kind)[0], part) for part in parts]
    elif origin is tuple:
        value = _read_toml(entry, text)
    else:
        value = _read_scalar(kind, text)
    check(entry, value)
    return value


def _read_toml(entry: Entry, text: str) -> Any:  # noqa: ANN401 (of the setting's type)
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise NstError(
            f"{entry.key} is {text!r}: {error}", "write the list as TOML does, or separated by commas"
        ) from error


def _read_scalar(kind: Hint, text: str) -> Any:  # noqa: ANN401 (of that kind, or the text, which is refused later)
    if kind is bool:
        return {"true": True, "false": False}.get(text, text)
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            return text
    return text


def check(entry: Entry, value: Any) -> Any:  # noqa: ANN401 (of the setting's type)
    """Return `value`, of TOML's types, as the setting `entry` has it; raises NstError, which says what is valid."""
    try:
        found = convert(entry.hint, value, entry.key)
    except ValueError as error:
        raise NstError(f"{error}, not {show(value) or 'nothing'!r}", _valid(entry)) from error
    low, high = entry.about.minimum, entry.about.maximum
    for number in found if isinstance(found, tuple) else (found,):
        outside = type(number) in (int, float) and not (
            (low is None or number >= low) and (high is None or number <= high) and abs(number) < float("inf")
        )
        if outside:
            raise NstError(f"{entry.key} is {show(value)}", _valid(entry))
    return found


def _valid(entry: Entry) -> str:
    return f"give {entry.values}; without it: {entry.usual}" if entry.usual else f"give {entry.values}"


def apply(settings: SettingsT, sections: Sections) -> SettingsT:
    """Return `settings`, a dataclass, with the values of `sections`.

    A part that is None in `settings` is made when one of its settings is there. Raises NstError for an unknown section
    or setting, a value of another type or outside its bounds, and whatever the dataclass itself refuses.
    """
    record = type(settings)
    every = {entry.key: entry for entry in entries(record)}
    known = {entry.section for entry in every.values()}
    for section, values in sections.items():
        if section not in known:
            raise NstError(f"there is no section {section}", f"there are {', '.join(sorted(known))}")
        if not isinstance(values, Mapping):
            raise NstError(f"{section} is not a section", f"write [{section}], and the settings below it")
    changes = {
        entry.path: check(entry, value)
        for section, values in sections.items()
        for name, value in values.items()
        for entry in [every.get(f"{section}.{name}") or find(record, f"{section}.{name}")]
    }
    return cast("SettingsT", _replaced(settings, record, changes, ""))


def _replaced(settings: Any, record: type[Any], changes: Mapping[tuple[str, ...], Any], section: str) -> Any:  # noqa: ANN401 (a dataclass)
    own = {path[0]: value for path, value in changes.items() if len(path) == 1}
    hints = typing.get_type_hints(record, include_extras=True)
    for part in dict.fromkeys(path[0] for path in changes if len(path) > 1):
        inner = {path[1:]: value for path, value in changes.items() if path[0] == part and len(path) > 1}
        hint, about = _take_apart(hints[part])
        named = (about and about.section) or part
        own[part] = _replaced(getattr(settings, part, None), bare(hint), inner, named)
    try:
        return replace(settings, **own) if settings is not None else _made(record, own, section)
    except ValueError as error:
        raise NstError(str(error), "change one of them") from error


def _made(record: type[Any], values: Mapping[str, Any], section: str) -> Any:  # noqa: ANN401 (a dataclass)
    needed = [e for e in dataclasses.fields(record) if e.default is e.default_factory]
    if missing := [f"`{section}.{field.name}`" for field in needed if field.name not in values]:
        raise NstError(
            f"`{section}.{next(iter(values))}` says nothing without {missing[0]}", f"give {missing[0]} as well"
        )
    return record(**values)


def merge(*layers: Sections) -> dict[str, dict[str, Any]]:
    """Return the values of all `layers`, the later ones in place of the earlier."""
    found: dict[str, dict[str, Any]] = {}
    for layer in layers:
        for section, values in layer.items():
            found.setdefault(section, {}).update(values)
    return found


def to_sections(settings: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 (a dataclass)
    """Return the value of every setting of the dataclass `settings`, by section and name, as Python has them."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries(type(settings)):
        value: Any = settings
        for name in entry.path:
            value = None if value is None else getattr(value, name)
        found.setdefault(entry.section, {})[entry.name] = value
    return found
