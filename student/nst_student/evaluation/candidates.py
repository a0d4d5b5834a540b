"""Find the stylizers that a person names: styles of a pack, ONNX graphs, commands."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nst_runtime.errors import NstError
from nst_runtime.inference.stylizer import Stylizer
from nst_student.evaluation.command_stylizer import CommandStylizer
from nst_student.evaluation.onnx_stylizer import OnnxStylizer
from nst_student.evaluation.stylizers import Candidate, Stylise, parse_source


@dataclass(frozen=True)
class Wanted:
    """What a person names; a pack (None: the shipped one) is measured if it or a style is named, or nothing else is."""

    pack: Path | None = None
    styles: Sequence[str] = ()
    onnx: Sequence[str] = ()
    onnx_peak: float = 1.0
    commands: Sequence[str] = ()


def find_candidates(wanted: Wanted, paintings: Mapping[str, Path], catalogue: Path) -> list[Candidate]:
    """Return the stylizers that are `wanted`, for styles of `paintings`, their pictures by name.

    Raises NstError when a style is not in the `catalogue` that names the pictures, two have one name, or one of them
    cannot be opened.
    """
    outside = (*wanted.onnx, *wanted.commands)
    candidates = [] if outside and not wanted.styles and wanted.pack is None else list(_from_pack(wanted))
    sources = [parse_source(text, "onnx") for text in wanted.onnx]
    sources += [parse_source(text, "command") for text in wanted.commands]
    names = [*(c.name for c in candidates), *(s.name for s in sources)]
    _check({*(c.style for c in candidates), *(s.style for s in sources)} - set(paintings), names, paintings, catalogue)
    for source in sources[: len(wanted.onnx)]:
        graph = OnnxStylizer(Path(source.what), wanted.onnx_peak)
        candidates.append(Candidate(source.name, source.style, graph, graph.note))
    for source in sources[len(wanted.onnx) :]:
        command = CommandStylizer(source.what, paintings[source.style])
        candidates.append(Candidate(source.name, source.style, command))
    return candidates


def _from_pack(wanted: Wanted) -> Iterator[Candidate]:
    stylizer = Stylizer.load(wanted.pack)
    for name in wanted.styles or [style.name for style in stylizer.styles if style.origin == "pack"]:
        stylizer.library.find(name)
        yield Candidate(name, name, _through(stylizer, name))


def _through(stylizer: Stylizer, style: str) -> Stylise:
    return lambda photo: stylizer.stylize(photo, style)


def _check(missing: set[str], names: Sequence[str], paintings: Mapping[str, Path], catalogue: Path) -> None:
    if missing:
        raise NstError(f"{catalogue} has no style {', '.join(sorted(missing))}; it has {', '.join(paintings)}")
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise NstError(f"{', '.join(twice)} comes twice; give each a label of its own, such as {twice[0]}-2")
