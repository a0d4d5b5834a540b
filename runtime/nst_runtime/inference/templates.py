"""From a pack's templates and a style's numbers to sessions that run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nst_runtime.errors import PackError
from nst_runtime.inference.sessions import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nst_runtime.contracts.packs import Form, Norm, Pack, Part, Template
    from nst_runtime.contracts.tensors import Tensors
    from nst_runtime.inference.devices import RunSettings
    from nst_runtime.pictures.arrays import Floats

AFFINE_ENDINGS = ".a", ".b"  # of the inputs that are a norm's numbers
Affine = tuple["Floats", "Floats"]
"""What a norm does where its statistics are known: a and b of a·x + b, float32 C each."""


class PartSession:
    """A part of the network, in one form and with its numbers; safe to call from several threads."""

    def __init__(self, template: Template, session: Session) -> None:
        self.session = session
        self._ports = tuple(port.name for port in template.inputs)
        self._affines = {name for name in self._ports if name.endswith(AFFINE_ENDINGS)}
        self._outputs = tuple(port.name for port in template.outputs if not port.name.endswith(".x"))

    def __call__(self, *arrays: Floats) -> list[Floats]:
        """Return what the part gives for `arrays`, float32 1×C×H×W, in the order of its ports.

        Of more arrays than it takes, the last are left out. Raises PackError when the arrays, which other parts of the
        pack gave, do not fit; else what `Session.run` does.
        """
        return self._run(dict(zip(self._ports, arrays, strict=False)), self._outputs)

    def with_affines(self, affines: Mapping[str, Affine], *arrays: Floats) -> list[Floats]:
        """Return what the *staged* part gives for `arrays` and the norms' `affines`."""
        return self._run(self._feeds(affines, arrays), self._outputs)

    def before(self, norm: Norm, affines: Mapping[str, Affine], *arrays: Floats) -> Floats:
        """Return the values before `norm`, 1×C×h×w, by the *staged* part and the `affines` of the norms before it."""
        (values,) = self._run(self._feeds(affines, arrays), (f"{norm.name}.x",))
        return values

    def _run(self, feeds: dict[str, Floats], outputs: tuple[str, ...]) -> list[Floats]:
        try:
            return self.session.run(feeds, outputs)
        except ValueError as error:
            raise PackError(f"the pack's parts do not fit together ({error})", "get the pack again") from error

    def _feeds(self, affines: Mapping[str, Affine], arrays: tuple[Floats, ...]) -> dict[str, Floats]:
        feeds = dict(zip((name for name in self._ports if name not in self._affines), arrays, strict=False))
        for name, (a, b) in affines.items():
            feeds |= {f"{name}.a": a, f"{name}.b": b}
        return feeds


def open_part(
    pack: Pack, part: Part, form: Form, tensors: Tensors, settings: RunSettings, *, where: str = ""
) -> PartSession:
    """Return `part` in `form`, filled with `tensors` by name; *folded* ones also want ``NORM.a`` and ``NORM.b``.

    `where` names the file of the tensors in errors. Raises PackError when a tensor is missing or of another shape, the
    template is damaged, or onnxruntime cannot run it; else what `Session` does.
    """
    template = pack.template(part, form)
    weights = template.select(tensors, where or str(pack.folder))
    session = Session(pack.read(template), weights, settings, where=f"{pack.folder / template.file}")
    if session.inputs != tuple(p.name for p in template.inputs) or session.outputs != tuple(
        p.name for p in template.outputs
    ):
        raise PackError(
            f"{pack.folder / template.file} has other inputs and outputs than its manifest says", "get the pack again"
        )
    return PartSession(template, session)
