"""Files for the tests of pictures that are read a few rows at a time."""

import io
import struct
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from nst_runtime.pictures.containers.ifd import Value, list_size, write_list
from nst_runtime.pictures.containers.png import SIGNATURE, header_data, write_chunk

Pixels = npt.NDArray[np.uint8]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
LAYOUTS = [(0, 1), (0, 2), (0, 4), (3, 1), (3, 2), (3, 4), *((color_type, 8) for color_type in CHANNELS)]
LAYOUTS += [(color_type, 16) for color_type in CHANNELS if color_type != 3]
"""All color types and bits a channel that a PNG can have."""


def waves(height: int = 61, width: int = 45) -> Image.Image:
    """Waves with grain, as a photograph has."""
    y, x = np.mgrid[0:height, 0:width]
    bands = np.stack([np.sin(x / 9) + np.cos(y / 7), np.sin((x + y) / 11), np.cos(x / 13 - y / 5)], axis=2)
    grain = np.random.default_rng(0).normal(0, 8, bands.shape)
    return Image.fromarray((bands * 60 + 128 + grain).clip(0, 255).astype(np.uint8))


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def noise_png(color_type: int, bits: int, *chunks: bytes, height: int = 61, width: int = 45, parts: int = 3) -> bytes:
    """Return a PNG of noise, whose rows have all filters in turn, in several IDAT chunks; `chunks` come before them."""
    row_bytes = (width * CHANNELS[color_type] * bits + 7) // 8
    rows = np.random.default_rng(color_type * 100 + bits).integers(0, 256, (height, 1 + row_bytes), dtype=np.uint8)
    rows[:, 0] = np.arange(height) % 5
    palette = write_chunk(b"PLTE", bytes(range(256)) * 3) if color_type == 3 and bits == 8 else b""
    if color_type == 3 and bits < 8:
        palette = write_chunk(b"PLTE", bytes(range(3 << bits)))
    packed = zlib.compress(rows.tobytes())
    step = len(packed) // parts
    cuts = [step * number for number in range(parts)] + [len(packed)]
    idat = [write_chunk(b"IDAT", packed[a:b]) for a, b in pairwise(cuts)]
    header = write_chunk(b"IHDR", header_data(width, height, bits, color_type))
    return b"".join((SIGNATURE, header, palette, *chunks, *idat, write_chunk(b"IEND", b"")))


def tiled(
    pixels: Pixels,
    compression: int = 1,
    pack: Callable[[Pixels], bytes] = lambda tile: tile.tobytes(),
    order: str = "<",
    **tags: int,
) -> bytes:
    """Return `pixels`, H×W×3, as a TIFF of tiles 16 wide and 32 high, each packed by `pack`."""
    height, width = pixels.shape[:2]
    padded = np.pad(pixels, ((0, -height % 32), (0, -width % 16), (0, 0)))
    tiles = [
        pack(np.ascontiguousarray(padded[top : top + 32, left : left + 16]))
        for top in range(0, height, 32)
        for left in range(0, width, 16)
    ]
    numbers = {256: (width,), 257: (height,), 258: (8, 8, 8), 259: (compression,), 262: (tags.get("photometric", 2),)}
    numbers |= {277: (3,), 322: (16,), 323: (32,), 325: tuple(map(len, tiles))}
    return with_parts(numbers, 324, tiles, order)


def with_parts(numbers: dict[int, tuple[int, ...]], offset_tag: int, parts: list[bytes], order: str = "<") -> bytes:
    """Return a TIFF with the tags `numbers` and the `parts`, strips or tiles, whose places `offset_tag` gets."""

    def values(start: int) -> list[Value]:
        offsets = tuple(start + sum(map(len, parts[:number])) for number in range(len(parts)))
        tags = {offset_tag: offsets, **numbers}
        kind = {number: 3 if number in {258, 339} else 4 for number in tags}
        code = {3: "H", 4: "L"}
        return [(n, kind[n], struct.pack(f"{order}{len(v)}{code[kind[n]]}", *v)) for n, v in tags.items()]

    start = 8 + list_size(values(0))
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "L", 8)
    return head + write_list(values(start), order, 8) + b"".join(parts)
