"""Frozen dataclasses to JSON or TOML and back: no missing key, no value of another type; unknown keys as asked."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from nst_runtime.contracts.files import Json

RecordT = TypeVar("RecordT")
Hint = Any


def to_json(value: object) -> Json:
    """Return `value`, a record or what records hold, as lists, dicts and scalars; fields that are None stay out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_json(content)
            for field in dataclasses.fields(value)
            if (content := getattr(value, field.name)) is not None or field.default is dataclasses.MISSING
        }
    if isinstance(value, Mapping):
        return {key: to_json(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(content) for content in value]
    return str(value) if isinstance(value, Path) else value


def from_json(record: type[RecordT], content: Json, where: str = "", *, strict: bool = True) -> RecordT:
    """Return the dataclass `record` that `content`, parsed JSON, describes.

    What people write is `strict`: an unknown key is a typing mistake there. In files that programs exchange it is
    something of a newer version, and left out. Raises ValueError, which names the place such as ``styles[2].sha256``,
    for unknown or missing keys, values of another type and whatever the record's own ``__post_init__`` refuses.
    """
    if not isinstance(content, dict):
        raise ValueError(f"{where or 'the file'} must be an object")  # noqa: TRY004 (the file's fault)
    hints = _hints(cast("type", record))
    fields = dataclasses.fields(cast("type[Any]", record))
    unknown = sorted(content.keys() - hints.keys())
    if unknown and strict:
        raise ValueError(f"unknown key {_join(where, unknown[0])}")
    needed = {f.name for f in fields if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING}
    if missing := sorted(needed - content.keys()):
        raise ValueError(f"{_join(where, missing[0])} is missing")
    known = {key: value for key, value in content.items() if key in hints}
    values = {key: convert(hints[key], value, _join(where, key), strict=strict) for key, value in known.items()}
    try:
        return record(**values)
    except ValueError as error:
        raise ValueError(f"{where}: {error}" if where else str(error)) from error


@cache
def _hints(record: type) -> dict[str, Any]:
    return typing.get_type_hints(record)


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def convert(hint: Hint, value: Json, where: str, *, strict: bool = True) -> Json:
    """Return `value`, parsed JSON or TOML, as the type `hint` has it: lists as tuples, texts as paths, 1 as 1.0.

    Raises ValueError, which begins with the place `where`, for a value of another type.
    """
    if hint is Any:
        return value
    if dataclasses.is_dataclass(hint):
        kind = cast("type[Any]", hint)
        return value if isinstance(value, kind) else from_json(kind, value, where, strict=strict)
    origin: Hint = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _convert_union(arguments, value, where, strict)
    if origin is Literal:
        if value not in arguments:
            raise ValueError(f"{where} must be one of {', '.join(map(repr, arguments))}")
        return value
    if origin in (tuple, Mapping):
        return _convert_container(origin, arguments, value, where, strict)
    return _convert_scalar(hint, value, where)


def _convert_container(origin: Hint, arguments: tuple[Hint, ...], value: Json, where: str, strict: bool) -> Json:
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise ValueError(f"{where} must be a list")
        return tuple(
            convert(arguments[0], item, f"{where}[{index}]", strict=strict) for index, item in enumerate(value)
        )
    if not isinstance(value, dict):
        raise ValueError(f"{where} must be an object")  # noqa: TRY004 (the file's fault)
    return {key: convert(arguments[1], item, f"{where}.{key}", strict=strict) for key, item in value.items()}


def _convert_union(choices: tuple[Hint, ...], value: Json, where: str, strict: bool) -> Json:
    if value is None and types.NoneType in choices:
        return None
    rest = [choice for choice in choices if choice is not types.NoneType]
    if len(rest) == 1:
        return convert(rest[0], value, where, strict=strict)
    if type(value) not in rest:
        raise ValueError(f"{where} must be a text, a number, true, false or null")
    return value


_SCALARS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}


def _to_float(value: int, where: str) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError(f"{where} must be a number below 1e308") from error


def _convert_scalar(kind: type, value: Json, where: str) -> Json:
    if kind is float and type(value) is int:
        return _to_float(value, where)
    if kind is Path and isinstance(value, str | Path) and str(value):
        return Path(value)
    if type(value) is not kind:
        raise ValueError(f"{where} must be {_SCALARS[kind]}")
    return value
