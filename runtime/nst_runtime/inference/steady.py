"""Paint pictures that are not like photographs, with statistics as they would be beside one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nst_runtime.inference.beside import Beside, typical_picture
from nst_runtime.inference.chain import PARTS, all_steps
from nst_runtime.inference.measuring import Sums
from nst_runtime.inference.statistics import affine
from nst_runtime.pictures.arrays import to_network

if TYPE_CHECKING:
    from nst_runtime.contracts.packs import Pack
    from nst_runtime.contracts.styles import Statistics
    from nst_runtime.inference.chain import Parts
    from nst_runtime.inference.templates import Affine
    from nst_runtime.pictures.arrays import Floats, Pixels


def can_be_steadied(pack: Pack) -> bool:
    """Return whether all norms of `pack` are measured before the decoder."""
    norms = pack.manifest.codec.norms
    return bool(norms.get("bank")) and not norms.get("decoder")


class SteadyPainter:
    """A look, open to paint pictures beside a typical photograph; safe to call from several threads.

    Opening it takes some 40 ms, for the look's statistics of that photograph are measured. A picture of 512×512 takes
    up to half as long again as with the *direct* form.
    """

    def __init__(self, parts: Parts) -> None:
        """Open the look of `parts`; raises PackError as `open_part` does."""
        self._parts = parts
        self._steps = all_steps(parts)
        self._image = parts.pack.template("encoder", "direct").inputs[0].name
        self._painted = tuple(port.name for port in parts.pack.template(PARTS[-1], "direct").inputs)
        self._typical = self._run(typical_picture(), None)[1]

    def beside(self, share: float) -> Beside:
        """Return the typical photograph as this look sees it, with a `share` from 0 to 1."""
        return Beside(share, self._typical)

    def __call__(self, photo: Pixels, share: float) -> list[Floats]:
        """Return what the decoder takes for `photo`, uint8 H×W×3, beside a photograph that has a `share` from 0 to 1.

        Raises what `Session.run` does.
        """
        values, _ = self._run(photo, self.beside(share))
        return [values[name] for name in self._painted]

    def _run(self, photo: Pixels, beside: Beside | None) -> tuple[dict[str, Floats], dict[str, Statistics]]:
        """Return the values at the end, by name, and the statistics that each norm was given."""
        values = {self._image: to_network(photo, self._parts.multiple_px)}
        affines: dict[str, Affine] = {}
        given: dict[str, Statistics] = {}
        for step in self._steps:
            values = step(values, affines)
            if step.norm:
                name = step.norm.name
                own = _measure(values[f"{name}.x"], step.norm.channels)
                given[name] = beside.mixed(name, own) if beside else own
                affines[name] = affine(step.norm, given[name], self._parts.tensors(step.part))
        return values, given


def _measure(values: Floats, channels: int) -> Statistics:
    sums = Sums(channels)
    sums.add(values.reshape(channels, -1))
    return sums.statistics()
