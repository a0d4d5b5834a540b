"""A method as a flat table of values, which is what preset files hold and command-line options give."""

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from nst_runtime.errors import NstError
from nst_teacher.objective.losses import Formula
from nst_teacher.optimise.optimise import Plan
from nst_teacher.settings.method import DeepJudge, Method

Value = str | int | float | bool | list[str] | list[float] | None
Table = dict[str, Any]
_PARTS: dict[str, type] = {"plan": Plan, "formula": Formula}
_DEEP = {f"deep_{field.name}": field.name for field in fields(DeepJudge)}


@cache
def hints() -> dict[str, Any]:
    """Return the type of every key of a table: the fields of Method, and those of its parts among them."""
    found = typing.get_type_hints(Method)
    for part, kind in _PARTS.items():
        del found[part]
        found |= typing.get_type_hints(kind)
    deep = typing.get_type_hints(DeepJudge)
    del found["deep"]
    return found | {key: deep[name] | None for key, name in _DEEP.items()}


def to_table(method: Method) -> Table:
    """Return `method` as a flat table of TOML's types; what is None stays out of a file, and is None here."""
    table = {key: _plain(getattr(_owner(method, key), key)) for key in hints() if key not in _DEEP}
    deep = method.deep
    return table | {key: None if deep is None else _plain(getattr(deep, name)) for key, name in _DEEP.items()}


def from_table(table: Mapping[str, Any], base: Method | None = None) -> Method:
    """Return `base` (the usual method) with the values of `table`.

    Raises NstError, which names the key, for unknown keys and for values of another type or of no valid choice.
    """
    base = Method() if base is None else base
    known = hints()
    if unknown := [key for key in table if key not in known]:
        raise NstError(f"unknown setting {unknown[0]!r}; there are {', '.join(sorted(known))}")
    values = {key: convert(known[key], value, key) for key, value in table.items()}
    changes: Table = {
        part: replace(getattr(base, part), **{key: values.pop(key) for key in _names(kind) if key in values})
        for part, kind in _PARTS.items()
    }
    deep = {name: values.pop(key) for key, name in _DEEP.items() if key in values}
    changes["deep"] = _deepen(base.deep, {name: value for name, value in deep.items() if value is not None})
    return replace(base, **changes, **values)


def _deepen(base: DeepJudge | None, values: Table) -> DeepJudge | None:
    if base is not None:
        return replace(base, **values)
    return DeepJudge(**values) if "weights" in values else None


def _names(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


def _owner(method: Method, key: str) -> object:
    for part, kind in _PARTS.items():
        if key in _names(kind):
            return getattr(method, part)
    return method


def _plain(value: object) -> Value:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value  # type: ignore[return-value]


def convert(hint: Any, value: Any, key: str) -> Any:  # noqa: ANN401 (a type, and what is to become of that type)
    """Return `value`, of TOML's types, as `hint` wants it; raises NstError that names `key`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return convert(next(kind for kind in arguments if kind is not types.NoneType), value, key)
    if origin is Literal:
        if value not in arguments:
            raise NstError(f"{key} is {value!r}; there are {', '.join(map(str, arguments))}")
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise NstError(f"{key} is {value!r}, which is not a list", f"give a list, such as [{value!r}]")
        return tuple(convert(arguments[0], item, key) for item in value)
    return _convert_scalar(hint, value, key)


def _convert_scalar(hint: type, value: object, key: str) -> object:
    if hint is Path and isinstance(value, str | Path):
        return Path(value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise NstError(f"{key} is {value!r}, which is not of type {hint.__name__}", "give a value of that type")
    return value
