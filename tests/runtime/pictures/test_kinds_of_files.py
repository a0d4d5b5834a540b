"""Every kind of file that people have: what it must come out as, or what must be said of it. A kind is one row."""

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
from PIL import Image, ImageCms, features

from nst_runtime.pictures.color.icc import grey_profile
from nst_runtime.pictures.read import read_picture_bytes

from ..heic import HEIC

Pixels = npt.NDArray[np.uint8]
RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (90, 90, 90)
LEVELS = (0, 51, 128, 200, 255)
DEEP = (0, 13107, 32896, 51400, 65535)
TWELVE = (0, 819, 2056, 3212, 4095)
SHARP: dict[str, Any] = {"quality": 95, "subsampling": 0}
AVIF: dict[str, Any] = {"quality": 95, "subsampling": "4:4:4"}


def corners(mode: str = "RGB") -> Image.Image:
    """24×16 pixels: red at the upper left, green at the upper right, blue at the lower left, else grey."""
    image = Image.new("RGB", (24, 16), GREY)
    for color, box in {RED: (0, 0, 8, 8), GREEN: (16, 0, 24, 8), BLUE: (0, 8, 8, 16)}.items():
        image.paste(color, box)
    return image.convert(mode)


def numbers(*values: float, kind: type = np.uint16) -> npt.NDArray[Any]:
    """16 high, each of the values 8 wide."""
    return np.repeat(np.tile(np.array(values, kind), (16, 1)), 8, axis=1)


def bars(*levels: int, mode: str = "L") -> Image.Image:
    return Image.fromarray(numbers(*levels, kind=np.uint8)).convert(mode)


def grey(*levels: int) -> Pixels:
    return np.repeat(numbers(*levels, kind=np.uint8)[:, :, None], 3, axis=2)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def turned(kind: str, orientation: int, said_by: str = "exif", **options: Any) -> bytes:  # noqa: ANN401
    """Return the corners as a camera stores them that says `orientation`."""
    step = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.get(orientation)
    image = corners() if step is None else corners().transpose(Image.Transpose(step))
    exif = Image.Exif()
    exif[0x0112] = orientation
    xmp = f'<x:xmpmeta><rdf:Description tiff:Orientation="{orientation}"/></x:xmpmeta>'.encode()
    in_xmp: dict[str, Any] = {"tiffinfo": {700: xmp}} if kind == "TIFF" else {"xmp": xmp}
    said = {"exif": exif} if said_by == "exif" else in_xmp
    return saved(image, kind, **said, **options)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(image: Image.Image, *chunks: bytes, **options: Any) -> bytes:  # noqa: ANN401
    """Return `image` as a PNG with more chunks after its header."""
    data = saved(image, "PNG", **options)
    return data[:33] + b"".join(chunks) + data[33:]


def png_16_bit(color_type: int, values: npt.NDArray[np.uint16]) -> bytes:
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, color_type, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def tiff(values: npt.NDArray[Any], *, order: str = "<", white_is_zero: bool = False, bits: int = 0) -> bytes:
    """Return `values`, H×W or H×W×channels, as a TIFF without compression; `bits` other than the type's are packed."""
    height, width, channels = (*values.shape, 1)[:3]
    data = values.astype(values.dtype.newbyteorder("<" if order == "<" else ">")).tobytes()
    if bits:
        digits = "".join(f"{value:0{bits}b}" for value in values.flat)
        data = int(digits, 2).to_bytes(len(digits) // 8, "big")
    photometric = 0 if white_is_zero else {1: 1, 3: 2, 4: 5}[channels]
    sizes = (bits or values.dtype.itemsize * 8,) * channels
    tags: dict[int, tuple[int, ...]] = {256: (width,), 257: (height,), 258: sizes, 259: (1,), 262: (photometric,)}
    tags |= {273: (1000,), 277: (channels,), 278: (height,), 279: (len(data),)}
    tags |= {339: (3 if values.dtype.kind == "f" else 1,) * channels}
    block = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "LH", 8, len(tags))
    for number, value in tags.items():
        packed = struct.pack(f"{order}{len(value)}H", *value)
        field = packed.ljust(4, b"\0") if len(packed) <= 4 else struct.pack(order + "L", number)
        block += struct.pack(order + "HHL", number, 3, len(value)) + field
    block = block.ljust(1000, b"\0")
    for number in (258, 339):  # the numbers for several channels lie at the place of the tag's own number
        packed = struct.pack(f"{order}{channels}H", *tags[number])
        block = block[:number] + packed + block[number + len(packed) :]
    return block + data


