"""The sources for phones are Kotlin and Swift, by the grammars of tree-sitter: a check where no compiler is at hand."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

tree_sitter = pytest.importorskip("tree_sitter", reason="tree-sitter is not there: it comes with the dev extra")

MOBILE = Path(__file__).parents[2] / "examples" / "mobile"
SOURCES = sorted(path for path in MOBILE.rglob("*") if path.suffix in {".kt", ".swift"})
GRAMMARS = {".kt": "tree_sitter_kotlin", ".swift": "tree_sitter_swift"}


def faults(source: bytes, suffix: str) -> list[int]:
    """Return the lines, from 1, where `source` has something that is not of its language, or lacks something."""
    grammar = importlib.import_module(GRAMMARS[suffix])
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    nodes = _nodes(parser.parse(source).root_node)
    return [node.start_point[0] + 1 for node in nodes if node.is_error or node.is_missing]


def _nodes(node: Any) -> Iterator[Any]:  # noqa: ANN401 (the library is not there in every use)
    yield node
    for child in node.children:
        yield from _nodes(child)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_they_are_of_their_language(path: Path) -> None:
    source = path.read_bytes()
    assert faults(source, path.suffix) == []
    head, _, tail = source.rpartition(b"}")
    assert faults(head + tail, path.suffix), "a brace that is missing is found"


def test_a_fault_is_found_in_its_line() -> None:
    assert len(SOURCES) == 4
    assert faults(b"let a = 1\nfunc b( { }\n", ".swift") == [2]
    assert faults(b"val a = 1\nfun b( { }\n", ".kt") == [2]
