"""Every kind of file that people have: what it must come out as, or what must be said of it. A kind is one row."""

import base64
import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from nst_runtime.errors import ImageError
from nst_runtime.pictures.icc import SRGB_CURVE, grey_profile, rgb_profile
from nst_runtime.pictures.read import read_picture_bytes

Pixels = npt.NDArray[np.uint8]
P3 = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (90, 90, 90)
LEVELS = (0, 51, 128, 200, 255)


def corners(mode: str = "RGB") -> Image.Image:
    """24×16 pixels: red at the upper left, green at the upper right, blue at the lower left, else grey."""
    image = Image.new("RGB", (24, 16), GREY)
    for color, box in {RED: (0, 0, 8, 8), GREEN: (16, 0, 24, 8), BLUE: (0, 8, 8, 16)}.items():
        image.paste(color, box)
    return image.convert(mode)


CORNERS = np.asarray(corners())


def bars(mode: str = "L", levels: tuple[int, ...] = LEVELS) -> Image.Image:
    """8 pixels a level wide, 16 high."""
    return Image.fromarray(np.tile(np.repeat(np.array(levels, np.uint8), 8), (16, 1))).convert(mode)


def as_bars(*levels: int) -> Pixels:
    return np.repeat(np.asarray(bars(levels=levels))[:, :, None], 3, axis=2)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def turned(kind: str, orientation: int, said_by: str = "exif", **options: Any) -> bytes:
    """Return the corners as a camera stores them that says `orientation`."""
    step = (None, 0, 3, 1, 5, 2, 6, 4)[orientation - 1] if 1 <= orientation <= 8 else None
    image = corners() if step is None else corners().transpose(Image.Transpose(step))
    exif = Image.Exif()
    exif[0x0112] = orientation
    xmp = f'<x:xmpmeta><rdf:Description tiff:Orientation="{orientation}"/></x:xmpmeta>'.encode()
    return saved(image, kind, **({"exif": exif} if said_by == "exif" else {"xmp": xmp}), **options)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(image: Image.Image, *chunks: bytes, **options: Any) -> bytes:
    """Return `image` as a PNG with more chunks after its header."""
    data = saved(image, "PNG", **options)
    return data[:33] + b"".join(chunks) + data[33:]


def png_16_bit(color_type: int, values: npt.NDArray[np.uint16]) -> bytes:
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, color_type, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    parts = {b"IHDR": header, b"IDAT": zlib.compress(rows), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts.items())


def tiff(values: npt.NDArray[Any], *, order: str = "<", white_is_zero: bool = False, bits: int = 0) -> bytes:
    """Return `values`, H×W or H×W×channels, as a TIFF without compression; `bits` other than the type's are packed."""
    height, width, channels = (*values.shape, 1)[:3]
    data = values.astype(values.dtype.newbyteorder(order)).tobytes()
    if bits:
        digits = "".join(f"{value:0{bits}b}" for value in values.flat)
        data = int(digits, 2).to_bytes(len(digits) // 8, "big")
    photometric = 0 if white_is_zero else {1: 1, 3: 2, 4: 5}[channels]
    bits = bits or values.dtype.itemsize * 8
    tags = {256: width, 257: height, 258: bits, 259: 1, 262: photometric, 277: channels, 278: height, 279: len(data)}
    tags |= {273: 0, 339: 3 if values.dtype.kind == "f" else 1}
    start = 8 + 2 + 12 * len(tags) + 4
    values_of_bits = struct.pack(order + "H", bits) * channels if channels > 2 else b""
    tags[273] = start + len(values_of_bits)
    block = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "LH", 8, len(tags))
    for number, value in sorted(tags.items()):
        several = number == 258 and channels > 2
        block += struct.pack(order + "HHL", number, 3 if number == 258 else 4, channels if several else 1)
        short = number == 258 and not several
        block += struct.pack(order + "HH", value, 0) if short else struct.pack(order + "L", start if several else value)
    return block + bytes(4) + values_of_bits + data


def floats(*values: float) -> bytes:
    return tiff(np.repeat(np.tile(np.array(values, np.float32), (16, 1)), 8, axis=1))


def jpeg_with(junk: bytes, *, at: bytes) -> bytes:
    data = saved(corners(), "JPEG", quality=95, subsampling=0)
    return data.replace(at, junk + at, 1)


def stripped(data: bytes, marker: int) -> bytes:
    """Return the JPEG `data` without its first segment of that marker."""
    at = data.index(bytes((0xFF, marker)))
    return data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") :]


def ycck() -> bytes:
    """A CMYK JPEG as Photoshop writes it: inverted, in YCCK."""
    cmyk = Image.merge("CMYK", [*corners().split(), Image.new("L", (24, 16), 255)])  # inverted CMYK is RGB
    data = saved(Image.eval(cmyk, lambda value: 255 - value), "JPEG", quality=100, subsampling=0)
    return data


def gain_mapped() -> bytes:
    """A JPEG with a second one behind it that the first one's XMP calls a gain map."""
    xmp = b"http://ns.adobe.com/xap/1.0/\0" + b'<x:xmpmeta><rdf:Description hdrgm:Version="1.0"/></x:xmpmeta>'
    data = saved(corners(), "JPEG", quality=95, subsampling=0)
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(xmp) + 2) + xmp + data[2:] + saved(bars(), "JPEG")


def mpo(*, broken: bool = False) -> bytes:
    data = saved(corners(), "MPO", save_all=True, append_images=[bars("RGB")], quality=95, subsampling=0)
    at = data.index(b"MPF\0")
    return data[: at + 20] + b"\xff" * 20 + data[at + 40 :] if broken else data


def animated(kind: str, **options: Any) -> bytes:
    return saved(corners(), kind, save_all=True, append_images=[Image.new("RGB", (24, 16))], **options)


def lab_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def with_profile(image: Image.Image, profile: bytes, kind: str = "PNG", **options: Any) -> bytes:
    return saved(image, kind, icc_profile=profile, **options)


HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAcltZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAAAAAERA"
)
