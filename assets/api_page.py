"""Write docs/api.md: assets/api_head.md, then every public name of nst_runtime with its signature and docstring.

python assets/api_page.py
"""

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

import nst_runtime
from nst_runtime.contracts.files import write_text

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "api.md"
HEAD = ROOT / "assets" / "api_head.md"
WIDTH = 100
SECTIONS = {
    "Stylise": ("Stylizer", "Encoded", "Look"),
    "Pictures": ("Picture", "read_picture", "write_picture"),
    "Styles and packs": ("open_library", "Library", "read_style", "StyleFile", "StyleRecord"),
    "What can go wrong": ("NstError", "ImageError", "TooManyPixelsError", "PackError", "DeviceError"),
}
# Not imported from nst_runtime by anyone, but returned, or taken, by those that are.
RETURNED = (
    ("contracts.library", "FoundStyle"),
    ("contracts.catalogue", "StyleInfo"),
    ("contracts.styles", "Statistics"),
    ("inference.devices", "RunSettings"),
)
NO_SECTION = {"__version__", "main"}
Function = ast.FunctionDef


def main() -> None:
    """Write the page."""
    write_text(PAGE, page())
    print(PAGE)


def page() -> str:
    """Return the whole page as Markdown; raises ValueError when a public name has no section."""
    listed = {name for names in SECTIONS.values() for name in names} | NO_SECTION
    if listed != set(nst_runtime.__all__):
        raise ValueError(f"not in SECTIONS, or not public: {sorted(listed ^ set(nst_runtime.__all__))}")
    parts = [HEAD.read_text(encoding="utf-8").rstrip()]
    for title, names in SECTIONS.items():
        parts += [f"### {title}", *(described(getattr(nst_runtime, name)) for name in names)]
    parts += ["### Returned by them", *(described(getattr(_module(home), name)) for home, name in RETURNED)]
    return "\n\n".join(parts) + "\n"


def _module(home: str) -> object:
    return import_module(f"nst_runtime.{home}")


def described(thing: object) -> str:
    """Return a class with its public methods, or a function, as Markdown."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(thing))).body  # type: ignore[arg-type]
    if isinstance(node, ast.ClassDef):
        return "\n\n".join([f"#### {node.name}", *_class(node)])
    assert isinstance(node, Function)
    return "\n\n".join([f"#### {node.name}", _code([_call(node.name, node)]), _text(node)])


def _class(node: ast.ClassDef) -> Iterator[str]:
    yield _code([_constructor(node)])
    yield _text(node)
    functions = [item for item in node.body if isinstance(item, Function) and not item.name.startswith("_")]
    for name in dict.fromkeys(function.name for function in functions):
        same = [function for function in functions if function.name == name]
        shown = [function for function in same if "overload" in _decorators(function)] or same
        yield _code(_member(node.name, function) for function in shown)
        yield _text(same[-1])


def _constructor(node: ast.ClassDef) -> str:
    """Return how `node` is called: by its ``__init__``, by its fields, or as an error is by those of its bases."""
    for item in node.body:
        if isinstance(item, Function) and item.name == "__init__":
            return _fit(node.name, _arguments(item), "")
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    if not fields:
        return f"{node.name}({', '.join(map(ast.unparse, node.bases))})" if node.bases else node.name
    return _fit(node.name, [_field(item) for item in fields], "")


def _field(item: ast.AnnAssign) -> str:
    """Return ``name: type = default``, where a factory is what it makes."""
    text = f"{ast.unparse(item.target)}: {ast.unparse(item.annotation)}"
    if isinstance(item.value, ast.Call) and ast.unparse(item.value.func) == "field":
        made = {word.arg: ast.unparse(word.value) for word in item.value.keywords}
        return f"{text} = {made['default_factory']}()"
    return text if item.value is None else f"{text} = {ast.unparse(item.value)}"


def _member(owner: str, node: Function) -> str:
    name = f"{owner}.{node.name}"
    return f"{name}: {_returns(node)}" if "property" in _decorators(node) else _call(name, node)


def _call(name: str, node: Function) -> str:
    return _fit(name, _arguments(node), f" -> {_returns(node)}")


def _arguments(node: Function) -> list[str]:
    """Return the arguments as they are written, each for itself, without self and cls."""
    return [text for text in _split(ast.unparse(node.args)) if text not in {"", "self", "cls"}]


def _split(text: str) -> Iterable[str]:
    """Yield what stands between the commas of `text` that are in no brackets."""
    depth, begin = 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "[({") - (letter in "])}")
        if letter == "," and not depth:
            yield text[begin:place].strip()
            begin = place + 1
    yield text[begin:].strip()


def _returns(node: Function) -> str:
    return ast.unparse(node.returns) if node.returns else "None"


def _decorators(node: Function) -> set[str]:
    return {ast.unparse(decorator) for decorator in node.decorator_list}


def _fit(name: str, arguments: list[str], end: str) -> str:
    """Return a call on one line or, where that is too long, with a line for each argument."""
    line = f"{name}({', '.join(arguments)}){end}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {argument}," for argument in arguments), f"){end}"])


def _code(lines: Iterable[str]) -> str:
    return textwrap.indent("\n".join(lines), "    ")


def _text(node: ast.ClassDef | Function) -> str:
    """Return the docstring; raises ValueError when a public name has none."""
    text = ast.get_docstring(node)
    if not text:
        raise ValueError(f"{node.name} has no docstring")
    return text


if __name__ == "__main__":
    main()
