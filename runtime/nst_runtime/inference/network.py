"""A pack and the styles on the search path: one codec in memory, looks that come as they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nst_runtime.errors import ImageError
from nst_runtime.inference.chain import Parts
from nst_runtime.inference.kept import Kept
from nst_runtime.inference.large import can_be_tiled, halo_px, least_bytes
from nst_runtime.inference.look import mix, reach, spread
from nst_runtime.inference.machine import resident_bytes
from nst_runtime.inference.regions import look_of
from nst_runtime.inference.steady import SteadyPainter
from nst_runtime.inference.templates import PartSession, open_part
from nst_runtime.inference.tile_painter import TilePainter
from nst_runtime.inference.tiles import decode_in_strips, decode_whole
from nst_runtime.pictures.arrays import to_network

if TYPE_CHECKING:
    from nst_runtime.contracts.library import Library
    from nst_runtime.contracts.tensors import Tensors
    from nst_runtime.inference.devices import RunSettings
    from nst_runtime.inference.look import Look, Weighted
    from nst_runtime.inference.look_statistics import LookStatistics
    from nst_runtime.inference.regions import LookLike
    from nst_runtime.pictures.arrays import Floats, Pixels

PLAIN = "plain"  # the style that paints the photograph, where a pack has one
LOOKS_KEPT = 32
WORK_BYTES = 45_000_000  # what decoding, encoding and putting strips together take, at any size


class Network:
    """What paints; safe to use from several threads, and in forked processes.

    The codec is loaded once; a look when it is first used, and kept.
    """

    def __init__(self, library: Library, settings: RunSettings) -> None:
        self.library = library
        self.pack = library.pack
        self.settings = settings
        self._codec = self.pack.codec_tensors()
        self.encoder = open_part(self.pack, "encoder", "direct", self._codec, settings)
        self.decoder = open_part(self.pack, "decoder", "direct", self._codec, settings)
        self._banks: Kept[Weighted, PartSession] = Kept(LOOKS_KEPT)
        self._painters: Kept[tuple[Weighted, LookStatistics], TilePainter] = Kept(LOOKS_KEPT)
        self._steady: Kept[Weighted, SteadyPainter] = Kept(LOOKS_KEPT)
        self._halo: int | None = None
        self.base_bytes = resident_bytes()

    def check_sides(self, height: int, width: int) -> None:
        """Raise ImageError when a picture of `height`×`width` pixels is too small for the codec."""
        minimum = self.pack.manifest.codec.minimum_px
        if min(height, width) < minimum:
            raise ImageError(f"a picture of {width}×{height} pixels is too small; both sides need at least {minimum}")

    def memory_left(self, held_bytes: int = 0) -> int | None:
        """Return the bytes that `memory_bytes` leaves for painting, beside `held_bytes`; None where it is not given."""
        given = self.settings.memory_bytes
        return None if given is None else max(0, given - self.base_bytes - WORK_BYTES - held_bytes)

    def needed_bytes(self, look: Look, width: int, held_bytes: int) -> int:
        """Return the memory without which no picture of that `width` is painted beside `held_bytes`."""
        tile = least_bytes(width, self.halo(look)) if can_be_tiled(self.pack) else 0
        return self.base_bytes + WORK_BYTES + held_bytes + tile

    def encode_pixels(self, photo: Pixels) -> tuple[Floats, ...]:
        """Return what the encoder makes of `photo`, uint8 H×W×3."""
        return tuple(self.encoder(to_network(photo, self.pack.manifest.codec.multiple_px)))

    def decode_pixels(self, painted: list[Floats], rgb: Pixels) -> None:
        """Write what the decoder makes of what a bank `painted` to `rgb`, uint8 H×W×3."""
        codec = self.pack.manifest.codec
        if codec.norms.get("decoder"):
            decode_whole(self.decoder, painted, rgb)
        else:
            decode_in_strips(self.decoder, painted, rgb, codec.painted)

    def bank(self, look: LookLike) -> PartSession:
        """Return the bank of `look`, opened at the first call; raises PackError as `stylize` does."""
        key = self._weights(look_of(look))
        return self._banks.get(key, lambda: self._open(key))

    def open_bank(self, look: LookLike) -> PartSession:
        """Return the bank of `look`, read and opened again at every call: the cost of a new look."""
        return self._open(self._weights(look_of(look)))

    def parts(self, look: LookLike) -> Parts:
        """Return the numbers that `look` is painted with; raises PackError as `stylize` does."""
        return Parts(self.pack, self._codec, self._numbers(self._weights(look_of(look))), self.settings)

    def painter(self, look: Look, statistics: LookStatistics) -> TilePainter:
        """Return what paints `look` with fixed `statistics`; raises PackError when they are of another look."""
        statistics.check_strokes(look.strokes)
        key = self._weights(look), statistics
        return self._painters.get(key, lambda: TilePainter(self.parts(look), statistics, self.halo(look)))

    def steady_painter(self, look: Look) -> SteadyPainter:
        """Return what paints pictures with `look` that are not like photographs."""
        return self._steady.get(self._weights(look), lambda: SteadyPainter(self.parts(look)))

    def halo(self, look: LookLike) -> int:
        """Return how many pixels around a tile are seen, whatever the `look`; raises NstError as `halo_px` does."""
        if self._halo is None:
            self._halo = halo_px(self.parts(look))
        return self._halo

    def share(self, look: Look) -> float:
        """Return how much of what the bank of `look` paints is seen."""
        return spread(look.strength)[1] if self._has_plain else look.strength

    @property
    def _has_plain(self) -> bool:
        return self.pack.manifest.plain is not None

    def _weights(self, look: Look) -> Weighted:
        """Return the styles that the bank of `look` is the sum of, the one that paints the photograph among them."""
        return reach(look.styles, PLAIN, spread(look.strength)[0] if self._has_plain else 1.0)

    def _open(self, styles: Weighted) -> PartSession:
        return open_part(self.pack, "bank", "direct", self._numbers(styles), self.settings)

    def _numbers(self, styles: Weighted) -> Tensors:
        return mix([(self._read(name), weight) for name, weight in styles])

    def _read(self, style: str) -> Tensors:
        where = str(self.library.find(style).path)
        return self.pack.template("bank", "direct").select(self.library.read(style).tensors, where)
