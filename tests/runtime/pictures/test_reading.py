"""Pictures as the world makes them: every mode, turned, profiled, damaged, hostile."""

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from nst_runtime.errors import ImageError
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.read import read_picture, read_profile
from nst_runtime.pictures.write import write_picture

Pixels = npt.NDArray[np.uint8]
RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (90, 90, 90)


def corners() -> Image.Image:
    """24×16 pixels: red at the upper left, green at the upper right, blue at the lower left, else grey."""
    image = Image.new("RGB", (24, 16), GREY)
    image.paste(RED, (0, 0, 8, 8))
    image.paste(GREEN, (16, 0, 24, 8))
    image.paste(BLUE, (0, 8, 8, 16))
    return image


def read(tmp_path: Path, image: Image.Image, name: str = "x.png", **options: object) -> Picture:
    image.save(tmp_path / name, **options)  # type: ignore[arg-type]
    return read_picture(tmp_path / name)


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [(mode, "png") for mode in ("1", "L", "P", "RGB")]
    + [(mode, "tif") for mode in ("1", "L", "P", "RGB", "CMYK")]
    + [(mode, "jpg") for mode in ("1", "L", "RGB", "CMYK")],
)
def test_modes(tmp_path: Path, mode: str, suffix: str) -> None:
    image = Image.new("RGB", (20, 16), "black")
    image.paste((255, 255, 255), (10, 0, 20, 16))
    picture = read(tmp_path, image.convert(mode), f"x.{suffix}", **({"quality": 95} if suffix == "jpg" else {}))
    assert picture.alpha is None
    assert picture.rgb.shape == (16, 20, 3)
    assert picture.rgb.dtype == np.uint8
    assert picture.rgb[:, :9].max() <= 4
    assert picture.rgb[:, 11:].min() >= 251


def test_sixteen_bit_grey_is_scaled_not_clipped(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65_535, 256).round().astype(np.uint16)
    image = Image.fromarray(np.tile(ramp, (16, 1)))
    for name in ("x.png", "x.tif"):
        np.testing.assert_array_equal(read(tmp_path, image, name).rgb[3, :, 1], np.arange(256))
    between = Image.fromarray(np.array([[128, 129, 385, 386, 65406, 65407]], np.uint16))
    assert read(tmp_path, between).rgb[0, :, 0].tolist() == [0, 1, 1, 2, 254, 255]


def _png(header: bytes, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([-5, 127.4, 255, 300], np.float32), [0, 127, 255, 255]),
        (np.array([0, 100, 200, 255], np.int32), [0, 100, 200, 255]),
        (np.array([0, 257, 32896, 65535], np.int32), [0, 1, 128, 255]),
        (np.array([-9, 2**23, 2**30, 2**31 - 1], np.int32), [0, 1, 128, 255]),
    ],
)
def test_numbers_for_pixels(tmp_path: Path, values: npt.NDArray[np.generic], expected: list[int]) -> None:
    picture = read(tmp_path, Image.fromarray(np.tile(values, (3, 1))), "x.tif")
    assert picture.rgb[1, :, 2].tolist() == expected


def test_transparency_of_every_kind(tmp_path: Path) -> None:
    alpha = np.full((16, 24), 255, np.uint8)
    alpha[:8, :8] = 0
    rgba = corners()
    rgba.putalpha(Image.fromarray(alpha))
    for picture in (
        read(tmp_path, rgba),
        read(tmp_path, rgba, "x.webp", lossless=True, exact=True),
        read(tmp_path, rgba, "x.tif"),
        read(tmp_path, rgba.convert("LA")),
        read(tmp_path, rgba.quantize(8)),
        read(tmp_path, rgba, "x.gif"),
        read(tmp_path, corners(), transparency=RED),
        read(tmp_path, corners().convert("L"), transparency=76),
    ):
        assert picture.alpha is not None
        np.testing.assert_array_equal(picture.alpha, alpha)
        assert picture.rgb.shape == (16, 24, 3)


def test_transparency_of_a_deep_grey(tmp_path: Path) -> None:
    grey = np.tile(np.array([0x0102, 0x0103, 0xFFFF], np.uint16), (2, 1))
    for clear, expected in ((0x0103, [255, 0, 255]), (0x0200, None)):
        picture = read(tmp_path, Image.fromarray(grey), transparency=clear)
        assert (None if picture.alpha is None else picture.alpha[1].tolist()) == expected
        assert picture.rgb[0, :, 0].tolist() == [1, 1, 255]


def test_colors_stay_under_transparency(tmp_path: Path) -> None:
    rgba = corners()
    rgba.putalpha(7)
    picture = read(tmp_path, rgba)
    np.testing.assert_array_equal(picture.rgb, np.asarray(corners()))
    assert picture.alpha is not None
    assert np.unique(picture.alpha).tolist() == [7]


def test_opaque_alpha_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, corners().convert("RGBA")).alpha is None


