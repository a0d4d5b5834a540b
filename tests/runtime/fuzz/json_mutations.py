"""Damage to the structure of JSON, and JSON texts that no writer makes."""

import json
import random
from collections.abc import Iterator
from typing import Any

from nst_runtime.contracts.files import Json

ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1,
    2**31,
    2**63,
    10**30,
    -(10**400),
    0.5,
    1e308,
    "",
    "x",
    "../x",
    "/etc/passwd",
    "C:\\x",
    "a\0b",
    "\ud800",
    "\x1b[2J",
    "x" * 5000,
    [],
    [0],
    [[]],
    [1, 3, 16, 16],
    [2**31, 2**31],
    {},
    {"": {}},
)
_RAW = ("NaN", "Infinity", "-Infinity", "1e999", "[" * 3000 + "]" * 3000, '{"a":1,"a":2}', "\\u0000", "9" * 5000, "")
_MARK = "\u0001raw\u0001"


def change(r: random.Random, content: Json) -> Json:
    """Return a copy of `content`, made of JSON, with one value changed, taken out, doubled or moved."""
    copy = json.loads(json.dumps(content))
    places = list(_places(copy))
    if not places:
        return r.choice(ODD)
    holder, key = r.choice(places)
    step = r.choice(("odd", "odd", "odd", "raw", "drop", "near", "near", "move", "add", "nest"))
    if step == "drop":
        del holder[key]
    elif step == "near":
        holder[key] = _near(r, holder[key])
    elif step == "move":
        other, place = r.choice(places)
        holder[key] = json.loads(json.dumps(other[place]))
    elif step == "add" and isinstance(holder, dict):
        holder[r.choice(("requires", "format_version", "__metadata__", "x", ""))] = r.choice(ODD)
    elif step == "add":
        holder.append(json.loads(json.dumps(holder[key])))
    elif step == "nest":
        holder[key] = r.choice(([holder[key]], {"x": holder[key]}))
    else:
        holder[key] = _MARK if step == "raw" else r.choice(ODD)
    return copy


def to_text(r: random.Random, content: object) -> bytes:
    """Return `content` as JSON; what was marked becomes a text that JSON lacks, or that is too deep or too long."""
    text = json.dumps(content)
    return text.replace(json.dumps(_MARK), r.choice(_RAW)).encode()


def _places(content: object) -> Iterator[tuple[Json, Any]]:
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in items:
        yield content, key
        yield from _places(value)


def _near(r: random.Random, value: object) -> object:
    """Return a value of the same type that is not far from `value`."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return r.choice((value + 1, value - 1, -value, value * 2, value * 1000, float(value)))
    if isinstance(value, str):
        return r.choice((value + "x", value[:-1], value.upper(), value[::-1], f" {value}"))
    return r.choice((value * 2, value[1:], value[::-1])) if isinstance(value, list) else {}
