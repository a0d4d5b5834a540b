"""Classes and functions as Markdown: how each is called, as its source has it, and its docstring."""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

WIDTH = 100


def described(thing: object) -> str:
    """Return a class with its public methods, or a function, as Markdown; raises ValueError without a docstring."""
    tree = ast.parse(inspect.getsource(thing))  # type: ignore[arg-type]
    (node,) = _Values(vars(sys.modules[thing.__module__])).visit(tree).body
    parts = _class(node) if isinstance(node, ast.ClassDef) else [_code([_call(node.name, node)]), _text(node)]
    return "\n\n".join([f"#### {node.name}", *parts])


class _Values(ast.NodeTransformer):
    """Put values in the place of a module's constants, such as ``MAX_PIXELS``."""

    def __init__(self, module: Mapping[str, object]) -> None:
        self.module = module

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not node.id.isupper() or node.id not in self.module:
            return node
        value = self.module[node.id]
        text = f"Path({str(value)!r})" if isinstance(value, Path) else repr(value)
        return ast.parse(text, mode="eval").body


def _class(node: ast.ClassDef) -> Iterator[str]:
    yield _code([_constructor(node)])
    yield _text(node)
    functions = [item for item in node.body if isinstance(item, ast.FunctionDef) and not item.name.startswith("_")]
    for name in dict.fromkeys(function.name for function in functions):
        same = [function for function in functions if function.name == name]
        shown = [function for function in same if "overload" in _decorators(function)] or same
        yield _code(_member(node.name, function) for function in shown)
        yield _text(same[-1])


def _constructor(node: ast.ClassDef) -> str:
    """Return how `node` is called, by its ``__init__`` or its fields; without them, what it is a class of."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            return _fit(node.name, _arguments(item), "")
    fields = [_field(item) for item in node.body if isinstance(item, ast.AnnAssign)]
    if fields:
        return _fit(node.name, fields, "")
    return f"class {node.name}({', '.join(map(ast.unparse, node.bases))})"


def _field(item: ast.AnnAssign) -> str:
    """Return ``name: type = default``, where a factory is what it makes."""
    text = f"{ast.unparse(item.target)}: {ast.unparse(item.annotation)}"
    if isinstance(item.value, ast.Call) and ast.unparse(item.value.func) == "field":
        made = {word.arg: ast.unparse(word.value) for word in item.value.keywords}
        return f"{text} = {made['default_factory']}()" if "default_factory" in made else text
    return text if item.value is None else f"{text} = {ast.unparse(item.value)}"


def _member(owner: str, node: ast.FunctionDef) -> str:
    name = f"{owner}.{node.name}"
    return f"{name}: {_returns(node)}" if "property" in _decorators(node) else _call(name, node)


def _call(name: str, node: ast.FunctionDef) -> str:
    return _fit(name, _arguments(node), f" -> {_returns(node)}")


def _arguments(node: ast.FunctionDef) -> list[str]:
    """Return the arguments as they are written, each for itself, without self and cls."""
    written = [text for text in _split(ast.unparse(node.args)) if text not in {"", "self", "cls"}]
    return [re.sub("=", " = ", text, count=1) for text in written]


def _split(text: str) -> Iterable[str]:
    """Yield what stands between the commas of `text` that are in no brackets."""
    depth, begin = 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "[({") - (letter in "])}")
        if letter == "," and not depth:
            yield text[begin:place].strip()
            begin = place + 1
    yield text[begin:].strip()


def _returns(node: ast.FunctionDef) -> str:
    return ast.unparse(node.returns) if node.returns else "None"


def _decorators(node: ast.FunctionDef) -> set[str]:
    return {ast.unparse(decorator) for decorator in node.decorator_list}


def _fit(name: str, arguments: list[str], end: str) -> str:
    """Return a call on one line or, where that is too long, with a line for each argument."""
    line = f"{name}({', '.join(arguments)}){end}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {argument}," for argument in arguments), f"){end}"])


def _code(lines: Iterable[str]) -> str:
    return textwrap.indent("\n".join(lines), "    ")


def _text(node: ast.ClassDef | ast.FunctionDef) -> str:
    text = ast.get_docstring(node)
    if not text:
        raise ValueError(f"{node.name} has no docstring")
    return text
