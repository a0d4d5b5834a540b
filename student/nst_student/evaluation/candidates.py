"""Find the stylizers that a person names: styles of a pack or in files, ONNX graphs, commands."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nst_runtime.errors import NstError
from nst_runtime.inference.look import Look
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import Pixels
from nst_student.evaluation.command_stylizer import CommandStylizer
from nst_student.evaluation.onnx_stylizer import OnnxStylizer
from nst_student.evaluation.stylizers import Candidate, Source, Stylize, parse_source, remembered


@dataclass(frozen=True)
class Wanted:
    """What a person names; a pack (None: the shipped one) is measured if it or a style is named, or nothing else is.

    `others` are texts as `parse_source` takes them; `white` is the white of graphs among them. Style files among them
    are painted with the pack's codec.
    """

    pack: Path | None = None
    styles: Sequence[str] = ()
    others: Sequence[str] = ()
    white: float = 1.0


def find_candidates(wanted: Wanted, paintings: Mapping[str, Path], catalogue: Path) -> list[Candidate]:
    """Return the stylizers that are `wanted`, for styles of `paintings`, their pictures by name.

    Raises NstError when a style is not in the `catalogue` that names the pictures, two have one name, or one of them
    cannot be opened.
    """
    sources = [parse_source(text) for text in wanted.others]
    candidates = [] if sources and not wanted.styles and wanted.pack is None else list(_from_pack(wanted))
    named = [(c.name, c.style) for c in candidates] + [(s.name, s.style) for s in sources]
    _check({style for _, style in named} - set(paintings), [name for name, _ in named], paintings, catalogue)
    return candidates + [_from_outside(source, wanted, paintings[source.style]) for source in sources]


def _from_outside(source: Source, wanted: Wanted, painting: Path) -> Candidate:
    if source.kind == "command":
        return Candidate(source.name, source.style, CommandStylizer(source.what, painting))
    if source.kind == "style":
        return Candidate(source.name, source.style, _through(Stylizer.load(wanted.pack), Path(source.what)))
    graph = OnnxStylizer(Path(source.what), wanted.white)
    return Candidate(source.name, source.style, graph, graph.note)


def _from_pack(wanted: Wanted) -> Iterator[Candidate]:
    stylizer = Stylizer.load(wanted.pack)
    for name in wanted.styles or [style.name for style in stylizer.styles if style.origin == "pack"]:
        yield Candidate(name, name, _through(stylizer, name))


def _through(stylizer: Stylizer, style: str | Path) -> Stylize:
    """Return what paints `style` with full strokes; the runtime by itself takes a preview's for large pictures."""
    stylizer.library.find(style)
    look = Look(style, strokes="full")
    return lambda photo: stylizer.stylize(photo, look)


def _check(missing: set[str], names: Sequence[str], paintings: Mapping[str, Path], catalogue: Path) -> None:
    if missing:
        raise NstError(
            f"{catalogue} has no style {', '.join(sorted(missing))}; it has {', '.join(paintings)}",
            "add it there, with its picture, or measure some styles alone by `style`",
        )
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise NstError(f"{', '.join(twice)} comes twice; give each a label of its own, such as {twice[0]}-2")


def remember_pictures(candidates: Sequence[Candidate], photos: Sequence[Pixels]) -> list[Candidate]:
    """Return `candidates` whose pictures of `photos`, which every measure asks for, are made once and kept."""
    return [replace(candidate, stylize=remembered(candidate.stylize, photos)) for candidate in candidates]