def gain_mapped() -> bytes:
    """A JPEG with a second one behind it, which the first one's XMP calls a gain map."""
    xmp = b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:Description hdrgm:Version="1.0"/></x:xmpmeta>'
    segment = b"\xff\xe1" + struct.pack(">H", len(xmp) + 2) + xmp
    return JPEG[:2] + segment + JPEG[2:] + saved(bars(*LEVELS), "JPEG")


def mpo(*, second_says: bytes = b"", broken: bool = False) -> bytes:
    """Two pictures in a JPEG, the second with a comment; or the index of both overwritten."""
    data = saved(corners(), "MPO", save_all=True, append_images=[bars(*LEVELS, mode="RGB")], **SHARP)
    if broken:
        at = data.index(b"MPF\0") + 30
        return data[:at] + b"\xff" * 20 + data[at + 20 :]
    second = data.rindex(b"\xff\xd8\xff") + 2
    return data[:second] + b"\xff\xfe" + struct.pack(">H", len(second_says) + 2) + second_says + data[second:]


def animated(kind: str, **options: Any) -> bytes:  # noqa: ANN401
    return saved(corners(), kind, save_all=True, append_images=[Image.new("RGB", (24, 16))], **options)


def paged_tiff(kind: int) -> bytes:
    """A TIFF of two pages, the second of which says that it is of that kind (tag 254)."""
    second = Image.new("RGB", (24, 16))
    second.encoderinfo = {"tiffinfo": {254: kind}}
    return saved(corners(), "TIFF", save_all=True, append_images=[second])


def damaged_tiff() -> bytes:
    """A TIFF whose tag for the camera's maker leads out of the file; Pillow reads no tag after such a one."""
    data = saved(corners(), "TIFF", tiffinfo={271: "A camera's maker"})
    at = data.index(struct.pack("<HH", 271, 2))
    return data[: at + 8] + struct.pack("<I", len(data) - 3) + data[at + 12 :]


def cleared(mode: str) -> Image.Image:
    """The corners, clear at the upper left."""
    image = corners()
    image.putalpha(Image.fromarray(CLEAR))
    return image.quantize(8) if mode == "P" else image.convert(mode)


def half_clear() -> Image.Image:
    return Image.merge("LA", [bars(0, 128, 255), bars(127, 127, 127)])


@dataclass(frozen=True)
class Row:
    """A kind of file: what it comes out as, within `off` levels, and what is said of it."""

    name: str
    file: Callable[[], bytes]
    shows: Pixels
    off: int = 0
    alpha: Pixels | None = None
    note: str = ""
    named: str = "x"
    needs: str = ""


def shows_corners(name: str, file: Callable[[], bytes], **expected: Any) -> Row:  # noqa: ANN401
    return Row(name, file, CORNERS, **expected)


def shows_grey(name: str, file: Callable[[], bytes], *levels: int, **expected: Any) -> Row:  # noqa: ANN401
    return Row(name, file, grey(*levels), **expected)


