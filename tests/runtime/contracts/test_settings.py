"""Settings: one place for default, meaning and bounds, and every way that people give them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from nst_runtime.contracts.settings import Setting, apply, entries, find, merge, parse_sets, to_sections
from nst_runtime.errors import NstError


@dataclass(frozen=True)
class Helper:
    network: str
    layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inner:
    file: Annotated[Path, Setting("A file.")]
    share: Annotated[float, Setting("A share.", 0, 1)] = 0.5


@dataclass(frozen=True)
class Pace:
    steps: Annotated[int, Setting("Steps in all.", minimum=1, paper="Srinath et al., sec. IV")] = 8000
    kind: Annotated[Literal["soap", "adam"], Setting("How to minimise.")] = "soap"
    falls: Annotated[bool, Setting("Let it fall.")] = True
    weight: Annotated[float, Setting("Weight.", section="losses")] = 2.0


@dataclass(frozen=True)
class Whole:
    pace: Pace = field(default_factory=Pace)
    inner: Inner | None = None
    layers: Annotated[tuple[str, ...] | None, Setting("Layers.", usual="the network's own", section="losses")] = None
    numbers: Annotated[tuple[float, ...], Setting("Numbers.", 0, 9, section="losses")] = ()
    helpers: Annotated[tuple[Helper, ...], Setting("More networks.", section="losses")] = ()

    def __post_init__(self) -> None:
        if self.numbers and self.layers and len(self.numbers) != len(self.layers):
            raise ValueError("as many numbers as layers")


def given(*items: str) -> Whole:
    return apply(Whole(), parse_sets(Whole, items))


def test_every_setting_by_section_and_name_with_what_is_said_of_it() -> None:
    assert [entry.key for entry in entries(Whole)] == [
        "pace.steps", "pace.kind", "pace.falls", "losses.weight", "losses.layers", "losses.numbers", "losses.helpers",
        "inner.file", "inner.share",
    ]  # fmt: skip
    steps, kind = entries(Whole)[:2]
    assert (steps.default, steps.usual, steps.values) == (8000, "8000", "whole number of at least 1")
    assert kind.values == "soap|adam"
    assert find(Whole, "losses.layers").usual == "the network's own"
    assert find(Whole, "inner.share").values == "number 0 to 1"


def test_a_default_is_that_of_the_outermost_dataclass_which_has_one() -> None:
    @dataclass(frozen=True)
    class Short:
        pace: Pace = field(default_factory=lambda: Pace(steps=300))
        inner: Inner | None = None

    shown = {entry.key: entry.default for entry in entries(Short)}
    assert (shown["pace.steps"], shown["pace.kind"], shown["inner.share"]) == (300, "soap", 0.5)


@pytest.mark.parametrize(
    ("item", "path", "value"),
    [
        ("pace.steps=300", "pace.steps", 300),
        ("steps = 300", "pace.steps", 300),
        ("pace.kind=adam", "pace.kind", "adam"),
        ("pace.falls=false", "pace.falls", False),
        ("losses.weight=1", "pace.weight", 1.0),
        ("losses.layers=relu1_1, relu2_1", "layers", ("relu1_1", "relu2_1")),
        ('losses.layers=["a"]', "layers", ("a",)),
        ("losses.layers=none", "layers", None),
        ("losses.numbers=1,2.5", "numbers", (1.0, 2.5)),
        ("inner.file=a=b.txt", "inner.file", Path("a=b.txt")),
        ('losses.helpers=[{network="x", layers=["a"]}]', "helpers", (Helper("x", ("a",)),)),
    ],
)
def test_what_set_says_has_the_settings_type(item: str, path: str, value: object) -> None:
    found: Any = given(item)
    for name in path.split("."):
        found = getattr(found, name)
    assert found == value
    assert type(found) is type(value)


def test_values_stay_what_they_were_where_nothing_is_said() -> None:
    assert given("pace.steps=3", "losses.numbers=1") == Whole(Pace(steps=3), numbers=(1.0,))


@pytest.mark.parametrize(
    ("item", "message", "hint"),
    [
        ("pace.step=3", "there is no setting pace.step", "did you mean pace.steps?"),
        ("stepps=3", "there is no setting stepps", "did you mean pace.steps?"),
        ("zzz=3", "there is no setting zzz", "the sections are pace, losses, inner"),
        ("pace.steps", "'pace.steps' sets nothing", "write SECTION.NAME=VALUE"),
        ("pace.steps=0", "pace.steps is 0", "give whole number of at least 1; without it: 8000"),
        ("pace.steps=3.5", "pace.steps must be a whole number, not '3.5'", "give whole number of at least 1"),
        ("pace.kind=sgd", "pace.kind must be one of 'soap', 'adam', not 'sgd'", "give soap|adam; without it: soap"),
        ("pace.falls=yes", "pace.falls must be true or false, not 'yes'", "give true|false; without it: true"),
        ("losses.weight=nan", "losses.weight is nan", "give number; without it: 2"),
        ("losses.numbers=1,x", "losses.numbers[1] must be a number, not '1,x'", "give list 0 to 9"),
        ("losses.numbers=1,10", "losses.numbers is 1,10", "give list 0 to 9"),
        ("losses.layers=[1", "losses.layers is '[1'", "write the list as TOML does"),
        ("pace.steps=none", "pace.steps must be a whole number, not 'none'", "give whole number"),
        ("inner.share=0.2", "`inner.share` says nothing without `inner.file`", "give `inner.file` as well"),
        ("losses.helpers=[{layers=[]}]", "losses.helpers[0].network is missing", "give list"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_valid(item: str, message: str, hint: str) -> None:
    with pytest.raises(NstError) as caught:
        given(item)
    assert caught.value.message.startswith(message)
    assert caught.value.hint.startswith(hint)


def test_what_a_dataclass_itself_refuses_is_an_error_for_people() -> None:
    with pytest.raises(NstError, match="as many numbers as layers"):
        given("losses.numbers=1", "losses.layers=a,b")


def test_one_setting_is_set_once() -> None:
    with pytest.raises(NstError, match=r"pace\.steps is set twice"):
        given("pace.steps=1", "steps=2")


def test_later_layers_win_and_files_are_checked_as_options_are() -> None:
    layers = merge({"pace": {"steps": 1, "kind": "adam"}}, {"pace": {"steps": 2}})
    assert apply(Whole(), layers).pace == Pace(2, "adam")
    with pytest.raises(NstError, match="there is no section nowhere"):
        apply(Whole(), {"nowhere": {}})
    with pytest.raises(NstError, match="pace is not a section"):
        apply(Whole(), {"pace": 3})  # type: ignore[dict-item]


def test_sections_there_and_back() -> None:
    whole = given("pace.steps=3", "inner.file=x", "losses.layers=a", "losses.numbers=2")
    assert apply(Whole(), to_sections(whole)) == whole


def test_a_field_of_which_nothing_is_said_is_a_fault() -> None:
    @dataclass(frozen=True)
    class Untold:
        steps: int = 1

    with pytest.raises(TypeError, match=r"Untold\.steps has no Setting"):
        entries(Untold)
