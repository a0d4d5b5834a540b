"""Paint one photograph: at which size, as a whole or in tiles, and what is done with that to make the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.errors import NstError
from nst_runtime.inference.finish import AUTO_FROM_PIXELS, size_to_paint
from nst_runtime.inference.large import can_be_tiled, measure, needs_tiles, paint_bands
from nst_runtime.inference.layers import Layer, compose, of_bands, of_smaller, of_whole, photograph
from nst_runtime.inference.likeness import typical_share
from nst_runtime.inference.look_statistics import LookStatistics, look_statistics
from nst_runtime.inference.regions import Regions, RegionWeights, looks_of
from nst_runtime.inference.steady import can_be_steadied
from nst_runtime.pictures.resample import shrink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nst_runtime.inference.look import Look
    from nst_runtime.inference.network import Network
    from nst_runtime.pictures.arrays import Floats, PixelRows, Pixels

Size = tuple[int, int]


@dataclass(frozen=True)
class Sizes:
    """A photograph at the sizes at which it is painted, and what the encoder makes of it there; each is made once."""

    photo: PixelRows
    smaller: dict[Size, Pixels] = field(default_factory=dict)
    codes: dict[Size, tuple[Floats, ...]] = field(default_factory=dict)

    @property
    def full(self) -> Size:
        """The photograph's own height and width."""
        height, width = self.photo.shape[:2]
        return height, width

    def at(self, size: Size) -> PixelRows:
        """Return the photograph at the height and width of `size`, its own or smaller."""
        if size == self.full:
            return self.photo
        if size not in self.smaller:
            self.smaller[size] = shrink(self.photo, size[1], size[0])
        return self.smaller[size]

    @cached_property
    def typical_share(self) -> float:
        """How much of the statistics should be a typical photograph's: 0 where this is like one."""
        return typical_share(self.photo)

    def code(self, network: Network, size: Size) -> tuple[Floats, ...]:
        """Return what the encoder of `network` makes of the photograph at `size`."""
        if size not in self.codes:
            self.codes[size] = network.encode_pixels(self.at(size)[:])
        return self.codes[size]


@dataclass(frozen=True)
class Painting:
    """Paints a photograph with looks. `held_bytes` are what the caller's arrays take of the memory."""

    network: Network
    sizes: Sizes
    held_bytes: int = 0

    def paint(self, look: Look | Regions, rgb: Pixels) -> None:
        """Write the picture to `rgb`, uint8 H×W×3, which may be the photograph's own array.

        Raises what `Stylizer.stylize` does.
        """
        if not isinstance(look, Regions) and self._is_painted_as_it_is(look):
            self._paint_whole(look, rgb)
            return
        for top, rows in self.strips(look):
            rgb[top : top + len(rows)] = rows

    def strips(self, look: Look | Regions) -> Iterator[tuple[int, Pixels]]:
        """Yield the first row of each strip of the picture from the top down, and its rows, uint8 h×W×3."""
        weights = RegionWeights(look, *self.sizes.full) if isinstance(look, Regions) else None
        layers = [self._layer(each) for each in looks_of(look)]
        return compose(self.sizes.photo, layers, weights)

    def check(self, look: Look | Regions) -> None:
        """Raise what can be told before anything is painted: of masks, of statistics, and of the memory for tiles."""
        if isinstance(look, Regions):
            RegionWeights(look, *self.sizes.full)
        for each in looks_of(look):
            if isinstance(each.statistics, LookStatistics):
                self.network.painter(each, each.statistics)
            size = size_to_paint(*self.sizes.full, each.strokes)
            if self._is_too_large(size):
                self._allowed(each, size[1])

    def measure(self, look: Look) -> LookStatistics:
        """Return the statistics by which `look` is painted on this photograph."""
        if isinstance(look.statistics, LookStatistics):
            return look.statistics
        size = size_to_paint(*self.sizes.full, look.strokes)
        way = look.statistics if self._is_too_large(size) else "exact"
        parts = self.network.parts(look)
        found = measure(
            parts,
            self.sizes.at(size),
            way,
            halo=self.network.halo(look),
            memory_bytes=self._allowed(look, size[1]),
            beside=self.network.steady_painter(look).beside(self.typical_share) if self.typical_share else None,
        )
        return look_statistics(parts, found, look.strokes)

    @property
    def typical_share(self) -> float:
        """How much of the statistics is a typical photograph's."""
        return self.sizes.typical_share if can_be_steadied(self.network.pack) else 0.0

    def encode(self) -> None:
        """Do what all looks with strokes as usual have in common."""
        if not self.typical_share:
            self.sizes.code(self.network, size_to_paint(*self.sizes.full, "auto"))

    def _is_painted_as_it_is(self, look: Look) -> bool:
        """Tell whether the network's picture is the picture, with nothing to be done before or after."""
        size = size_to_paint(*self.sizes.full, look.strokes)
        whole = size == self.sizes.full and not self._is_painted_in_tiles(look, size)
        return whole and self.network.share(look) == 1 and look.colors == 1

    def _layer(self, look: Look) -> Layer:
        share = self.network.share(look)
        if not share:
            return Layer(photograph)
        size = size_to_paint(*self.sizes.full, look.strokes)
        in_tiles = self._is_painted_in_tiles(look, size)
        if in_tiles and size == self.sizes.full:
            return Layer(of_bands(self._bands(look, size)), share, look.colors)
        if in_tiles:
            painted = np.concatenate(list(self._bands(look, size)))
        else:
            painted = np.empty((*size, 3), np.uint8)
            self._paint_whole(look, painted)
        if size == self.sizes.full:
            return Layer(of_whole(painted), share, look.colors)
        return Layer(of_smaller(painted, self.sizes.at(size)[:], self.sizes.full[0]), share, look.colors)

    def _paint_whole(self, look: Look, painted: Pixels) -> None:
        """Write what the network makes of the photograph at the size of `painted` into it."""
        size = painted.shape[0], painted.shape[1]
        if self.typical_share:
            features = self.network.steady_painter(look)(self.sizes.at(size)[:], self.typical_share)
        else:
            features = self.network.bank(look)(*self.sizes.code(self.network, size))
        self.network.decode_pixels(features, painted)

    def _bands(self, look: Look, size: Size) -> Iterator[Pixels]:
        painter = self.network.painter(look, self.measure(look))
        return paint_bands(painter, self.sizes.at(size), memory_bytes=self._allowed(look, size[1]))

    def _is_painted_in_tiles(self, look: Look, size: Size) -> bool:
        """Tell whether the statistics are given, or the whole takes more memory than there should be for it."""
        return isinstance(look.statistics, LookStatistics) or self._is_too_large(size)

    def _is_too_large(self, size: Size) -> bool:
        if self.network.settings.memory_bytes is None and size[0] * size[1] <= AUTO_FROM_PIXELS:
            return False  # not worth asking the system for
        return can_be_tiled(self.network.pack) and needs_tiles(*size, self.network.memory_left(self.held_bytes))

    def _allowed(self, look: Look, width: int) -> int | None:
        """Return the memory that is left; raises NstError where it is too little for a tile of that `width`."""
        given = self.network.settings.memory_bytes
        needed = self.network.needed_bytes(look, width, self.held_bytes)
        if given is not None and given < needed:
            raise NstError(
                f"`memory_bytes` of {given // 10**6} MB is too little for a picture {self.sizes.full[1]} pixels wide",
                f"give at least {math.ceil(needed / 10**6)}MB",
            )
        return self.network.memory_left(self.held_bytes)