def swapped_profile() -> bytes:
    """sRGB's profile with the red and blue primaries exchanged: what is stored as red is meant to be blue."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(132, 132 + 12 * int.from_bytes(data[128:132], "big"), 12):
        data[at : at + 4] = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(bytes(data[at : at + 4]), data[at : at + 4])
    return bytes(data)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif"])
def test_profiles_are_converted_to_srgb(tmp_path: Path, suffix: str) -> None:
    picture = read(tmp_path, Image.new("RGB", (16, 16), RED), f"x.{suffix}", icc_profile=swapped_profile())
    np.testing.assert_allclose(picture.rgb[8, 8], BLUE, atol=4)


def test_profiles_are_converted_beside_alpha_and_in_palettes(tmp_path: Path) -> None:
    half = Image.new("RGBA", (16, 16), (*RED, 128))
    picture = read(tmp_path, half, icc_profile=swapped_profile())
    np.testing.assert_allclose(picture.rgb[8, 8], BLUE, atol=4)
    assert picture.alpha is not None
    assert picture.alpha[8, 8] == 128
    palette = Image.new("RGB", (16, 16), RED).quantize(4)
    np.testing.assert_allclose(read(tmp_path, palette, icc_profile=swapped_profile()).rgb[8, 8], BLUE, atol=4)


@pytest.mark.parametrize(
    ("mode", "profile"),
    [(mode, profile) for mode in ("RGB", "L", "CMYK") for profile in (b"garbage", swapped_profile()[:200])]
    + [(mode, swapped_profile()) for mode in ("L", "CMYK")],
)
def test_profiles_that_do_not_fit_are_passed_over(tmp_path: Path, mode: str, profile: bytes) -> None:
    image = Image.new("RGB", (16, 16), (80, 80, 80)).convert(mode)
    picture = read(tmp_path, image, "x.jpg", icc_profile=profile, quality=95)
    np.testing.assert_allclose(picture.rgb[8, 8], (80, 80, 80), atol=2)


@pytest.mark.parametrize(("width", "height"), [(16, 4000), (4000, 16), (1, 1)])
def test_extreme_shapes(tmp_path: Path, width: int, height: int) -> None:
    assert read(tmp_path, Image.new("RGB", (width, height))).rgb.shape == (height, width, 3)


def test_bombs_are_refused_from_the_header(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 40_000, 50_000, 8, 2, 0, 0, 0)
    (tmp_path / "bomb.png").write_bytes(_png(header, b""))
    with pytest.raises(
        ImageError, match=r"40000×50000 = 2000000000 pixels, over the limit of 64000000; make it smaller"
    ):
        read_picture(tmp_path / "bomb.png")
    with pytest.raises(ImageError, match="damaged or cut off"):  # past the header, there is nothing
        read_picture(tmp_path / "bomb.png", max_pixels=2 * 10**9)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "gif"])
def test_the_limit_is_ours_not_pillow_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    path = tmp_path / f"x.{suffix}"
    Image.new("RGB", (30, 20)).save(path)
    assert read_picture(path, max_pixels=600).rgb.shape == (20, 30, 3)
    with pytest.raises(ImageError, match="over the limit of 599"):
        read_picture(path, max_pixels=599)
    assert Image.MAX_IMAGE_PIXELS == 100


def test_threads_leave_pillow_s_limit_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    Image.new("RGB", (300, 200)).save(tmp_path / "x.tif", compression="tiff_lzw")
    with ThreadPoolExecutor(8) as pool:
        read_all = list(pool.map(lambda _: read_picture(tmp_path / "x.tif").rgb.shape, range(60)))
    assert set(read_all) == {(200, 300, 3)}
    assert Image.MAX_IMAGE_PIXELS == 100


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "bmp", "gif", "ppm", "jp2"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_truncated_files(tmp_path: Path, suffix: str, kept: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / f"x.{suffix}")
    data = (tmp_path / f"x.{suffix}").read_bytes()
    (tmp_path / f"x.{suffix}").write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(ImageError, match="damaged or cut off"):
        read_picture(tmp_path / f"x.{suffix}")


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000"]),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_damage_anywhere_is_a_picture_or_an_image_error(
    tmp_path: Path, kind: str, flips: list[tuple[float, int]]
) -> None:
    buffer = io.BytesIO()
    corners().save(buffer, kind)
    data = bytearray(buffer.getvalue())
    for place, value in flips:
        data[int(place * len(data))] = value
    (tmp_path / "x.png").write_bytes(data)
    try:
        picture = read_picture(tmp_path / "x.png", max_pixels=1_000_000)
    except ImageError as error:
        assert "\n" not in str(error)
    else:
        assert picture.rgb.dtype == np.uint8
        assert picture.rgb.ndim == 3


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
def test_a_profile_is_written_with_colors_that_mean_the_same(tmp_path: Path, suffix: str) -> None:
    profile = swapped_profile()
    source = tmp_path / "source.png"
    Image.new("RGB", (16, 16), RED).save(source, icc_profile=profile)
    assert read_profile(source) == profile
    out = tmp_path / f"out{suffix}"
    write_picture(out, np.full((16, 16, 3), BLUE, np.uint8), profile=profile)
    with Image.open(out) as image:
        assert image.info["icc_profile"] == profile
        np.testing.assert_allclose(np.asarray(image.convert("RGB"))[8, 8], RED, atol=6)
    np.testing.assert_allclose(read_picture(out).rgb[8, 8], BLUE, atol=6)


def test_profiles_that_are_none_for_rgb(tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    for profile in (None, b"garbage", swapped_profile()[:200]):
        Image.new("RGB", (16, 16), RED).save(path, icc_profile=profile)
        assert read_profile(path) is None


def test_bmp_holds_no_profile_and_stays_srgb(tmp_path: Path) -> None:
    write_picture(tmp_path / "x.bmp", np.full((16, 16, 3), BLUE, np.uint8), profile=swapped_profile())
    assert read_picture(tmp_path / "x.bmp").rgb[8, 8].tolist() == list(BLUE)
