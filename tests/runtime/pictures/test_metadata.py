"""What a picture says about itself goes along; where it was taken, thumbnails and what only its file had does not."""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin, features
from PIL.PngImagePlugin import PngInfo

from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.containers.ifd import TiffReader
from nst_runtime.pictures.metadata.exif import keep_exif
from nst_runtime.pictures.metadata.record import Metadata, keep_dpi, keep_iptc
from nst_runtime.pictures.metadata.xmp import keep_xmp
from nst_runtime.pictures.read import read_picture, read_picture_bytes
from nst_runtime.pictures.write import encode_picture, write_picture

SECRET = b"SECRET PLACE"
AUTHOR = "José Nuñez".encode("latin-1")
IPTC = b"\x1c\x02\x50\x00\x05Annie" + b"\x1c\x02\xca\x00\x0c" + SECRET + b"\x1c\x02\x78\x00\x04Rain"
KEPT_IPTC = b"\x1c\x02\x50\x00\x05Annie\x1c\x02\x78\x00\x04Rain"
XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
    b' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
    b' xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"'
    b' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    b' exif:GPSMapDatum="SECRET PLACE" tiff:Orientation="6" tiff:Make="Maker" crs:Exposure2012="+1.0"'
    b' xmp:CreateDate="2020-02-03T04:05:06"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Rain &amp; sun</rdf:li>'
    b"</rdf:Alt></dc:title><xmp:Thumbnails>SECRET PLACE</xmp:Thumbnails><Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li>"
    b"<exif:GPSLongitude>SECRET PLACE</exif:GPSLongitude></rdf:li></rdf:Bag></Iptc4xmpExt:LocationCreated>"
    b'</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def exif_block(orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif.update({0x010F: "Maker", 0x0110: "One", 0x0112: orientation, 0x0132: "2020:02:03 04:05:06", 0x8298: "Annie"})
    exif[0x013B] = AUTHOR
    exif[0x0100] = 4000
    exif[0x8769] = {0x9003: "2020:02:03 04:05:06", 0x927C: SECRET * 3, 0x829A: 0.01, 0xA002: 4000, 0xA001: 2}
    exif[0x8825] = {1: "N", 29: SECRET.decode()}
    return exif.tobytes() + SECRET  # where a thumbnail would be


def jpeg(**options: Any) -> bytes:  # noqa: ANN401
    stream = io.BytesIO()
    image = Image.fromarray(np.tile(np.arange(0, 240, 5, dtype=np.uint8)[:, None, None], (1, 64, 3)))
    image.save(stream, "JPEG", quality=95, **options)
    return stream.getvalue()


def photograph() -> bytes:
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC + b"\0" * (len(IPTC) % 2)
    body = b"Photoshop 3.0\0" + resource
    data = jpeg(exif=exif_block(), dpi=(300, 300))
    words = b"http://ns.adobe.com/xap/1.0/\0" + XMP
    segments = b"".join(
        b"\xff" + marker + struct.pack(">H", len(content) + 2) + content
        for marker, content in ((b"\xed", body), (b"\xe1", words))
    )
    return data[:20] + segments + data[20:]


def test_what_is_kept_and_what_is_not() -> None:
    picture = read_picture_bytes(photograph(), "x.jpg")
    assert picture.rgb.shape == (64, 48, 3)  # turned
    said = picture.metadata
    assert said is not None
    exif = Image.Exif()
    exif.load(said.exif)
    assert sorted(exif) == [0x010F, 0x0110, 0x0132, 0x013B, 0x8298, 0x8769]
    assert exif[0x0132] == "2020:02:03 04:05:06"
    assert sorted(exif.get_ifd(0x8769)) == [0x829A, 0x9003]
    assert AUTHOR in said.exif
    assert said.iptc == KEPT_IPTC
    assert said.dpi == (300, 300)
    for words in (b"Rain &amp; sun", b"2020-02-03T04:05:06", b'tiff:Make="Maker"'):
        assert words in said.xmp
    for words in (b"Orientation", b"GPS", b"Exposure2012", b"Thumbnails"):
        assert words not in said.xmp
    assert SECRET not in said.exif + said.xmp + said.iptc


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".avif", ".bmp"])
def test_metadata_is_written_and_comes_back(tmp_path: Path, suffix: str) -> None:
    if suffix == ".avif" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    picture = read_picture_bytes(photograph(), "x.jpg")
    path = tmp_path / f"x{suffix}"
    write_picture(path, picture)
    assert SECRET not in path.read_bytes()
    again = read_picture(path)
    assert again.rgb.shape == picture.rgb.shape  # not turned once more
    said, first = again.metadata, picture.metadata
    assert said is not None
    assert first is not None
    if suffix == ".bmp":
        assert said.exif == b""
    else:
        assert AUTHOR in said.exif
        exif = Image.Exif()
        exif.load(said.exif)
        assert exif[0x0110] == "One"
        assert exif.get_ifd(0x8769)[0x9003] == "2020:02:03 04:05:06"
        assert float(exif.get_ifd(0x8769)[0x829A]) == pytest.approx(0.01)
        assert said.xmp == first.xmp
    assert said.iptc == (KEPT_IPTC if suffix in {".jpg", ".tif"} else b"")
    if suffix not in {".webp", ".avif"}:
        assert said.dpi == pytest.approx((300, 300), abs=0.1)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_metadata_is_read_from(kind: str) -> None:
    stream = io.BytesIO()
    options: dict[str, Any] = {"exif": exif_block()[: -len(SECRET)], "xmp": XMP}
    if kind == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", options.pop("xmp").decode())
    elif kind == "TIFF":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[0x010F], tags[0x013B], tags[700], tags[33_723] = "Maker", AUTHOR, XMP, IPTC
        tags[0x8769] = {0x9003: "2020:02:03 04:05:06", 0x927C: SECRET}
        options = {"tiffinfo": tags}
    Image.new("RGB", (16, 8)).save(stream, kind, **options)
    said = read_picture_bytes(stream.getvalue(), "x").metadata
    assert said is not None
    assert AUTHOR in said.exif
    assert b"2020:02:03 04:05:06" in said.exif
    assert b"Rain &amp; sun" in said.xmp
    assert SECRET not in said.exif + said.xmp + said.iptc
    assert said.iptc == (KEPT_IPTC if kind == "TIFF" else b"")


