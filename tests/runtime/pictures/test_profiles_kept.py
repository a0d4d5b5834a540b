"""Pictures written in the photograph's own colors, and pictures that say nothing about themselves."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.color.icc import SRGB_CURVE, rgb_profile
from nst_runtime.pictures.metadata.record import Metadata
from nst_runtime.pictures.read import read_picture, read_picture_bytes
from nst_runtime.pictures.write import encode_picture, write_picture

from .test_colors import P3_PRIMARIES
from .test_metadata import SECRET, photograph

P3 = rgb_profile(P3_PRIMARIES, SRGB_CURVE)
WITH_PROFILE = [".jpg", ".png", ".webp", ".tif", *([".avif"] if features.check("avif") else [])]


def p3_photograph() -> bytes:
    """Three stripes in P3: grey, a brown that sRGB holds, and P3's own red, which it does not."""
    image = Image.new("RGB", (48, 16), (128, 128, 128))
    image.paste((117, 62, 33), (16, 0, 32, 16))
    image.paste((255, 0, 0), (32, 0, 48, 16))
    stream = io.BytesIO()
    image.save(stream, "PNG", icc_profile=P3)
    return stream.getvalue()


@pytest.mark.parametrize("suffix", WITH_PROFILE)
def test_a_photograph_s_own_profile_is_kept(tmp_path: Path, suffix: str) -> None:
    picture = read_picture_bytes(p3_photograph(), "x")
    assert picture.profile == P3
    path = tmp_path / f"x{suffix}"
    write_picture(path, picture, keep_profile=True, quality=95 if suffix in {".jpg", ".webp", ".avif"} else None)
    with Image.open(path) as image:
        assert image.info["icc_profile"] == P3
        stored = np.asarray(image.convert("RGB"))[8, 8::16]
    np.testing.assert_allclose(stored[:2], [(128, 128, 128), (117, 62, 33)], atol=3)
    np.testing.assert_allclose(stored[2], (234, 51, 35), atol=5)  # sRGB's red: P3's own was clipped to it
    np.testing.assert_allclose(read_picture(path).rgb[8, 8], (128, 128, 128), atol=3)
    np.testing.assert_allclose(read_picture(path).rgb[8, 24], picture.rgb[8, 24], atol=3)


def test_without_asking_it_is_srgb() -> None:
    picture = read_picture_bytes(p3_photograph(), "x")
    with Image.open(io.BytesIO(encode_picture(picture, ".png"))) as image:
        assert "icc_profile" not in image.info
        np.testing.assert_allclose(np.asarray(image)[8, 24], (126, 58, 24), atol=2)
    assert read_picture_bytes(encode_picture(picture, ".bmp", keep_profile=True), "x").rgb[8, 24, 0] > 123
    assert encode_picture(Picture(picture.rgb), ".png", keep_profile=True) == encode_picture(picture, ".png")


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_profiles_for_other_pictures_are_not_kept(mode: str) -> None:
    stream = io.BytesIO()
    Image.new(mode, (16, 16)).save(stream, "TIFF", icc_profile=P3)
    assert read_picture_bytes(stream.getvalue(), "x").profile is None


@pytest.mark.parametrize("suffix", [*WITH_PROFILE, ".bmp"])
def test_strip_leaves_nothing_but_the_picture(suffix: str) -> None:
    picture = read_picture_bytes(photograph(), "x")
    assert picture.metadata is not None
    bare = Picture(picture.rgb, compression=picture.compression)
    assert encode_picture(picture, suffix, strip=True) == encode_picture(bare, suffix)
    said = read_picture_bytes(encode_picture(picture, suffix, strip=True), "x").metadata or Metadata()
    assert replace(said, dpi=None) == Metadata()
    assert said.dpi is None or max(said.dpi) < 97  # Pillow's own in a TIFF and a BMP; the photograph has 300
    for data in (encode_picture(picture, suffix, strip=True), encode_picture(picture, suffix)):
        assert SECRET not in data  # place, thumbnail and maker's note are never kept
    assert read_picture_bytes(encode_picture(picture, suffix), "x").metadata is not None


def test_a_stripped_picture_keeps_the_meaning_of_its_colors() -> None:
    picture = read_picture_bytes(p3_photograph(), "x")
    data = encode_picture(picture, ".png", strip=True, keep_profile=True)
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["icc_profile"] == P3
