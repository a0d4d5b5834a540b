"""Small pictures of every kind, made by Pillow: what the mutations start from."""

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL import Image, ImageCms, features
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from ..heic import HEIC

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'


@dataclass(frozen=True)
class Seed:
    """A sound file, and the container that it is in, as the mutations name it ("" for others)."""

    data: bytes
    container: str


def _noise(mode: str = "RGB", width: int = 20, height: int = 14) -> Image.Image:
    pixels = np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)
    pixels[:5] = 128
    return Image.fromarray(pixels).convert(mode)


def _exif(orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "a picture"
    exif.get_ifd(0x8769)[0x9003] = "2020:01:01 00:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    return exif.tobytes()


@cache
def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def _png(depth: int, color: int, *, extra: bytes = b"") -> bytes:
    """Return a PNG of 9×7 random pixels, as Pillow does not write most depths and color types."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    row = (9 * channels * depth + 7) // 8
    content = np.random.default_rng(depth * 7 + color).integers(0, 256, (7, row), dtype=np.uint8)
    lines = b"".join(bytes((number % 5,)) + line.tobytes() for number, line in enumerate(content))
    palette = _chunk(b"PLTE", bytes(range(3 * 2**depth)) if depth < 8 else bytes(range(256)) * 3) if color == 3 else b""
    head = struct.pack(">IIBBBBB", 9, 7, depth, color, 0, 0, 0)
    body = _chunk(b"IHDR", head) + extra + palette + _chunk(b"IDAT", zlib.compress(lines)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _interlaced() -> bytes:
    """Return a grey PNG of 4×4 pixels in Adam7: one pixel, then the passes that 4×4 pixels have."""
    passes = [(1, 1), (1, 1), (2, 1), (2, 2), (4, 2)]
    lines = b"".join(b"\0" + bytes(range(width)) for width, height in passes for _ in range(height))
    head = struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 1)
    body = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(lines)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _told_png() -> bytes:
    info = PngInfo()
    info.add_text("Comment", "a picture", zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return _saved(_noise(), "PNG", pnginfo=info, exif=_exif(), icc_profile=_profile(), dpi=(72, 72))


def _frames() -> dict[str, Any]:
    turns = (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180)
    return {"save_all": True, "append_images": [_noise().transpose(turn) for turn in turns], "duration": 40}


def _tiff(mode: str = "RGB", **options: Any) -> bytes:  # noqa: ANN401
    return _saved(_noise(mode), "TIFF", **options)


def _deep_tiff(kind: str) -> bytes:
    pixels = np.random.default_rng(5).random((14, 20)) * (60_000 if kind == "uint16" else 1)
    return _saved(Image.fromarray(pixels.astype(kind)), "TIFF")


def _tiled_tiff() -> bytes:
    tags = ImageFileDirectory_v2()
    tags[322], tags[323] = 16, 16
    tags.tagtype[322] = tags.tagtype[323] = 4
    return _saved(_noise("RGB", 32, 16), "TIFF", tiffinfo=tags, compression="tiff_adobe_deflate")


def _pnm(head: str, channels: int, size: int = 1) -> bytes:
    return head.encode() + bytes(range(256))[: 9 * 7 * channels * size].ljust(9 * 7 * channels * size, b"\x40")


MAKERS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "jpeg": ("jpeg", lambda: _saved(_noise(), "JPEG")),
    "jpeg-progressive": ("jpeg", lambda: _saved(_noise(), "JPEG", progressive=True, subsampling=0)),
    "jpeg-grey": ("jpeg", lambda: _saved(_noise("L"), "JPEG")),
    "jpeg-cmyk": ("jpeg", lambda: _saved(_noise("CMYK"), "JPEG")),
    "jpeg-told": (
        "jpeg",
        lambda: _saved(_noise(), "JPEG", exif=_exif(), icc_profile=_profile(), xmp=XMP, comment="x", dpi=(72, 72)),
    ),
    "jpeg-restarts": ("jpeg", lambda: _saved(_noise("RGB", 40, 40), "JPEG", restart_marker_blocks=1)),
    "mpo": ("jpeg", lambda: _saved(_noise(), "MPO", save_all=True, append_images=[_noise("RGB", 8, 8)])),
    **{
        f"png-{depth}-{color}": ("png", partial(_png, depth, color))
        for color, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items()
        for depth in depths
    },
    "png-gamma": ("png", lambda: _png(8, 2, extra=_chunk(b"gAMA", (55_555).to_bytes(4, "big")))),
    "png-primaries": (
        "png",
        lambda: _png(
            8,
            2,
            extra=_chunk(b"gAMA", (45_455).to_bytes(4, "big"))
            + _chunk(b"cHRM", struct.pack(">8I", 31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6000)),
        ),
    ),
    "png-code-points": ("png", lambda: _png(16, 6, extra=_chunk(b"cICP", b"\x0c\x0d\0\1"))),
    "png-clear-color": ("png", lambda: _png(8, 0, extra=_chunk(b"tRNS", b"\0\x40"))),
    "png-interlaced": ("png", _interlaced),
    "png-told": ("png", _told_png),
    "png-animated": ("png", lambda: _saved(_noise(), "PNG", **_frames())),
    "webp-lossy": ("webp", lambda: _saved(_noise(), "WEBP", quality=60)),
    "webp-lossless": ("webp", lambda: _saved(_noise("RGBA"), "WEBP", lossless=True)),
    "webp-told": ("webp", lambda: _saved(_noise(), "WEBP", exif=_exif(), icc_profile=_profile(), xmp=XMP)),
    "webp-animated": ("webp", lambda: _saved(_noise(), "WEBP", **_frames())),
    "gif": ("", lambda: _saved(_noise("P"), "GIF")),
    "gif-animated": ("", lambda: _saved(_noise(), "GIF", loop=3, disposal=2, **_frames())),
    "tiff": ("tiff", lambda: _tiff(exif=_exif(), icc_profile=_profile())),
    "tiff-lzw": ("tiff", lambda: _tiff(compression="tiff_lzw")),
    "tiff-deflate": ("tiff", lambda: _tiff(compression="tiff_adobe_deflate")),
    "tiff-jpeg": ("tiff", lambda: _tiff(compression="jpeg")),
    "tiff-packbits": ("tiff", lambda: _tiff("RGBA", compression="packbits")),
    "tiff-fax": ("tiff", lambda: _tiff("1", compression="group4")),
    "tiff-tiled": ("tiff", _tiled_tiff),
    "tiff-pages": ("tiff", lambda: _tiff(**_frames())),
    "tiff-16": ("tiff", lambda: _deep_tiff("uint16")),
    "tiff-float": ("tiff", lambda: _deep_tiff("float32")),
    "tiff-cmyk": ("tiff", lambda: _tiff("CMYK")),
    "tiff-lab": ("tiff", lambda: _saved(Image.new("LAB", (20, 14), (120, 90, 200)), "TIFF")),
    "tiff-palette": ("tiff", lambda: _tiff("P")),
    "tiff-big": ("tiff", lambda: _tiff(big_tiff=True)),
    "bmp": ("", lambda: _saved(_noise(), "BMP")),
    "bmp-palette": ("", lambda: _saved(_noise("P"), "BMP")),
    "ppm": ("", lambda: _pnm("P6 9 7 255\n", 3)),
    "ppm-deep": ("", lambda: _pnm("P5 9 7 65535\n", 1, 2)),
    "ppm-text": ("", lambda: b"P3 2 2 15\n1 2 3 4 5 6 7 8 9 10 11 12\n"),
    "pbm": ("", lambda: b"P4 9 7\n" + bytes(14)),
    "pfm": ("", lambda: b"Pf 2 2 -1.0\n" + struct.pack("<4f", 0, 0.5, 1, 2)),
}
if features.check("jpg_2000"):
    MAKERS["jp2"] = ("boxes", lambda: _saved(_noise(), "JPEG2000"))
    MAKERS["j2k"] = ("", lambda: _saved(_noise(), "JPEG2000", no_jp2=True))
if features.check("avif"):
    MAKERS["avif"] = ("boxes", lambda: _saved(_noise(), "AVIF", speed=10, exif=_exif(), icc_profile=_profile()))
    MAKERS["avif-clear"] = ("boxes", lambda: _saved(_noise("RGBA"), "AVIF", speed=10))
if find_spec("pi_heif"):
    MAKERS["heic"] = ("boxes", lambda: HEIC)


@cache
def seed(kind: str) -> Seed:
    """Return the sound file of a `kind`, one of MAKERS."""
    container, make = MAKERS[kind]
    return Seed(make(), container)
