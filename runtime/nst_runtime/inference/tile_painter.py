"""Paint one tile of a picture, with statistics that are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.inference.chain import PARTS
from nst_runtime.inference.statistics import affine, affine_tensors
from nst_runtime.inference.templates import PartSession, open_part
from nst_runtime.inference.tiles import decode_in_strips

if TYPE_CHECKING:
    from nst_runtime.inference.chain import Parts
    from nst_runtime.inference.crops import Crop
    from nst_runtime.inference.look_statistics import LookStatistics
    from nst_runtime.inference.templates import Affine
    from nst_runtime.pictures.arrays import Floats, PixelRows, Pixels


class TilePainter:
    """The network with its statistics fixed; safe to call from several threads.

    `halo` is how many pixels around a tile it looks at. Raises PackError when the statistics are of another codec or
    style, or the pack is damaged.
    """

    def __init__(self, parts: Parts, statistics: LookStatistics, halo: int) -> None:
        statistics.check(parts)
        self.parts = parts
        self.halo = halo
        self._encoder, self._bank, self._decoder = (_open(parts, place, statistics) for place in range(len(PARTS)))

    def paint(self, crop: Crop, photo: PixelRows) -> Pixels:
        """Return what counts of `crop`, uint8 h×w×3, as far as `photo` goes."""
        painted = self._bank(*self._encoder(crop.of(photo, self.parts.multiple_px)))
        height, width = photo.shape[:2]
        return self._decode(painted, crop)[: height - crop.top, : width - crop.left]

    def _decode(self, painted: list[Floats], crop: Crop) -> Pixels:
        """Return the pixels of what counts, of which the decoder sees no more than it must."""
        facts = self.parts.pack.manifest.codec.painted
        rows, columns = (
            slice(
                max(0, (begin - first) // facts.scale_px - facts.overlap),
                (end - first) // facts.scale_px + facts.overlap,
            )
            for begin, end, first in (
                (crop.top, crop.bottom, crop.first_row),
                (crop.left, crop.right, crop.first_column),
            )
        )
        whole, *others = painted
        part = np.ascontiguousarray(whole[:, :, rows, columns])
        pixels = np.empty((part.shape[2] * facts.scale_px, part.shape[3] * facts.scale_px, 3), np.uint8)
        decode_in_strips(self._decoder, [part, *others], pixels, facts)
        top = crop.top - crop.first_row - rows.start * facts.scale_px
        left = crop.left - crop.first_column - columns.start * facts.scale_px
        return pixels[top : top + crop.bottom - crop.top, left : left + crop.right - crop.left]


def _open(parts: Parts, place: int, statistics: LookStatistics) -> PartSession:
    part = PARTS[place]
    tensors = parts.tensors(part)
    affines: dict[str, Affine] = {
        norm.name: affine(norm, statistics.of(norm.name), tensors) for norm in parts.norms(part)
    }
    return open_part(parts.pack, part, "folded", {**tensors, **affine_tensors(affines)}, parts.settings)
