"""The network as a chain of steps, each of which ends before a norm: what comes before a norm is computed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from nst_runtime.contracts.packs import Part
from nst_runtime.inference.cutting import cut
from nst_runtime.inference.sessions import Session
from nst_runtime.inference.templates import AFFINE_ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nst_runtime.contracts.packs import Norm, Pack
    from nst_runtime.contracts.tensors import Tensors
    from nst_runtime.inference.devices import RunSettings
    from nst_runtime.inference.templates import Affine
    from nst_runtime.pictures.arrays import Floats

PARTS: tuple[Part, ...] = get_args(Part)
MEASURED = PARTS[:2]  # the decoders that have norms work beyond the picture's border, and cannot be measured in crops


@dataclass(frozen=True)
class Parts:
    """What a picture is painted with: a pack, the numbers of its codec and of a style, and what computes."""

    pack: Pack
    codec: Tensors
    style: Tensors
    settings: RunSettings

    @property
    def multiple_px(self) -> int:
        """What the sides of crops are multiples of, in pixels."""
        return self.pack.manifest.codec.multiple_px

    def tensors(self, part: Part) -> Tensors:
        """Return the numbers of `part`, in which its norms' scales and biases are as well."""
        return self.style if part == "bank" else {**self.style, **self.codec}

    def norms(self, part: Part) -> tuple[Norm, ...]:
        """Return the norms of `part`, in the order in which they are computed."""
        return tuple(self.pack.manifest.codec.norms.get(part, ()))


@dataclass(frozen=True)
class Step:
    """A piece of the network: up to the values before `norm`, or to the end of a part where that is None.

    `given` are the values that the part takes of the one before it, `kept` those that later steps of the part take;
    those of the part's end have the next part's names.
    """

    session: Session
    part: Part
    norm: Norm | None
    given: frozenset[str]
    kept: frozenset[str]
    renamed: Mapping[str, str]

    @property
    def takes(self) -> frozenset[str]:
        """The values that this step takes, without its norms' numbers."""
        return frozenset(name for name in self.session.inputs if not name.endswith(AFFINE_ENDINGS))

    def __call__(self, values: Mapping[str, Floats], affines: Mapping[str, Affine]) -> dict[str, Floats]:
        """Return the values after this step, by name, for those before it and the norms that are known."""
        known = {f"{name}.{letter}": pair["ab".index(letter)] for name, pair in affines.items() for letter in "ab"}
        feeds = {name: known[name] if name in known else values[name] for name in self.session.inputs}
        after = {**values, **dict(zip(self.session.outputs, self.session.run(feeds), strict=True))}
        if self.norm is None:
            return {self.renamed[name]: array for name, array in after.items() if name in self.renamed}
        wanted = self.kept | {f"{self.norm.name}.x"}
        return {name: array for name, array in after.items() if name in wanted}


def steps(parts: Parts) -> list[Step]:
    """Return the steps from the picture, ``image``, up to the last norm; raises PackError as `open_part` does."""
    last = max((place for place, part in enumerate(MEASURED) if parts.norms(part)), default=-1)
    return [step for place in range(last + 1) for step in _steps(parts, place, to_end=place < last)]


def all_steps(parts: Parts) -> list[Step]:
    """Return the steps from the picture up to what the decoder takes; raises PackError as `open_part` does."""
    return [step for place in range(len(MEASURED)) for step in _steps(parts, place, to_end=True)]


def _steps(parts: Parts, place: int, *, to_end: bool) -> Iterator[Step]:
    """Yield the steps of one part, `to_end` or up to its last norm."""
    part = PARTS[place]
    norms = parts.norms(part)
    template = parts.pack.template(part, "staged")
    ends = [port.name for port in template.outputs if not port.name.endswith(".x")]
    takes = [port.name for port in parts.pack.template(PARTS[place + 1], "direct").inputs] if to_end else []
    renamed = dict(zip(ends, takes, strict=False))
    given = frozenset(port.name for port in template.inputs if not port.name.endswith(AFFINE_ENDINGS))
    pieces = cut(parts.pack.read(template), [f"{norm.name}.x" for norm in norms], list(renamed))
    weights = template.select(parts.tensors(part), str(parts.pack.folder))
    for index, piece in enumerate(pieces):
        held = {name: array for name, array in weights.items() if name in piece.tensors}
        session = Session(piece.data, held, parts.settings, where=str(parts.pack.folder / template.file))
        kept = frozenset([*renamed, *(name for later in pieces[index + 1 :] for name in later.inputs)])
        yield Step(session, part, norms[index] if index < len(norms) else None, given, kept, renamed)
