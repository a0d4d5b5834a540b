"""The documents and the help are plain English: short sentences, no phrase that reads as translated."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
SOURCES = sorted(path for package in ("runtime", "features", "teacher", "student", "export")
                 for path in (ROOT / package).rglob("*.py"))  # fmt: skip
PHRASES = re.compile(
    r"(?<!there )\b(?:is|are|was|were) no (?!longer|more|less|fewer|worse|better|larger|smaller)\w+"
    r"|\banew\b|\bbecomes? of\b|\b[Bb]y judges\b",
    re.IGNORECASE,
)
LONGEST_WORDS = 32
CODE = re.compile(
    r"^```.*?^```$|^(?: {4,}|\t)[^\n]*$|^\|[^\n]*\|$|^#[^\n]*$|^[^\n]* · [^\n]*$", re.MULTILINE | re.DOTALL
)
INLINE = re.compile(r"`[^`]*`|\]\([^)]*\)")
END = re.compile(r"(?<=[.!?:;])\s+(?=[A-Z0-9*`\[(-])|\n\s*\n|\n\s*[-*] |\n\d+\. ")


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a page, without code, tables, rows of figures and headings."""
    for sentence in END.split(INLINE.sub("X", CODE.sub("\n\n", text))):
        yield " ".join(sentence.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_have_no_phrase_that_reads_as_translated(page: Path) -> None:
    assert PHRASES.findall(" ".join(page.read_text(encoding="utf-8").split())) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_sentences_are_short(page: Path) -> None:
    long = [each for each in sentences(page.read_text(encoding="utf-8")) if len(each.split()) > LONGEST_WORDS]
    assert long == []


def test_neither_docstrings_nor_messages_have_one() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}": phrases
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (phrases := PHRASES.findall(" ".join(node.value.split())))
    }
    assert found == {}


def test_what_counts() -> None:
    bad = ["It is no picture.", "made anew", "What becomes of it?", "learns by judges", "pixels that are no numbers"]
    good = ["There is no picture.", "it is no longer there", "It is no more than that."]
    assert [bool(PHRASES.search(text)) for text in (*bad, *good)] == [True] * 5 + [False] * 3
    assert list(sentences("One two. Three\nfour.\n\n    code code\n\n- five\n- six")) == [
        "One two.", "Three four.", "- five", "six",
    ]  # fmt: skip
