"""Files that are not read are named, with what to do; a row each."""

import io
import os
import struct
import sys
from pathlib import Path

import pytest
from PIL import Image

from nst_runtime.errors import ImageError, TooManyPixelsError
from nst_runtime.pictures.containers import webp
from nst_runtime.pictures.read import read_picture, read_picture_bytes, read_profile

TIFF = b"II*\0\x08\0\0\0"
HEIC = b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic"


def tags(*numbers_and_values: tuple[int, int]) -> bytes:
    return struct.pack("<H", len(numbers_and_values)) + b"".join(
        struct.pack("<HHII", number, 4, 1, value) for number, value in numbers_and_values
    )


@pytest.mark.parametrize(
    ("name", "data", "message", "hint"),
    [
        ("a.jxl", b"\xff\x0aJXL", "a.jxl is JPEG XL, which is not read", "djxl"),
        ("a.jxl", b"\0\0\0\x0cJXL \r\n\x87\n", "a.jxl is JPEG XL", "djxl"),
        ("a.jpg", b"8BPS\0\1", "a.jpg is a Photoshop file", "save it as a PNG or a JPEG"),
        ("a.pdf", b"%PDF-1.7", "a.pdf is PDF", "pdftoppm"),
        ("a.svg", b'<?xml version="1.0"?>\n<!-- x --><svg xmlns="http://www.w3.org/2000/svg"/>', "is SVG", "PNG"),
        ("a.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n", "is PostScript", "PNG"),
        ("a.jpg", b"<!DOCTYPE html><html><body>Sign in</body></html>", "is a web page", "save the picture itself"),
        ("a.jpg", b"II*\0\x10\0\0\0CR\2\0", "is a camera's RAW file", "develop it first"),
        ("a.cr3", b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "is a camera's RAW file", "develop it first"),
        ("a.raf", b"FUJIFILMCCD-RAW 0201", "is a camera's RAW file", "develop it first"),
        ("a.NEF", TIFF + tags((256, 160)), "is a camera's RAW file", "develop it first"),
        ("a.tif", TIFF + tags((256, 160), (50_706, 1)), "is a camera's RAW file", "develop it first"),
        ("a.tif", TIFF + tags((254, 1), (330, 9)), "is a camera's RAW file", "develop it first"),
        ("a.mp4", b"\0\0\0\x18ftypisom\0\0\0\1isom", "is a video", "save a frame"),
        ("a.xcf", b"gimp xcf v011\0", "is a GIMP file", "PNG"),
        ("a.jpg", b"this is a text", "a.jpg is not a picture that can be read", "use JPEG, PNG"),
    ],
)
def test_named_with_what_to_do(name: str, data: bytes, message: str, hint: str) -> None:
    for file in (data, data.ljust(5000, b"\0")):
        with pytest.raises(ImageError) as caught:
            read_picture_bytes(file, name)
        assert message in caught.value.message
        assert hint in caught.value.hint


def test_heic_without_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(ImageError, match=r"a\.jpg is HEIC, .*; pip install 'nst-stylebank\[heic\]'"):
        read_picture_bytes(HEIC, "a.jpg")


def test_avif_without_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.AvifImagePlugin", None)
    with pytest.raises(ImageError, match=r"a\.avif is AVIF, .*; pip install 'pillow>=11\.3'"):
        read_picture_bytes(b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "a.avif")


def test_no_file_at_all(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    for name, message in {
        "empty.png": r"is empty \(0 bytes\); get the file again",
        "none.jpg": "no picture at .*none",
        "": "is a folder; give the file of a picture",
    }.items():
        with pytest.raises(ImageError, match=message):
            read_picture(tmp_path / name)
    with pytest.raises(ImageError, match="not a regular file"):
        read_picture(Path("/dev/zero"))
    with pytest.raises(ImageError, match=r"stdin is empty"):
        read_picture_bytes(b"", "stdin")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_right_to_read(tmp_path: Path) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "x.png")
    (tmp_path / "x.png").chmod(0)
    with pytest.raises(ImageError, match=r"cannot open .*x\.png: Permission denied; check who may read it"):
        read_picture(tmp_path / "x.png")


def test_bombs_of_webp_are_refused_before_the_decoder_takes_memory() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "WEBP", lossless=True, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")
    data = bytearray(stream.getvalue())
    assert data[12:16] == b"VP8X"
    data[24:30] = (16_382).to_bytes(3, "little") * 2
    with pytest.raises(TooManyPixelsError, match="16383×16383 = 268402689 pixels, over the limit of 64000000"):
        read_picture_bytes(bytes(data), "x")


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}])
def test_the_size_of_a_plain_webp(options: dict[str, object]) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (300, 20)).save(stream, "WEBP", **options)
    assert webp.prepare(io.BytesIO(stream.getvalue())).size == (300, 20)
    assert read_picture_bytes(stream.getvalue(), "x", max_pixels=6000).rgb.shape == (20, 300, 3)
    with pytest.raises(TooManyPixelsError, match="300×20 = 6000 pixels") as caught:
        read_picture_bytes(stream.getvalue(), "x", max_pixels=5999)
    assert caught.value.hint == "make it smaller, or, if you trust it, raise `max_pixels` to 6000"


def test_a_profile_of_what_is_not_a_picture(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_text("no picture")
    with pytest.raises(ImageError, match="is not a picture"):
        read_profile(tmp_path / "x.jpg")
    with pytest.raises(ImageError, match="no picture at"):
        read_profile(tmp_path / "none.png")
