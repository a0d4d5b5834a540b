"""Files whose lengths, places and types are lies: they cost neither memory nor time, and sound parts are read."""

import io
import time
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from nst_runtime.errors import ImageError, TooManyPixelsError
from nst_runtime.pictures.animations import open_animation
from nst_runtime.pictures.containers import gif as gif_files
from nst_runtime.pictures.containers import png
from nst_runtime.pictures.containers.whole_file import WholeFile
from nst_runtime.pictures.read import read_header, read_picture, read_picture_bytes, read_profile

NETSCAPE = b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0"


def saved(kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (20, 14), (200, 100, 50)).save(stream, kind, **options)
    return stream.getvalue()


def gif(*parts: bytes) -> bytes:
    """Return a GIF of 4×4 pixels and two colors with `parts` between its head and its end."""
    return b"GIF89a\4\0\4\0\x80\0\0" + bytes(3) + b"\xff\xff\xff" + b"".join(parts) + b";"


def frame(right: int = 4, bottom: int = 4) -> bytes:
    """Return a frame that ends at `right` and `bottom`, from the upper left on, and data of 16 white pixels."""
    place = bytes(4) + right.to_bytes(2, "little") + bottom.to_bytes(2, "little")
    codes = (4, 1, 1) * 8 + (5,)  # of three bits: begin again, white, white; the end
    pixels = sum(code << 3 * number for number, code in enumerate(codes)).to_bytes(10, "little")
    return b"," + place + b"\0\2\x0a" + pixels + b"\0"


def disposing(method: int) -> bytes:
    return b"!\xf9\4" + bytes([method << 2]) + bytes(4)


@pytest.mark.parametrize("chunk", [b"IHDR", b"tEXt", b"IDAT"])
def test_a_png_chunk_of_4_gib(tmp_path: Path, chunk: bytes) -> None:
    data = saved("PNG")
    text = b"\0\0\0\4tEXta\0bc" + zlib.crc32(b"tEXta\0bc").to_bytes(4, "big")
    data = data[:33] + text + data[33:]
    at = data.index(chunk)
    (tmp_path / "a.png").write_bytes(data[: at - 4] + b"\xff\xff\xff\xf0" + data[at:])
    tracemalloc.start()
    try:
        for read in (read_header, read_picture, read_profile):
            try:
                read(tmp_path / "a.png")
            except ImageError as error:
                assert "damaged or cut off" in error.message
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_a_png_of_30_000_damaged_chunks() -> None:
    data = saved("PNG")
    begun = time.perf_counter()
    picture = read_picture_bytes(data[:33] + b"\0\0\0\0tEXtbad!" * 30_000 + data[33:], "a.png")
    assert time.perf_counter() - begun < 5  # a minute where each is compared with each
    assert picture.notes == ("damaged parts beside the picture are passed over (tEXt)",)
    assert (picture.rgb == (200, 100, 50)).all()


def packed(kind: bytes, start: bytes, size_bytes: int) -> bytes:
    """Return a sound chunk of a PNG that unpacks to `size_bytes`."""
    content = kind + start + zlib.compress(bytes(size_bytes))
    return (len(content) - 4).to_bytes(4, "big") + content + zlib.crc32(content).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("chunk", "most"), [(packed(b"zTXt", b"a\0\0", 990_000), 9), (packed(b"iCCP", b"a\0\0", 3_900_000), 1)]
)
def test_no_more_is_unpacked_than_is_used(monkeypatch: pytest.MonkeyPatch, chunk: bytes, most: int) -> None:
    unpacked = []

    def inflate(data: bytes, limit: int) -> bytes | None:
        unpacked.append(limit)
        return real(data, limit)

    real = png._inflate
    monkeypatch.setattr(png, "_inflate", inflate)
    data = saved("PNG")
    assert (read_picture_bytes(data[:33] + chunk * 30 + data[33:], "a.png").rgb == (200, 100, 50)).all()
    assert len(unpacked) == most


def test_a_text_ppm_of_many_comments() -> None:
    data = b"P3 2 1#x\n255\n" + b"#\n" * 1_000_000 + b"1 2#y\r3 4 5 6"
    begun = time.perf_counter()
    assert read_picture_bytes(data, "a.ppm").rgb.tolist() == [[[1, 2, 3], [4, 5, 6]]]
    assert time.perf_counter() - begun < 4  # 13 s where Pillow takes each out


def test_a_whole_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"0123456789")
    with WholeFile((tmp_path / "x").open("rb", buffering=0)) as file:
        assert (file.size_bytes, file.read(3), file.read(2**40), file.read(1)) == (10, b"012", b"3456789", b"")
        file.seek(20)
        assert (file.read(5), file.read(2**40)) == (b"", b"")
        file.seek(8)
        assert (file.read(), file.seek(-4, 2), file.read(-1)) == (b"89", 6, b"6789")


def test_a_tiff_whose_profile_is_a_number(tmp_path: Path) -> None:
    tags = ImageFileDirectory_v2()
    tags[34_675] = 7
    tags.tagtype[34_675] = 4
    (tmp_path / "a.tif").write_bytes(saved("TIFF", tiffinfo=tags))
    assert read_profile(tmp_path / "a.tif") is None
    picture = read_picture(tmp_path / "a.tif")
    assert (picture.rgb == (200, 100, 50)).all()
    assert picture.profile is None


@pytest.mark.parametrize(
    "between",
    [b"", b"\0junk\0", NETSCAPE, b"!\xfe\3abc\0", b"!\xfe\0", b"!\x01\0\1x\0", b"!\xf9\0\4\0\0\0\0\0"],
    ids=["nothing", "junk", "loop", "comment", "empty comment", "empty text", "empty control"],
)
def test_gif_frames_are_found_where_pillow_finds_them(between: bytes) -> None:
    inside, outside = (gif(frame(), between, frame(side)) for side in (4, 5))
    assert Image.open(io.BytesIO(inside)).n_frames == 2  # type: ignore[attr-defined]
    assert gif_files.frames_stay_inside(io.BytesIO(inside))
    assert not gif_files.frames_stay_inside(io.BytesIO(outside))
    with (
        pytest.raises(ImageError, match="has a frame that lies outside of the picture"),
        open_animation(io.BytesIO(outside), "a.gif"),
    ):
        pass


def test_a_gif_whose_first_frame_is_a_bomb() -> None:
    data = gif(disposing(2), frame(65_535, 65_535))
    assert gif_files.prepare(io.BytesIO(data)).size == (65_535, 65_535)  # before Pillow takes 17 GB for it
    with pytest.raises(TooManyPixelsError, match="65535×65535 = 4294836225 pixels"):
        read_picture_bytes(data, "a.gif")
    assert (read_picture_bytes(gif(disposing(2), frame()), "a.gif").rgb == np.full((4, 4, 3), 255)).all()


def test_a_gif_whose_second_frame_is_damaged() -> None:
    picture = read_picture_bytes(gif(frame())[:-1] + b",\0", "a.gif")
    assert np.array_equal(picture.rgb, read_picture_bytes(gif(frame()), "a.gif").rgb)
    assert picture.notes == ("an animation, of which only the first frame is used; .gif, .webp and .apng hold all",)
    with (
        pytest.raises(ImageError, match="damaged or cut off"),
        open_animation(io.BytesIO(gif(frame())[:-1] + b",\0"), "a.gif"),
    ):
        pass
