"""Pictures read a few rows at a time have the pixels that they have when they are read as a whole."""

import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst_runtime.errors import ImageError, TooManyPixelsError
from nst_runtime.pictures.arrays import PixelRows
from nst_runtime.pictures.color.icc import SRGB_CURVE, grey_profile, rgb_profile
from nst_runtime.pictures.containers.png import write_chunk
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.rows import png_head, sources
from nst_runtime.pictures.rows.open_rows import open_rows
from nst_runtime.pictures.rows.row_picture import RowPicture
from nst_runtime.pictures.rows.sources import NotByRows

from .rows_files import LAYOUTS, noise_png, saved, tiled, waves, with_parts
from .test_colors import P3_PRIMARIES
from .test_kinds_of_files import DEEP, TWELVE, mpo, numbers, tiff, turned
from .test_metadata import photograph

P3 = rgb_profile(P3_PRIMARIES, SRGB_CURVE)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pictures of the tests have several blocks: of 11 rows where they are 45 wide."""
    monkeypatch.setattr(sources, "BLOCK_PIXELS", 500)


def check(path: Path, data: bytes) -> RowPicture:
    """Compare all that the file `data` gives by rows with what it gives as a whole."""
    path.write_bytes(data)
    whole = read_picture(path)
    height = whole.rgb.shape[0]
    with open_rows(path) as picture:
        assert isinstance(picture, RowPicture), picture
        assert picture.shape == whole.rgb.shape
        for first, stop in [
            (0, 1),
            (0, 9),
            (5, 30),
            (12, 23),
            (50, height),
            (height - 1, height),
            (3, 40),
            (0, height),
        ]:
            np.testing.assert_array_equal(picture[first:stop], whole.rgb[first:stop])
            np.testing.assert_array_equal(picture[first:stop, 3:7], whole.rgb[first:stop, 3:7])
        opaque = np.full(whole.rgb.shape[:2], 255) if whole.alpha is None else whole.alpha
        if picture.has_alpha:
            np.testing.assert_array_equal(picture.alpha(slice(0, height)), opaque)
            np.testing.assert_array_equal(picture.alpha(slice(4, 27, 3)), opaque[4:27:3])
        else:
            assert whole.alpha is None
            assert picture.alpha(slice(0, height)) is None
        assert (picture.notes, picture.metadata, picture.profile) == (whole.notes, whole.metadata, whole.profile)
        return picture


@pytest.mark.parametrize(("color_type", "bits"), LAYOUTS)
def test_png_of_every_layout_and_filter(tmp_path: Path, color_type: int, bits: int) -> None:
    assert check(tmp_path / "x", noise_png(color_type, bits)).has_alpha == (color_type in {4, 6})


@pytest.mark.parametrize(
    ("color_type", "bits", "clear"),
    [
        (0, 8, b"\0\7"),
        (0, 16, b"\7\7"),
        (2, 8, bytes(6)),
        (2, 16, bytes(6)),
        (3, 4, b"\xff\0\x80"),
        (3, 8, b"\xff\0\xff"),
    ],
)
def test_png_with_transparent_colors(tmp_path: Path, color_type: int, bits: int, clear: bytes) -> None:
    assert check(tmp_path / "x", noise_png(color_type, bits, write_chunk(b"tRNS", clear))).has_alpha


@pytest.mark.parametrize(
    ("color_type", "chunk"),
    [
        (2, write_chunk(b"gAMA", (70_000).to_bytes(4, "big"))),
        (0, write_chunk(b"gAMA", (70_000).to_bytes(4, "big"))),
        (6, write_chunk(b"cICP", bytes((12, 13, 0, 1)))),
        (2, write_chunk(b"cICP", bytes((9, 16, 0, 1)))),
        (3, write_chunk(b"iCCP", b"p3\0\0" + zlib.compress(P3))),
        (2, write_chunk(b"iCCP", b"p3\0\0" + zlib.compress(P3))),
        (2, write_chunk(b"iCCP", b"grey\0\0" + zlib.compress(grey_profile((1.0,))))),
        (0, write_chunk(b"iCCP", b"grey\0\0" + zlib.compress(grey_profile((1.0,))))),
        (2, write_chunk(b"gAMA", (70_000).to_bytes(4, "big"))[:-1] + b"\0"),
    ],
)
def test_png_with_colors_of_its_own(tmp_path: Path, color_type: int, chunk: bytes) -> None:
    check(tmp_path / "x", noise_png(color_type, 8, chunk))


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (300, 1), (2, 3), (61, 501)])
def test_png_of_odd_sizes(tmp_path: Path, shape: tuple[int, int]) -> None:
    check(tmp_path / "x", saved(waves(*shape), "PNG"))
    check(tmp_path / "y", saved(waves(*shape), "TIFF"))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_what_a_picture_says(tmp_path: Path, kind: str) -> None:
    with Image.open(io.BytesIO(photograph())) as photo:
        exif, dpi = photo.getexif(), (300, 300)
        exif.pop(0x0112, None)
    picture = check(tmp_path / "x", saved(waves(), kind, exif=exif, dpi=dpi, icc_profile=P3))
    assert picture.profile == P3
    assert picture.metadata is not None
    assert picture.metadata.exif


def test_what_a_png_says_after_its_picture(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x013B] = "somebody"
    said = write_chunk(b"eXIf", exif.tobytes()[6:])
    picture = check(tmp_path / "x", noise_png(2, 8)[:-12] + said + noise_png(2, 8)[-12:])
    assert picture.metadata is not None
    assert b"somebody" in picture.metadata.exif


def test_a_png_that_says_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png_head, "_LARGEST_SAID", 1000)
    for length in (1000, 1001):
        said = write_chunk(b"tEXt", b"Title\0".ljust(length, b"x"))
        (tmp_path / "x").write_bytes(noise_png(2, 8, said, write_chunk(b"prIv", bytes(5000))))
        with open_rows(tmp_path / "x") as picture:
            assert isinstance(picture, NotByRows) == (length > 1000)


@pytest.mark.parametrize("rows_per_strip", [1, 7, 16, 61, None])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_tiff_of_strips(tmp_path: Path, mode: str, compression: str, rows_per_strip: int | None) -> None:
    tags = {278: rows_per_strip} if rows_per_strip else {}
    if compression == "jpeg" and rows_per_strip in {1, 7}:
        tags = {278: 8}
    check(tmp_path / "x", saved(waves().convert(mode), "TIFF", compression=compression, tiffinfo=tags))


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "packbits"])
@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "LAB"])
def test_tiff_of_other_modes(tmp_path: Path, mode: str, compression: str) -> None:
    image = Image.frombytes("LAB", (45, 61), waves().tobytes()) if mode == "LAB" else waves().convert(mode)
    if mode in {"LA", "RGBA"}:
        image.putalpha(waves().getchannel("R"))
    options: dict[str, Any] = {"compression": compression, "tiffinfo": {278: 5}}
    assert check(tmp_path / "x", saved(image, "TIFF", **options)).has_alpha == (mode in {"LA", "RGBA"})


def test_tiff_of_faxes(tmp_path: Path) -> None:
    check(tmp_path / "x", saved(waves().convert("1"), "TIFF", compression="group4", tiffinfo={278: 9}))


@pytest.mark.parametrize(
    ("values", "bits", "white_is_zero", "order"),
    [
        (DEEP, 0, False, "<"),
        (DEEP, 0, True, "<"),
        (DEEP, 0, False, ">"),
        (DEEP, 0, True, ">"),
        (TWELVE, 12, False, "<"),
    ],
)
def test_tiff_of_more_bits(tmp_path: Path, values: tuple[int, ...], bits: int, white_is_zero: bool, order: str) -> None:
    check(tmp_path / "x", tiff(np.tile(numbers(*values), (4, 1)), order=order, white_is_zero=white_is_zero, bits=bits))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("compression", "photometric"),
    [(1, 2), (8, 2), (7, 6), (7, 2)],
)
def test_tiff_of_tiles(tmp_path: Path, compression: int, photometric: int, order: str) -> None:
    def pack(tile: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
        if compression == 7:
            keep_rgb = photometric == 2
            return saved(Image.fromarray(tile), "JPEG", quality=80, keep_rgb=keep_rgb, subsampling=0)
        return zlib.compress(tile.tobytes()) if compression == 8 else tile.tobytes()

    data = tiled(np.asarray(waves()), compression, pack, order, photometric=photometric)
    check(tmp_path / "x", data)
    if compression != 7:
        np.testing.assert_array_equal(read_picture(tmp_path / "x").rgb, np.asarray(waves()))


def test_tiff_of_tiles_with_a_palette(tmp_path: Path) -> None:
    indices = np.random.default_rng(0).integers(0, 256, (64, 48), dtype=np.uint8)
    tiles = [indices[top : top + 32, left : left + 16].tobytes() for top in (0, 32) for left in (0, 16, 32)]
    palette = tuple(np.random.default_rng(1).integers(0, 65_536, 768).tolist())
    tags = {256: (48,), 257: (64,), 258: (8,), 259: (1,), 262: (3,), 320: palette, 322: (16,), 323: (32,)}
    check(tmp_path / "x", with_parts({**tags, 325: (512,) * 6}, 324, tiles))
    assert read_picture(tmp_path / "x").rgb[33, 17, 0] == palette[indices[33, 17]] // 256


PARTS = [
    np.s_[3:3], np.s_[9:2], np.s_[5:1000], np.s_[-4:], np.s_[:-50], np.s_[2:50:7], np.s_[2:9, -3:],
    np.s_[2:9, 30:20], np.s_[:, ::2], np.s_[:, ::-1], np.s_[100:200],
]  # fmt: skip


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_parts_are_those_of_an_array(tmp_path: Path, part: Any) -> None:  # noqa: ANN401
    (tmp_path / "x.png").write_bytes(saved(waves(), "PNG"))
    array: PixelRows = np.asarray(waves())
    with open_rows(tmp_path / "x.png") as picture:
        assert isinstance(picture, RowPicture)
        rows: PixelRows = picture
        np.testing.assert_array_equal(rows[part], array[part])
        assert rows[part].dtype == np.uint8


def test_rows_do_not_come_backwards(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(saved(waves(), "PNG"))
    with open_rows(tmp_path / "x.png") as picture:
        assert isinstance(picture, RowPicture)
        with pytest.raises(ValueError, match="steps of -1"):
            picture[::-1]


def planes() -> bytes:
    parts = [band.tobytes() for band in waves().split()]
    numbers_ = {256: (45,), 257: (61,), 258: (8, 8, 8), 259: (1,), 262: (2,), 277: (3,), 278: (61,), 284: (2,)}
    return with_parts({**numbers_, 279: tuple(map(len, parts))}, 273, parts)


def wide_tiles() -> bytes:
    numbers_ = {256: (45,), 257: (61,), 258: (8, 8, 8), 259: (1,), 262: (2,), 277: (3,), 322: (4096,), 323: (2048,)}
    return with_parts({**numbers_, 325: (4096 * 2048 * 3,)}, 324, [b""])


TURNED_XMP = b'<x:xmpmeta><rdf:Description tiff:Orientation="8"/></x:xmpmeta>'
TURNED = write_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + TURNED_XMP)
AS_A_WHOLE: dict[str, tuple[bytes, str]] = {
    "jpeg": (saved(waves(), "JPEG"), "JPEG is decoded as a whole"),
    "mpo": (mpo(), "JPEG is decoded as a whole"),
    "gif": (saved(waves(), "GIF"), "GIF is decoded as a whole"),
    "interlaced": (noise_png(2, 8)[:28] + b"\1" + zlib.crc32(noise_png(2, 8)[12:28] + b"\1").to_bytes(4, "big")
                   + noise_png(2, 8)[33:], "it is interlaced"),
    "animated": (saved(waves(), "PNG", save_all=True, append_images=[waves()]), "it is an animation"),
    "turned png": (turned("PNG", 6), "it is turned by its orientation"),
    "turned by xmp": (noise_png(2, 8, TURNED), "it is turned by its orientation"),
    "turned tiff": (turned("TIFF", 3), "it is turned by its orientation"),
    "turned tiff by xmp": (turned("TIFF", 3, "xmp"), "it is turned by its orientation"),
    "planes": (planes(), "its colors lie apart"),
    "big": (saved(waves(), "TIFF", big_tiff=True), "BigTIFF is decoded as a whole"),
    "floats": (tiff(numbers(0, 1, kind=np.float32)), "what is white is told by all of its pixels"),
    "ycbcr": (saved(waves().convert("YCbCr"), "TIFF"), "its colors are stored in a way that is decoded as a whole"),
    "large tiles": (wide_tiles(), "its strips or tiles are too large"),
}  # fmt: skip


@pytest.mark.parametrize("kind", AS_A_WHOLE)
def test_read_as_a_whole(tmp_path: Path, kind: str) -> None:
    data, reason = AS_A_WHOLE[kind]
    (tmp_path / "x").write_bytes(data)
    with open_rows(tmp_path / "x") as picture:
        assert picture == NotByRows(reason)


def test_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    for data, message in [(None, "no picture at"), (b"", "is empty"), (b"words", "is not a picture")]:
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(ImageError, match=message), open_rows(path):
            pass
    path.write_bytes(saved(waves(), "PNG"))
    with (
        pytest.raises(TooManyPixelsError, match="2745 pixels, over the limit of 2744"),
        open_rows(path, max_pixels=2744),
    ):
        pass
    with open_rows(path, max_pixels=2745) as picture:
        assert isinstance(picture, RowPicture)
