"""Paint a picture of any size at full strokes in bounded memory: tile by tile, with the whole picture's statistics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from nst_runtime.errors import NstError
from nst_runtime.inference.chain import PARTS
from nst_runtime.inference.crops import Crop, squares, tiles
from nst_runtime.inference.look_statistics import LookStatistics, look_statistics
from nst_runtime.inference.machine import usable_memory_bytes
from nst_runtime.inference.measuring import measure_crops
from nst_runtime.inference.reach import reach_px
from nst_runtime.inference.statistics import affine, affine_tensors
from nst_runtime.inference.templates import PartSession, open_part
from nst_runtime.inference.tiles import decode_in_strips
from nst_runtime.pictures.arrays import check_pixels

if TYPE_CHECKING:
    from nst_runtime.contracts.packs import Pack
    from nst_runtime.inference.chain import Parts
    from nst_runtime.inference.templates import Affine
    from nst_runtime.pictures.arrays import Floats, Pixels

Way = Literal["sampled", "exact"]

# Bytes at the peak for each pixel, measured with the shipped codec.
DIRECT_BYTES = 80
TILE_BYTES = 70
MEASURED_BYTES = 130
HELD_BYTES = 32
SHARE = 0.5  # of the memory that there is, which is used if nobody says how much
LARGEST_TILE_PX = 2048  # larger ones are not faster
SMALLEST_TILE_PX = 256  # of smaller ones most is halo
SQUARES, SQUARE_PX, SQUARE_HALO_PX = 500, 64, 24


def can_be_tiled(pack: Pack) -> bool:
    """Return whether pictures can be painted in tiles with `pack`: not if its decoder has norms."""
    return not pack.manifest.codec.norms.get("decoder")


def needs_tiles(height: int, width: int, memory_bytes: int | None = None) -> bool:
    """Return whether a picture of `height`×`width` pixels takes more than `memory_bytes` if it is painted as a whole.

    None stands for half of what this process can have.
    """
    return height * width * DIRECT_BYTES > _allowed(memory_bytes)


def paint_large(
    parts: Parts,
    photo: Pixels,
    out: Pixels,
    *,
    statistics: Way | LookStatistics = "sampled",
    memory_bytes: int | None = None,
) -> LookStatistics:
    """Write `photo` painted at full strokes to `out`, both uint8 H×W×3; return the statistics that it has been given.

    `statistics` says where these come from: "exact" measures them on the whole picture, so that every value is within
    1 of 255 of what it is if the picture is painted as a whole; "sampled" measures them on 500 squares, which is faster
    and hardly to be told apart; or they are given, as an album's. `memory_bytes` is what this may take besides the two
    arrays, None for half of what this process can have; a tile of 256 pixels is painted in any case.

    Raises NstError when the network cannot paint tiles (`can_be_tiled`) or memory runs out, PackError when the
    statistics are of another codec or style, or the pack is damaged, TypeError or ValueError for arrays of another kind
    or shape.
    """
    check_pixels(photo)
    check_pixels(out)
    if photo.shape != out.shape:
        raise ValueError(f"out must be of the shape {photo.shape}, not {out.shape}")
    if np.may_share_memory(photo, out):
        raise ValueError("out must be another array than photo, whose pixels are needed around each tile")
    allowed = _allowed(memory_bytes)
    halo = _reach(parts)
    if isinstance(statistics, LookStatistics):
        statistics.check(parts)
        used = statistics
    else:
        used = _measure(parts, photo, statistics, halo, allowed)
    painter = _Painter(parts, used)
    for crop in _tiles(parts, photo, halo, allowed // TILE_BYTES):
        painter.paint(crop, photo, out)
    return used


def measure(parts: Parts, photo: Pixels, way: Way, *, memory_bytes: int | None = None) -> LookStatistics:
    """Return the statistics of `photo`, by a `way` and with a memory that `paint_large` describes."""
    check_pixels(photo)
    return _measure(parts, photo, way, _reach(parts), _allowed(memory_bytes))


def _measure(parts: Parts, photo: Pixels, way: Way, halo: int, allowed: int) -> LookStatistics:
    if way not in ("sampled", "exact"):
        raise ValueError(f"statistics must be 'sampled', 'exact' or LookStatistics, not {way!r}")
    crops, sample = _tiles(parts, photo, halo, allowed // MEASURED_BYTES), _squares(parts, photo)
    if way == "sampled" and _pixels(sample) < _pixels(crops):
        crops = sample
    held = _pixels(crops) * HELD_BYTES + max(_pixels([crop]) for crop in crops) * MEASURED_BYTES <= allowed
    return look_statistics(parts, measure_crops(parts, photo, crops, held=held))


class _Painter:
    """The network with its statistics fixed."""

    def __init__(self, parts: Parts, statistics: LookStatistics) -> None:
        self._parts = parts
        self._encoder, self._bank, self._decoder = (_open(parts, place, statistics) for place in range(len(PARTS)))

    def paint(self, crop: Crop, photo: Pixels, out: Pixels) -> None:
        """Write what counts of `crop` to `out`."""
        painted = self._bank(*self._encoder(crop.of(photo, self._parts.multiple_px)))
        place = out[crop.top : crop.bottom, crop.left : crop.right]
        place[...] = self._decode(painted, crop)[: place.shape[0], : place.shape[1]]

    def _decode(self, painted: list[Floats], crop: Crop) -> Pixels:
        """Return the pixels of what counts, of which the decoder sees no more than it must."""
        facts = self._parts.pack.manifest.codec.painted
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


def _reach(parts: Parts) -> int:
    """Return the halo of tiles; raises NstError where there are none."""
    reach = reach_px(parts) if can_be_tiled(parts.pack) else None
    if reach is None:
        raise NstError(
            f"{parts.pack.folder} cannot paint a picture in tiles: its network sees too much of it at once",
            "make the picture smaller, or use another pack",
        )
    return _halo(parts, reach)


def _tiles(parts: Parts, photo: Pixels, halo: int, pixels: int) -> list[Crop]:
    """Return tiles of `photo` that have up to so many `pixels`, their `halo` among them."""
    side = min(max(math.isqrt(pixels) - 2 * halo, SMALLEST_TILE_PX), LARGEST_TILE_PX)
    return list(tiles(*_padded(parts, photo), side, halo, parts.multiple_px))


def _squares(parts: Parts, photo: Pixels) -> list[Crop]:
    side, halo = (-(-px // parts.multiple_px) * parts.multiple_px for px in (SQUARE_PX, SQUARE_HALO_PX))
    return squares(*_padded(parts, photo), SQUARES, side, _halo(parts, halo), parts.multiple_px)


def _halo(parts: Parts, reach: int) -> int:
    """Return the halo of crops: the reach, and enough for the codec to take the crop."""
    return max(reach, -(-parts.pack.manifest.codec.minimum_px // parts.multiple_px) * parts.multiple_px)


def _padded(parts: Parts, photo: Pixels) -> tuple[int, int]:
    height, width = (-(-side // parts.multiple_px) * parts.multiple_px for side in photo.shape[:2])
    return height, width


def _pixels(crops: list[Crop]) -> int:
    return sum((crop.last_row - crop.first_row) * (crop.last_column - crop.first_column) for crop in crops)


def _allowed(memory_bytes: int | None) -> int:
    return int(usable_memory_bytes() * SHARE) if memory_bytes is None else memory_bytes