CORNERS = np.asarray(corners())
JPEG = saved(corners(), "JPEG", **SHARP)
CLEAR = np.full((16, 24), 255, np.uint8)
CLEAR[:8, :8] = 0
DEEP_CORNERS = CORNERS.astype(np.uint16) * 257
CMYK_16 = np.asarray(corners("CMYK")).astype(np.uint16) * 257
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
TO_LAB = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
IN_LAB = ImageCms.applyTransform(bars(*LEVELS, mode="RGB"), TO_LAB) or Image.new("LAB", (1, 1))
LINEAR = grey_profile((1.0,))
PACKED = ("tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd")
BAD_EXIF = (b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")
GAMMA_1 = chunk(b"gAMA", struct.pack(">I", 100_000))
GAMMA_OF_A_SCREEN = chunk(b"gAMA", struct.pack(">I", 45_455))
CHROMATICITIES_OF_P3 = chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
DAMAGED = [
    (b"gAMA", bytes(2)), (b"cHRM", bytes(31)), (b"pHYs", b""), (b"sRGB", b""), (b"tRNS", b"\0"), (b"iCCP", b"x\0\1"),
    (b"iCCP", b"x\0\0junk"), (b"zTXt", b"k\0\1"), (b"zTXt", b"k\0\0" + zlib.compress(bytes(64_000_000))),
    (b"iTXt", b"k\0\1\0\0\0junk"), (b"acTL", bytes(3)), (b"fcTL", bytes(9)),
]  # fmt: skip
# One color: in P3, in sRGB, and in sRGB where P3's values are light to the power of 1/2.2; see test_colors.
P3 = Image.new("RGB", (24, 16), (117, 62, 33))
P3_SHOWN = np.full((16, 24, 3), (126, 58, 24), np.uint8)
P3_OF_2_2_SHOWN = np.full((16, 24, 3), (127, 55, 16), np.uint8)


ROWS = [
    # 1. Which way is up.
    *[shows_corners(f"JPEG, orientation {n}", partial(turned, "JPEG", n, **SHARP), off=8) for n in (*range(10), 255)],
    *[shows_corners(f"PNG, orientation {n}", partial(turned, "PNG", n)) for n in (*range(10), 255)],
    *[shows_corners(f"WebP, orientation {n}", partial(turned, "WEBP", n, lossless=True)) for n in range(1, 9)],
    *[shows_corners(f"TIFF, orientation {n}", partial(turned, "TIFF", n)) for n in range(1, 9)],
    *[shows_corners(f"LZW, orientation {n}", partial(turned, "TIFF", n, compression="tiff_lzw")) for n in range(1, 9)],
    *[
        shows_corners(f"AVIF, orientation {n}", partial(turned, "AVIF", n, **AVIF), off=9, needs="avif")
        for n in range(1, 9)
    ],
    *[shows_corners(f"XMP alone, {n}", partial(turned, "WEBP", n, "xmp", lossless=True)) for n in range(1, 9)],
    *[
        shows_corners(f"bad EXIF, {exif!r}", partial(saved, corners(), "JPEG", exif=exif, **SHARP), off=8)
        for exif in BAD_EXIF
    ],
    *[shows_corners(f"XMP alone in TIFF, {n}", partial(turned, "TIFF", n, "xmp")) for n in range(1, 9)],
    # 2, 3. Several pictures in a JPEG.
    shows_corners("MPO", mpo, off=8),
    shows_corners("MPO, broken index", partial(mpo, broken=True), off=8),
    shows_corners("gain map, by XMP", gain_mapped, off=8, note="an HDR gain map is passed over"),
    shows_corners(
        "gain map, ISO", partial(mpo, second_says=b"urn:iso:std:iso:ts:21496:-1"), off=8, note="an HDR gain map"
    ),
    shows_corners("gain map, Apple", partial(mpo, second_says=b"aux:hdrgainmap"), off=8, note="an HDR gain map"),
    # 4. Cut and littered; see test_cut_files as well.
    shows_corners("JPEG without 1 byte", lambda: JPEG[:-1], off=8),
    shows_corners("JPEG without 2 bytes", lambda: JPEG[:-2], off=8),
    shows_corners("junk between segments", lambda: JPEG.replace(b"\xff\xdb", b"junk\0\xff\0\xff\xdb", 1), off=8),
    shows_corners("junk behind", lambda: JPEG + b"junk" * 50, off=8),
    shows_corners("zeros behind", lambda: JPEG + bytes(99), off=8),
    shows_corners("short JFIF segment", lambda: JPEG[:2] + b"\xff\xe0\0\x08JFIF\0\1" + JPEG[20:], off=8),
    # 6. CMYK.
    shows_corners("CMYK JPEG", partial(saved, corners("CMYK"), "JPEG", **SHARP), off=8),
    shows_corners(
        "CMYK JPEG, profile of RGB",
        partial(saved, corners("CMYK"), "JPEG", icc_profile=SRGB, **SHARP),
        off=8,
        note="the color profile is",
    ),
    shows_corners("CMYK TIFF", partial(saved, corners("CMYK"), "TIFF")),
    *[shows_corners(f"CMYK TIFF, 16 bit {order}", partial(tiff, CMYK_16, order=order)) for order in "<>"],
    # 7. More than 8 bits.
    shows_grey("16-bit grey PNG", partial(png_16_bit, 0, numbers(*DEEP)), *LEVELS),
    shows_corners("16-bit RGB PNG", partial(png_16_bit, 2, DEEP_CORNERS)),
    shows_corners(
        "16-bit RGBA PNG", partial(png_16_bit, 6, np.dstack([DEEP_CORNERS, CLEAR.astype(np.uint16) * 257])), alpha=CLEAR
    ),
    *[shows_grey(f"16-bit TIFF {order}", partial(tiff, numbers(*DEEP), order=order), *LEVELS) for order in "<>"],
    *[shows_corners(f"16-bit RGB TIFF {order}", partial(tiff, DEEP_CORNERS, order=order)) for order in "<>"],
    *[
        shows_grey(f"16-bit TIFF, {c}", partial(saved, Image.fromarray(numbers(*DEEP)), "TIFF", compression=c), *LEVELS)
        for c in PACKED
    ],
    *[shows_corners(f"TIFF, {c}", partial(saved, corners(), "TIFF", compression=c)) for c in PACKED],
    shows_corners("TIFF, JPEG inside", partial(saved, corners(), "TIFF", compression="jpeg", quality=95), off=40),
    shows_corners("TIFF with a damaged tag", damaged_tiff),
    shows_grey("12-bit TIFF", partial(tiff, numbers(*TWELVE), bits=12), *LEVELS),
    # 8. White is zero.
    shows_grey("white is zero, 1 bit", partial(tiff, numbers(0, 1, 0), white_is_zero=True, bits=1), 255, 0, 255),
    shows_grey(
        "white is zero, 8 bit", partial(tiff, 255 - numbers(*LEVELS, kind=np.uint8), white_is_zero=True), *LEVELS
    ),
    shows_grey("white is zero, 12 bit", partial(tiff, 4095 - numbers(*TWELVE), white_is_zero=True, bits=12), *LEVELS),
    *[
        shows_grey(
            f"white is zero, 16 bit {order}",
            partial(tiff, 65535 - numbers(*DEEP), order=order, white_is_zero=True),
            *LEVELS,
        )
        for order in "<>"
    ],
    *[
        shows_grey(
            f"white is zero, floats {order}",
            partial(tiff, 1 - numbers(0, 0.2, 1, kind=np.float32), order=order, white_is_zero=True),
            0,
            51,
            255,
        )
        for order in "<>"
    ],
    # 9. Floats.
    *[
        shows_grey(f"floats {values}", partial(tiff, numbers(*values, kind=np.float32)), *levels)
        for values, levels in {
            (0, 0.2, 0.5, 1): (0, 51, 128, 255),
            (0, 0.2, 0.5, 1.01): (0, 51, 128, 255),
            (0.5, 1.01, 1.01): (128, 255, 255),
            (0.1, 0.2, 0.5, 0.3, 7.5): (26, 51, 128, 76, 255),
            (0.2, np.inf, -np.inf, np.nan, -0.1, 1.01): (51, 255, 0, 0, 0, 255),
            (0, 0.4, 128, 200, 255): (0, 0, 128, 200, 255),
            (-5, 100, np.inf, np.nan): (0, 100, 255, 0),
            (1, 1, 1, 0, 2, 77): (1, 1, 1, 0, 2, 77),
            (0, 13107, 32896, 65535): (0, 51, 128, 255),
        }.items()
    ],
    # 10, 14. Profiles; see test_colors for those of RGB.
    shows_grey("grey profile", partial(saved, bars(0, 128, 255), "PNG", icc_profile=LINEAR), 0, 188, 255),
    *[
        shows_grey(
            f"grey profile beside alpha, {k}",
            partial(saved, half_clear(), k, icc_profile=LINEAR),
            0,
            188,
            255,
            alpha=np.full((16, 24), 127, np.uint8),
        )
        for k in ("PNG", "TIFF")
    ],
    shows_grey(
        "grey profile, color key",
        partial(saved, bars(0, 128, 255), "PNG", icc_profile=LINEAR, transparency=0),
        0,
        188,
        255,
        alpha=numbers(0, 255, 255, kind=np.uint8),
    ),
    shows_corners(
        "truncated profile",
        partial(saved, corners(), "PNG", icc_profile=SRGB[:300]),
        note="the color profile is damaged",
    ),
    shows_corners(
        "grey profile on RGB",
        partial(saved, corners(), "PNG", icc_profile=LINEAR),
        note="the color profile is damaged or for other pictures",
    ),
    shows_corners(
        "profile of 5 MB",
        partial(saved, corners(), "TIFF", icc_profile=SRGB + bytes(5_000_000)),
        note="the color profile",
    ),
    shows_corners(
        "profile of 2 MB in a PNG", partial(saved, corners(), "PNG", icc_profile=SRGB + bytes(2_000_000)), off=1
    ),
    shows_grey("Lab TIFF", partial(saved, IN_LAB, "TIFF"), *LEVELS, off=2),
    # 11. Colors that PNG and AVIF name without a profile.
    shows_grey("gAMA 1", partial(png, bars(0, 128, 255), GAMMA_1), 0, 188, 255),
    shows_grey("gAMA 1, RGB", partial(png, bars(0, 128, 255, mode="RGB"), GAMMA_1), 0, 188, 255),
    shows_grey("gAMA 1, palette", partial(png, bars(0, 128, 255, mode="P"), GAMMA_1), 0, 188, 255),
    shows_grey("gAMA 1, sRGB", partial(png, bars(*LEVELS), GAMMA_1, chunk(b"sRGB", b"\0")), *LEVELS),
    shows_corners("gAMA 1, a profile", partial(png, corners(), GAMMA_1, icc_profile=SRGB), off=1),
    shows_grey("gAMA of a screen", partial(png, bars(*LEVELS), GAMMA_OF_A_SCREEN), *LEVELS),
    shows_grey("gAMA 0", partial(png, bars(*LEVELS), chunk(b"gAMA", bytes(4))), *LEVELS),
    Row("cHRM of P3", partial(png, P3, GAMMA_OF_A_SCREEN, CHROMATICITIES_OF_P3), P3_OF_2_2_SHOWN, off=2),
    shows_corners("cHRM of nothing", partial(png, corners(), GAMMA_OF_A_SCREEN, chunk(b"cHRM", bytes(32)))),
    Row("cICP of P3", partial(png, P3, chunk(b"cICP", b"\x0c\x0d\0\1"), GAMMA_1), P3_SHOWN, off=2),
    Row(
        "cICP of P3 before a profile",
        partial(png, P3, chunk(b"cICP", b"\x0c\x0d\0\1"), icc_profile=SRGB),
        P3_SHOWN,
        off=2,
    ),
    shows_corners(
        "cICP, PQ", partial(png, corners(), chunk(b"cICP", b"\x09\x10\0\1")), note="HDR colors (PQ) are taken as sRGB"
    ),
    shows_corners("cICP, HLG", partial(png, corners(), chunk(b"cICP", b"\x09\x12\0\1")), note="HDR colors (HLG)"),
    Row(
        "AVIF of P3",
        lambda: saved(P3, "AVIF", **AVIF).replace(b"nclx\0\1\0\x0d", b"nclx\0\x0c\0\x0d"),
        P3_SHOWN,
        off=4,
        needs="avif",
    ),
    # 12. PNG with damage beside the picture.
    *[
        shows_corners(
            f"damaged {kind!r}, {len(data)}",
            partial(png, corners(), chunk(kind, data)),
            note=f"damaged parts beside the picture are passed over ({kind.decode()})",
        )
        for kind, data in DAMAGED
    ],
    shows_corners(
        "bad checksum", lambda: png(corners(), chunk(b"pHYs", bytes(9))[:-1] + b"!"), note="passed over (pHYs)"
    ),
    # 13. Transparency.
    *[shows_corners(f"alpha, {mode}", partial(saved, cleared(mode), "PNG"), alpha=CLEAR) for mode in ("RGBA", "P")],
    shows_corners("alpha, WebP", partial(saved, cleared("RGBA"), "WEBP", lossless=True, exact=True), alpha=CLEAR),
    shows_corners("alpha, TIFF", partial(saved, cleared("RGBA"), "TIFF"), alpha=CLEAR),
    shows_corners("color key", partial(saved, corners(), "PNG", transparency=RED), alpha=CLEAR),
    shows_corners(
        "all-clear palette", partial(saved, corners().quantize(8), "PNG", transparency=bytes(8)), alpha=CLEAR * 0
    ),
    shows_grey(
        "1 bit, white clear",
        partial(saved, bars(0, 255, 0, mode="1"), "PNG", transparency=1),
        0,
        255,
        0,
        alpha=numbers(255, 0, 255, kind=np.uint8),
    ),
    # 15. More than one.
    shows_corners(
        "animated GIF",
        partial(animated, "GIF"),
        note="an animation, of which only the first frame is used; .gif, .webp and .apng hold all",
    ),
    shows_corners("animated WebP", partial(animated, "WEBP", lossless=True), note="an animation"),
    shows_corners("animated PNG", partial(animated, "PNG"), note="an animation"),
    shows_corners("animated AVIF", partial(animated, "AVIF", **AVIF), note="an animation", off=9, needs="avif"),
    shows_corners("TIFF with a small version", partial(paged_tiff, 1)),
    shows_corners("TIFF with a mask", partial(paged_tiff, 4)),
    shows_corners("TIFF of two pages", partial(animated, "TIFF"), note="several pages: only the first one is used"),
    # 17. Told by content.
    shows_corners("HEIC", lambda: HEIC, off=3, needs="pi_heif"),
    shows_corners("HEIC named .jpg", lambda: HEIC, off=3, named="x.jpg", needs="pi_heif"),
    shows_corners("JPEG 2000", partial(saved, corners(), "JPEG2000")),
    shows_corners("JPEG 2000 named .png", partial(saved, corners(), "JPEG2000"), named="x.png"),
    shows_corners("JPEG 2000, bare", partial(saved, corners(), "JPEG2000", no_jp2=True)),
    shows_grey("JPEG 2000, 16 bit", partial(saved, Image.fromarray(numbers(*DEEP)), "JPEG2000"), *LEVELS),
    shows_corners("PPM", partial(saved, corners(), "PPM")),
    shows_corners("BMP", partial(saved, corners(), "BMP")),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_kind_of_file(row: Row) -> None:
    if row.needs == "pi_heif":
        pytest.importorskip("pi_heif")
    elif row.needs and not features.check(row.needs):
        pytest.skip(f"this Pillow has no {row.needs}")
    picture = read_picture_bytes(row.file(), row.named)
    assert picture.rgb.shape == row.shows.shape
    np.testing.assert_allclose(picture.rgb[3::8, 3::8].astype(int), row.shows[3::8, 3::8], atol=row.off)
    if row.alpha is None:
        assert picture.alpha is None
    else:
        np.testing.assert_array_equal(picture.alpha, row.alpha)
    assert len(picture.notes) == (row.note != "")
    assert row.note in "".join(picture.notes)
