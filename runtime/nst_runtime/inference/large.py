"""Pictures of any size at full strokes in bounded memory: tile by tile, with the whole picture's statistics."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.errors import NstError
from nst_runtime.inference.crops import Crop, squares, tiles
from nst_runtime.inference.machine import usable_memory_bytes
from nst_runtime.inference.measuring import HELD_NUMBERS, measure_crops
from nst_runtime.inference.reach import reach_px

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nst_runtime.contracts.packs import Pack
    from nst_runtime.contracts.styles import Statistics
    from nst_runtime.inference.beside import Beside
    from nst_runtime.inference.chain import Parts
    from nst_runtime.inference.look import Way
    from nst_runtime.inference.tile_painter import TilePainter
    from nst_runtime.pictures.arrays import PixelRows, Pixels

# Bytes at the peak for each pixel, measured with the shipped codec.
DIRECT_BYTES = 80
TILE_BYTES = 80
MEASURED_BYTES = 130
ROW_BYTES = 6  # for each pixel of a row of tiles over the whole width: the photograph's and what is painted
SHARE = 0.5  # of the memory that there is, which is used if nobody says how much
LARGEST_TILE_PX = 2048  # larger ones are not faster
SMALLEST_TILE_PX = 256  # of smaller ones most is halo
TILE_STEP_PX = 32
SQUARES, SQUARE_PX, SQUARE_HALO_PX = 800, 64, 24


def can_be_tiled(pack: Pack) -> bool:
    """Return whether pictures can be painted in tiles with `pack`: not if its decoder has norms."""
    return not pack.manifest.codec.norms.get("decoder")


def needs_tiles(height: int, width: int, memory_bytes: int | None = None) -> bool:
    """Return whether a picture of `height`×`width` pixels takes more than `memory_bytes` if it is painted as a whole.

    None stands for half of what this process can have.
    """
    return height * width * DIRECT_BYTES > allowed_bytes(memory_bytes)


def least_bytes(width: int, halo: int) -> int:
    """Return the memory without which a picture of this `width` is not painted in tiles, in bytes."""
    return _bytes(SMALLEST_TILE_PX, width, halo, TILE_BYTES)


def paint_bands(painter: TilePainter, photo: PixelRows, *, memory_bytes: int | None = None) -> Iterator[Pixels]:
    """Yield `photo`, uint8 H×W×3, painted at full strokes: bands of rows over the whole width, from the top down.

    `memory_bytes` is what this may take, None for half of what this process can have; tiles of 256 pixels are painted
    in any case. `photo` is read from the top down, too. Raises NstError when memory runs out.
    """
    crops = _tiles(painter.parts, photo, painter.halo, TILE_BYTES, allowed_bytes(memory_bytes))
    for _, row in groupby(crops, attrgetter("top")):
        yield _paint_band(painter, photo, list(row))


def _paint_band(painter: TilePainter, photo: PixelRows, row: list[Crop]) -> Pixels:
    height, width = photo.shape[:2]
    band = np.empty((min(row[0].bottom, height) - row[0].top, width, 3), np.uint8)
    for crop in row:
        band[:, crop.left : crop.right] = painter.paint(crop, photo)
    return band


def measure(
    parts: Parts,
    photo: PixelRows,
    way: Way,
    *,
    halo: int,
    memory_bytes: int | None = None,
    beside: Beside | None = None,
) -> dict[str, Statistics]:
    """Return the statistics of `photo`, uint8 H×W×3, by norm, with the memory that `paint_bands` describes.

    "exact" measures them on the whole picture, so that every value painted with them is within 1 of 255 of what it is
    if the picture is painted as a whole; "sampled" measures them on 800 squares, which is faster and hardly to be told
    apart. Those of a picture that is not like a photograph are mixed with what is `beside` it.
    Raises NstError when memory runs out, PackError when the pack is damaged.
    """
    allowed = allowed_bytes(memory_bytes)
    crops, sample = _tiles(parts, photo, halo, MEASURED_BYTES, allowed), _squares(parts, photo)
    if way == "sampled" and _pixels(sample) < _pixels(crops):
        crops = sorted(sample, key=attrgetter("first_row"))
    held = 4 * HELD_NUMBERS * _pixels(crops) + MEASURED_BYTES * max(crop.pixels for crop in crops) <= allowed
    return measure_crops(parts, photo, crops, held=held, beside=beside)


def halo_px(parts: Parts) -> int:
    """Return how many pixels around a tile must be known; raises NstError where the network cannot paint tiles."""
    reach = reach_px(parts) if can_be_tiled(parts.pack) else None
    if reach is None:
        raise NstError(
            f"{parts.pack.folder} cannot paint a picture in tiles: its network sees too much of it at once",
            "make the picture smaller, or use another pack",
        )
    return _halo(parts, reach)


def _tiles(parts: Parts, photo: PixelRows, halo: int, pixel_bytes: int, allowed: int) -> list[Crop]:
    """Return tiles of `photo`, the largest that take no more than `allowed` bytes, `pixel_bytes` for each pixel."""
    sides = range(LARGEST_TILE_PX, SMALLEST_TILE_PX, -TILE_STEP_PX)
    fitting = (side for side in sides if _bytes(side, photo.shape[1], halo, pixel_bytes) <= allowed)
    return list(tiles(*_padded(parts, photo), next(fitting, SMALLEST_TILE_PX), halo, parts.multiple_px))


def _bytes(side: int, width: int, halo: int, pixel_bytes: int) -> int:
    whole = side + 2 * halo
    return whole * min(whole, width) * pixel_bytes + whole * width * ROW_BYTES


def _squares(parts: Parts, photo: PixelRows) -> list[Crop]:
    side, halo = (-(-px // parts.multiple_px) * parts.multiple_px for px in (SQUARE_PX, SQUARE_HALO_PX))
    return squares(*_padded(parts, photo), SQUARES, side, _halo(parts, halo), parts.multiple_px)


def _halo(parts: Parts, reach: int) -> int:
    """Return the halo of crops: the reach, and enough for the codec to take the crop."""
    return max(reach, -(-parts.pack.manifest.codec.minimum_px // parts.multiple_px) * parts.multiple_px)


def _padded(parts: Parts, photo: PixelRows) -> tuple[int, int]:
    height, width = (-(-side // parts.multiple_px) * parts.multiple_px for side in photo.shape[:2])
    return height, width


def _pixels(crops: list[Crop]) -> int:
    return sum(crop.pixels for crop in crops)


def allowed_bytes(memory_bytes: int | None) -> int:
    """Return `memory_bytes`; half of what this process can have for None."""
    return int(usable_memory_bytes() * SHARE) if memory_bytes is None else memory_bytes
