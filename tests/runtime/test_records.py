import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from nst_runtime.contracts.records import from_json, to_json


@dataclass(frozen=True)
class Part:
    count: int

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("count must not be negative")


@dataclass(frozen=True)
class Whole:
    name: str
    share: float
    ready: bool
    parts: tuple[Part, ...]
    first: Part | None
    note: str | None = None
    settings: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    rest: Any = 0


GOOD = {"name": "x", "share": 1, "ready": True, "parts": [{"count": 1}, {"count": 2}], "first": None}


def test_there_and_back() -> None:
    whole = from_json(Whole, {**GOOD, "settings": {"a": 1, "b": None, "c": 2.5, "d": "t", "e": False}, "rest": [[1]]})
    assert whole == Whole("x", 1.0, True, (Part(1), Part(2)), None, None, whole.settings, [[1]])
    assert type(whole.share) is float
    assert from_json(Whole, to_json(whole)) == whole


def test_optional_fields_that_are_none_stay_out_but_needed_ones_do_not() -> None:
    content = to_json(from_json(Whole, GOOD))
    assert "note" not in content
    assert content["first"] is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"extra": 1}, "unknown key extra"),
        ({"parts": [{"count": 1, "size": 2}]}, "unknown key parts[0].size"),
        ({"parts": [{"count": 1}, {}]}, "parts[1].count is missing"),
        ({"parts": [{"count": -1}]}, "parts[0]: count must not be negative"),
        ({"parts": {}}, "parts must be a list"),
        ({"parts": [3]}, "parts[0] must be an object"),
        ({"first": {"count": "1"}}, "first.count must be a whole number"),
        ({"first": {"count": True}}, "first.count must be a whole number"),
        ({"first": {"count": 1.0}}, "first.count must be a whole number"),
        ({"name": None}, "name must be a text"),
        ({"share": "1"}, "share must be a number"),
        ({"share": True}, "share must be a number"),
        ({"ready": 1}, "ready must be true or false"),
        ({"share": 10**400}, "share must be a number below 1e308"),
        ({"note": 1}, "note must be a text"),
        ({"settings": []}, "settings must be an object"),
        ({"settings": {"a": [1]}}, "settings.a must be a text, a number, true, false or null"),
    ],
)
def test_what_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        from_json(Whole, {**GOOD, **change})


@pytest.mark.parametrize("content", [None, [], "x", 3])
def test_what_is_not_an_object(content: object) -> None:
    with pytest.raises(ValueError, match="the file must be an object"):
        from_json(Whole, content)


def test_a_reader_that_is_not_strict_leaves_out_what_it_does_not_know_at_any_depth() -> None:
    content = {**GOOD, "extra": 1, "parts": [{"count": 1, "size": 2}], "first": {"count": 3, "more": {}}}
    whole = from_json(Whole, content, strict=False)
    assert (whole.parts, whole.first) == ((Part(1),), Part(3))
    assert "extra" not in to_json(whole)


@pytest.mark.parametrize("change", [{"parts": [{"size": 2}]}, {"share": "1"}, {"parts": [{"count": -1}]}])
def test_what_it_knows_it_checks_all_the_same(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is missing|must be a number|must not be negative"):
        from_json(Whole, {**GOOD, **change}, strict=False)


@dataclass(frozen=True)
class Choices:
    padding: Literal["reflect", "zeros"]
    sides: tuple[int | str, ...]


def test_choices_and_mixed_lists() -> None:
    assert from_json(Choices, {"padding": "zeros", "sides": [1, "H/4"]}) == Choices("zeros", (1, "H/4"))
    with pytest.raises(ValueError, match="padding must be one of 'reflect', 'zeros'"):
        from_json(Choices, {"padding": ["zeros"], "sides": []})
    others: list[object] = [1.5, True, [1], {}]
    for side in others:
        with pytest.raises(ValueError, match=r"sides\[1\] must be a text, a number"):
            from_json(Choices, {"padding": "zeros", "sides": [1, side]})
