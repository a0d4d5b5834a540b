"""Damaged and hostile files that are read a few rows at a time: one error, little memory, no wrong pixels."""

import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from nst_runtime.errors import ImageError
from nst_runtime.pictures.containers.png import SIGNATURE, header_data, write_chunk
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.rows import sources
from nst_runtime.pictures.rows.open_rows import open_rows
from nst_runtime.pictures.rows.row_picture import RowPicture
from nst_runtime.pictures.rows.sources import NotByRows

from .rows_files import noise_png, saved, waves, with_parts

RAW = {256: (45,), 257: (61,), 258: (8, 8, 8), 259: (1,), 262: (2,), 277: (3,), 278: (61,)}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pictures of the tests have several blocks: of 11 rows where they are 45 wide."""
    monkeypatch.setattr(sources, "BLOCK_PIXELS", 500)


@contextmanager
def reading(path: Path, data: bytes) -> Iterator[RowPicture]:
    path.write_bytes(data)
    with open_rows(path) as picture:
        assert isinstance(picture, RowPicture)
        yield picture


def png_of(packed: bytes, width: int = 45, height: int = 61) -> bytes:
    header = write_chunk(b"IHDR", header_data(width, height, 8, 2))
    return b"".join((SIGNATURE, header, write_chunk(b"IDAT", packed), write_chunk(b"IEND", b"")))


def rows_of(height: int = 61, filter_of_row: dict[int, int] | None = None) -> bytes:
    rows = np.zeros((height, 1 + 45 * 3), np.uint8)
    rows[:, 1:] = np.arange(height)[:, None]
    for row, number in (filter_of_row or {}).items():
        rows[row, 0] = number
    return rows.tobytes()


PACKED = zlib.compress(waves().tobytes())
WRONG_CHECKSUM = zlib.compress(rows_of())[:-1] + bytes([zlib.compress(rows_of())[-1] ^ 1])
PACKED_ROWS = zlib.compress(np.pad(np.asarray(waves()).reshape(61, -1), ((0, 0), (1, 0))).tobytes())
DAMAGED = {
    "cut": noise_png(2, 8)[:4000],
    "half a row is missing": png_of(zlib.compress(rows_of()[:-60])),
    "damaged data": png_of(zlib.compress(rows_of())[:20] + b"\xff" * 60),
    "wrong checksum of the data": png_of(WRONG_CHECKSUM),
    "wrong checksum of noise": png_of(PACKED_ROWS[:-1] + bytes([PACKED_ROWS[-1] ^ 1])),
    "unknown filter": png_of(zlib.compress(rows_of(filter_of_row={40: 9}))),
    "empty": png_of(b""),
    "tiff cut": saved(waves(), "TIFF")[:4000],
    "tiff cut, packed": with_parts({**RAW, 259: (8,), 279: (len(PACKED),)}, 273, [PACKED[:-900]]),
    "damaged strip": with_parts({**RAW, 259: (8,), 279: (90,)}, 273, [b"\x78\x9c" + b"\xff" * 88]),
    "strip outside": with_parts({**RAW, 279: (8235,)}, 273, [bytes(8000)]),
    "huge strip": with_parts({**RAW, 259: (8,), 279: (4_000_000_000,)}, 273, [bytes(8000)]),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damage_is_said_in_one_line(tmp_path: Path, kind: str) -> None:
    message = r"cannot read .*x: it is damaged or cut off \(.*\); get the file again"
    data = DAMAGED[kind]
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(ImageError, match=message):
        read_picture(tmp_path / "x")
    with reading(tmp_path / "x", data) as picture:
        for _ in range(2):
            with pytest.raises(ImageError, match=message) as caught:
                picture[:]
            assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [png_of(zlib.compress(rows_of(filter_of_row={40: 9}))), png_of(zlib.compress(rows_of(60)))],
    ids=["unknown filter", "a row is missing"],
)
def test_rows_before_the_damage_are_right_also_after_it_was_met(tmp_path: Path, data: bytes) -> None:
    expected = np.broadcast_to(np.arange(61)[:, None, None], (61, 45, 3))
    with reading(tmp_path / "x", data) as picture:
        for _ in range(2):
            np.testing.assert_array_equal(picture[5:30], expected[5:30])
            with pytest.raises(ImageError):
                picture[39:61]
        with pytest.raises(ImageError):
            picture[44:61]


@pytest.mark.parametrize("kind", ["strip outside", "tiff cut", "tiff cut, packed"])
def test_a_strip_that_leads_out_of_the_file(tmp_path: Path, kind: str) -> None:
    with (
        reading(tmp_path / "x", DAMAGED[kind]) as picture,
        pytest.raises(ImageError, match="a strip or tile leads out of the file"),
    ):
        picture[:]


def test_damage_that_was_met_is_met_again(tmp_path: Path) -> None:
    with reading(tmp_path / "x", png_of(zlib.compress(rows_of(filter_of_row={12: 9})))) as picture:
        assert picture[10:11, 0:1].item(0) == 10
        for _ in range(2):
            with pytest.raises(ImageError, match="damaged"):
                picture[11:33]


def test_a_tiff_is_read_beyond_its_damage(tmp_path: Path) -> None:
    rows = np.asarray(waves())
    strips = [zlib.compress(rows[top : top + 20].tobytes()) for top in range(0, 61, 20)]
    strips[1] = b"\xff" * len(strips[1])
    data = with_parts({**RAW, 259: (8,), 278: (20,), 279: tuple(map(len, strips))}, 273, strips)
    with reading(tmp_path / "x", data) as picture:
        np.testing.assert_array_equal(picture[0:20], rows[0:20])
        np.testing.assert_array_equal(picture[41:61], rows[41:61])
        with pytest.raises(ImageError, match="decoder error"):
            picture[19:41]


@pytest.mark.parametrize(
    "data",
    [
        png_of(zlib.compress(rows_of())[:-4]),
        png_of(zlib.compress(rows_of() + bytes(500))),
        png_of(zlib.compress(rows_of()))[:-12],
        png_of(zlib.compress(rows_of()))[:-16] + b"zzzz" + png_of(b"")[-12:],
    ],
    ids=["no checksum", "more than the picture", "no end", "wrong checksum of the chunk"],
)
def test_damage_that_does_not_matter(tmp_path: Path, data: bytes) -> None:
    with reading(tmp_path / "x", data) as picture:
        np.testing.assert_array_equal(picture[:], read_picture(tmp_path / "x").rgb)


def test_damage_beside_the_picture_is_passed_over(tmp_path: Path) -> None:
    damaged = write_chunk(b"eXIf", b"II*\0words")[:-1] + b"?"
    with reading(tmp_path / "x", noise_png(2, 8, damaged)) as picture:
        assert picture.notes == ("damaged parts beside the picture are passed over (eXIf)",)
        np.testing.assert_array_equal(picture[:], read_picture(tmp_path / "x").rgb)


def bomb_of(megabytes: int) -> bytes:
    packer = zlib.compressobj()
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()


BOMB = bomb_of(60)
HOSTILE = {
    "more data than the picture has": (png_of(BOMB), ""),
    "less data than the header says": (png_of(zlib.compress(bytes(999)), 8000, 7000), "end too early"),
    "a strip of 4 GB": (DAMAGED["huge strip"], "larger than its pixels"),
    "a strip that unpacks to 60 MB": (with_parts({**RAW, 259: (8,), 279: (len(BOMB),)}, 273, [BOMB]), ""),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_memory_is_bounded(tmp_path: Path, kind: str) -> None:
    data, message = HOSTILE[kind]
    with reading(tmp_path / "x", data) as picture:
        tracemalloc.start()
        try:
            if message:
                with pytest.raises(ImageError, match=message):
                    picture[0:1]
            else:
                picture[:]
            assert tracemalloc.get_traced_memory()[1] < 3_000_000
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({278: (0,)}, "its strips or tiles are damaged"),
        ({278: (1,)}, "its strips or tiles are damaged"),
        ({259: (8,), 279: (8235,) * 2}, "its strips or tiles are damaged"),
        ({320: tuple(range(300_000))}, "its tags are damaged"),
        ({322: (16,), 323: (16,), 324: (8,), 325: (8,)}, "its strips or tiles are damaged"),
        ({257: (2_000_000,), 256: (1,), 278: (1,)}, "it has more than 1000000 strips or tiles"),
        ({257: (1,), 256: (5_000_000,)}, "its rows are too long"),
        ({257: (100_000,), 256: (45,), 278: (100_000,), 259: (8,)}, "its strips or tiles are too large"),
    ],
)
def test_left_to_the_reader_of_whole_pictures(tmp_path: Path, changed: dict[int, tuple[int, ...]], reason: str) -> None:
    (tmp_path / "x").write_bytes(with_parts({**RAW, 279: (8235,), **changed}, 273, [bytes(8235)]))
    with open_rows(tmp_path / "x") as picture:
        assert picture == NotByRows(reason)
