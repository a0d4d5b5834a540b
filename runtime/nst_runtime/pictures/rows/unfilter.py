"""PNG's filters undone for some rows: Pillow does it, on small pictures made of them."""

import io
import zlib

import numpy as np
from PIL.PngImagePlugin import PngImageFile

from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.containers.png import SIGNATURE, header_data, write_chunk

# By bytes a pixel: how many pictures of 8 bits a channel the bytes are dealt to, and their color type. A filter looks
# only at bytes that are whole pixels apart, and so each of the pictures has all that it needs.
_PICTURES = {1: (1, 0), 2: (1, 4), 3: (1, 2), 4: (1, 6), 6: (2, 2), 8: (2, 6)}


def unfilter(rows: Pixels, above: Pixels, pixel_bytes: int) -> Pixels:
    """Return the bytes (uint8 h×n) of the filtered `rows` (uint8 h×(1+n), each after the number of its filter).

    `above` are the n bytes of the row before them, zeros before the first one. `pixel_bytes` is 1, 2, 3, 4, 6 or 8, and
    1 where pixels are smaller than a byte. Raises what Pillow raises where a filter is unknown.
    """
    count, color_type = _PICTURES[pixel_bytes]
    height, channels = len(rows), pixel_bytes // count
    filtered = np.zeros((height + 1, rows.shape[1]), np.uint8)
    filtered[0, 1:] = above
    filtered[1:] = rows
    if count == 1:
        return _decode(filtered, color_type, channels)[1:]
    pixels = filtered[:, 1:].reshape(height + 1, -1, count, channels)
    bare = np.empty((height, *pixels.shape[1:]), np.uint8)
    for number in range(count):
        part = np.hstack([filtered[:, :1], pixels[:, :, number].reshape(height + 1, -1)])
        bare[:, :, number] = _decode(part, color_type, channels)[1:].reshape(height, -1, channels)
    return bare.reshape(height, -1)


def _decode(filtered: Pixels, color_type: int, channels: int) -> Pixels:
    height, row_bytes = filtered.shape[0], filtered.shape[1] - 1
    header = header_data(row_bytes // channels, height, 8, color_type)
    idat = write_chunk(b"IDAT", zlib.compress(filtered.tobytes(), 0))
    data = b"".join((SIGNATURE, write_chunk(b"IHDR", header), idat, write_chunk(b"IEND", b"")))
    with PngImageFile(io.BytesIO(data)) as image:
        return np.asarray(image).reshape(height, row_bytes)