def test_pictures_that_say_nothing() -> None:
    assert read_picture_bytes(jpeg(), "x").metadata is None
    assert read_picture_bytes(jpeg(exif=b"Exif\0\0garbage"), "x").metadata is None


@pytest.mark.parametrize(
    "packet",
    [
        XMP.replace(b"<x:xmpmeta", b'<!DOCTYPE a [<!ENTITY b "bb">]><x:xmpmeta', 1).replace(b"Rain", b"&b;"),
        XMP.replace(b"<rdf:RDF", b'<!DOCTYPE a [<!ENTITY b "bb">]><rdf:RDF', 1),
        XMP[:-100],
        XMP.replace(b"<dc:title>", b"<dc:titel>"),
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + b"<x:a>" * 100_000 + b"</x:a>" * 100_000 + b"</x:xmpmeta>",
        XMP.replace(b"Rain", b"Rain" * 300_000),
        XMP.decode().encode("utf-16"),
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>',
    ],
)
def test_xmp_that_is_damaged_or_hostile_is_left_out(packet: bytes) -> None:
    assert keep_xmp(packet) == b""


def test_comments_and_instructions_in_xmp_are_left_out() -> None:
    kept = keep_xmp(XMP.replace(b"<dc:title>", b"<!-- SECRET PLACE --><?SECRET PLACE?><dc:title>"))
    assert kept == keep_xmp(XMP)


def test_exif_that_is_too_large_is_left_out() -> None:
    block = exif_block()
    assert keep_exif(block + bytes(900_000)) == keep_exif(block) != b""
    assert keep_exif(block + bytes(1_000_000)) == b""


def test_iptc_that_is_damaged_is_left_out() -> None:
    assert keep_iptc(IPTC[:-1]) == b""
    assert keep_iptc(b"garbage") == b""
    assert keep_iptc(b"\x1c\x02\x50\xff\xff" + bytes(70_000)) == b""


@pytest.mark.parametrize("dpi", [None, (0, 0), (float("nan"), 72), (72,), ("a", "b"), 72, (1e9, 1e9)])
def test_resolutions_that_are_none(dpi: object) -> None:
    assert keep_dpi(dpi) is None


def test_tags_that_use_up_memory_are_passed_over() -> None:
    """60 000 tags that all point at the same 700 kB: 42 GB, if each were read."""
    count, size = 60_000, 700_000
    entries = b"".join(struct.pack("<HHII", 0x9000 + n % 0x6000, 7, size, 8) for n in range(count))
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", count) + entries + bytes(4)
    stream = io.BytesIO()
    Image.new("RGB", (16, 8)).save(stream, "PNG", exif=b"Exif\0\0" + block.ljust(size + 8, b"\0"))
    assert read_picture_bytes(stream.getvalue(), "x").metadata is None
    assert len(TiffReader(io.BytesIO(block.ljust(size + 8, b"\0"))).read_list(8).tags) == 1


def test_metadata_too_large_for_a_jpeg_is_left_out() -> None:
    said = Metadata(xmp=keep_xmp(XMP.replace(b"Rain", b"Rain" * 20_000)), iptc=KEPT_IPTC)
    assert len(said.xmp) > 70_000
    again = read_picture_bytes(encode_picture(Picture(np.zeros((8, 8, 3), np.uint8), metadata=said), ".jpg"), "x")
    assert again.metadata == Metadata(iptc=KEPT_IPTC)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("suffix", [".tif", ".png", ".jpg", ".webp", ".bmp"])
def test_metadata_that_pillow_cannot_write_stops_no_picture(suffix: str) -> None:
    for broken in (Metadata(dpi=(1e15, -1)), Metadata(exif=b"II*\0\x08\0\0\0\x09\0garbage"), Metadata(exif=b"x")):
        data = encode_picture(Picture(np.full((8, 8, 3), 7, np.uint8), metadata=broken), suffix)
        assert read_picture_bytes(data, "x").rgb[4, 4].tolist() == pytest.approx([7, 7, 7], abs=1)
