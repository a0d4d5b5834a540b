"""Every command line of the documents is one that its program takes; every picture is large enough to see something."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from assets.cli_page import PAGE, PROGRAMS, Command, Parameter, commands, kind, limits, page, told
from PIL import Image

from nst_runtime.contracts.settings import parse_sets
from nst_runtime.errors import NstError

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
# Experiments are dated: their commands are those of their day.
CURRENT = [page for page in PAGES if "experiments" not in page.parts]
BLOCK = re.compile(r"^```(?:bash|console|sh)\n(.*?)^```$|((?:^(?: {4}|\t).*\n)+)", re.MULTILINE | re.DOTALL)
OTHER_BLOCK = re.compile(r"^```(?!bash|console|sh).*?^```$", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^\s*(?:[\w.-]+ )??(?:[\w./-]*/bin/)?(nst-(?:runtime|student|teacher|export|features) \S.*)$")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
PART_OF_IT = ("…", "[OPTIONS]")
LEAST_WIDTH_PX, README_LINES, README_BLOCKS = 300, 90, 2


def _lines(text: str) -> Iterator[str]:
    """Yield the command lines of our programs in the blocks of `text`, each whole, without its comment."""
    for block in BLOCK.finditer(OTHER_BLOCK.sub("", text)):
        for line in (block[1] or block[2]).replace("\\\n", " ").splitlines():
            if found := LINE.match(line):
                yield re.split(r"\s#\s|\s<|\s>", found[1])[0].strip()


@pytest.fixture(scope="module")
def known() -> dict[str, Command]:
    return dict(commands())


def _fault(line: str, known: dict[str, Command]) -> str:
    """Return what is wrong with a command line, nothing if it parses."""
    words = shlex.split(line)
    depth = max((n for n in (2, 3) if " ".join(words[:n]) in known), default=0)
    if words[1:2] in (["--help"], ["--version"]):
        return ""
    if not depth:
        return "there is no such command"
    command, partial = known[" ".join(words[:depth])], any(mark in line for mark in PART_OF_IT)
    rest = [word for word in words[depth:] if word not in PART_OF_IT]
    names = {name: each for each in command.params for name in [*each.opts, *each.secondary_opts] if name[0] == "-"}
    given, places = set(), 0
    while rest:
        name, _, value = rest.pop(0).partition("=")
        if name[0] != "-" or name == "-":
            places += 1
        elif name == "--help":
            return ""
        elif name not in names:
            return f"there is no {name}"
        else:
            given.add(names[name].name)
            if fault := _value_fault(command, name, names[name], value, rest):
                return fault
    return "" if partial else _missing(command, given, places)


def _value_fault(command: Command, name: str, option: Parameter, value: str, rest: list[str]) -> str:
    """Take the value of the option `name` from `rest` where it is not there yet; return what is wrong with it."""
    if getattr(option, "is_flag", False):
        return ""
    if not value and not rest:
        return f"{name} has no value"
    value = value or rest.pop(0)
    return _setting_fault(command, value) if name == "--set" else ""


def _setting_fault(command: Command, given: str) -> str:
    """Return what is wrong with ``SECTION.NAME=VALUE``, nothing if the command takes it."""
    record = getattr(command.callback, "settings", None)
    if record is None:
        return "it has no settings"
    try:
        parse_sets(record, [given])
    except NstError as error:
        return f"{error.message}; {error.hint}"
    return ""


def _missing(command: Command, given: set[str], places: int) -> str:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    absent = [each.opts[0] for each in command.params if each.required and each.name not in given]
    absent = [name for name in absent if name[0] == "-"]
    if absent:
        return f"it lacks {', '.join(absent)}"
    least = sum(each.required for each in arguments)
    most = 99 if any(each.nargs != 1 for each in arguments) else len(arguments)
    if hasattr(command, "commands") and places:
        return "there is no such command"
    return "" if least <= places <= most else f"it has {places} arguments, not {least} to {most}"


@pytest.mark.parametrize("path", CURRENT, ids=lambda path: str(path.relative_to(ROOT)))
def test_command_lines_parse(path: Path, known: dict[str, Command]) -> None:
    faults = {line: fault for line in _lines(path.read_text(encoding="utf-8")) if (fault := _fault(line, known))}
    assert not faults


def test_command_lines_are_found() -> None:
    text = "    nst-runtime info # all\n    nst-runtime a \\\n      --b\n    nst-runtime   the diagram's\n\n"
    text += "```bash\n.venv/bin/nst-export pack\nsrun nst-teacher x > y\n```\n"
    assert list(_lines(text)) == ["nst-runtime info", "nst-runtime a        --b", "nst-export pack", "nst-teacher x"]
    assert list(_lines("```yaml\n    nst-runtime info\n```\nnst-runtime info\n")) == []
    assert len(list(_lines((ROOT / "README.md").read_text(encoding="utf-8")))) >= 5


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("nst-runtime stylize a.jpg b.jpg --style waves", ""),
        ("nst-runtime stylize a.jpg b.jpg", "it lacks --style"),
        ("nst-runtime stylize a.jpg --style waves", "it has 1 arguments, not 2 to 99"),
        ("nst-runtime stylize a.jpg b.jpg --stile waves", "there is no --stile"),
        ("nst-runtime stylize a.jpg b.jpg --style", "--style has no value"),
        ("nst-runtime styles add mine.safetensors", ""),
        ("nst-runtime styles ad mine.safetensors", "there is no such command"),
        ("nst-runtime paint", "there is no such command"),
        ("nst-teacher generate … --set machines.shard=1/8", ""),
        ("nst-student train-bank --style a --set training.steps=3", ""),
        (
            "nst-student train-bank --style a --set training.step=3",
            "there is no setting training.step; did you mean training.steps?",
        ),
    ],
)
def test_faults_of_command_lines(line: str, fault: str, known: dict[str, Command]) -> None:
    assert _fault(line, known) == fault


def test_the_page_of_commands_is_what_the_script_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python assets/cli_page.py"


def test_the_page_has_every_option_of_every_command(known: dict[str, Command]) -> None:
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = {text.partition("\n")[0]: text for text in sections}
    assert {name.partition(" ")[0] for name in known} == set(PROGRAMS)
    for name, command in known.items():
        for option in (each for each in command.params if not each.hidden and each.opts[0].startswith("--")):
            assert option.name in {"help"} or f"`{option.opts[0]}" in texts[name], (name, option.opts)


def test_words_of_the_page() -> None:
    assert kind(int | None) == kind(list[int]) == "N"
    assert kind(bool) == ""
    assert (limits(1, None), limits(0, 1), limits(None, 5), limits(None, None)) == (
        "at least 1",
        "0 to 1",
        "at most 5",
        "",
    )
    assert told("Do it.\n\nExample: nst-runtime info\n--json") == "Do it.\n\nExample:\n\n    nst-runtime info --json\n"
    assert told("\b\nExamples:\n  nst-runtime info\n  nst-runtime bench") == (
        "Examples:\n\n    nst-runtime info\n    nst-runtime bench\n"
    )


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pictures_are_wide_enough(path: Path) -> None:
    for name in PICTURE.findall(path.read_text(encoding="utf-8")):
        with Image.open(path.parent / name) as picture:
            assert picture.width >= LEAST_WIDTH_PX, name


def test_the_readme_is_short_and_its_second_block_runs_the_tests() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("\n") <= README_LINES
    blocks = re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == README_BLOCKS
    assert "nst-runtime stylize" in blocks[0] and "pytest" in blocks[1]


def test_every_page_is_linked_from_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "docs").glob("*.md"):
        assert f"(docs/{path.name})" in text, path.name
