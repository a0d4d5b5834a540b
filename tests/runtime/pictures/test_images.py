import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, features

from nst_runtime.errors import ImageError, NstError
from nst_runtime.pictures.arrays import Picture, from_unit, resize, resize_short_side, to_unit
from nst_runtime.pictures.read import read_picture, read_profile
from nst_runtime.pictures.write import (
    WRITE_SUFFIXES,
    check_writable,
    encode_picture,
    has_quality,
    write_picture,
)

Pixels = npt.NDArray[np.uint8]
WRITABLE = [suffix for suffix in WRITE_SUFFIXES if suffix != ".avif" or features.check("avif")]


def smooth(height: int = 48, width: int = 64) -> Pixels:
    """A picture without sharp edges, which lossy formats keep well."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / 9) + np.cos(y / 7), np.sin((x + y) / 11), np.cos(x / 13 - y / 5)]
    channels = [(wave - wave.min()) / np.ptp(wave) * 255 for wave in waves]
    return np.stack(channels, axis=2).round().astype(np.uint8)


def psnr_db(a: Pixels, b: Pixels) -> float:
    error = float(np.mean((a.astype(float) - b) ** 2))
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


@pytest.mark.parametrize(
    ("suffix", "at_least_db"),
    [(".png", math.inf), (".bmp", math.inf), (".tif", math.inf), (".TIFF", math.inf), (".jpg", 44), (".webp", 36)],
)
def test_written_pictures_come_back(tmp_path: Path, suffix: str, at_least_db: float) -> None:
    write_picture(tmp_path / f"x{suffix}", smooth(), quality=95 if has_quality(suffix) else None)
    picture = read_picture(tmp_path / f"x{suffix}")
    assert picture.alpha is None
    assert psnr_db(picture.rgb, smooth()) >= at_least_db


def test_paths_may_be_text(tmp_path: Path) -> None:
    write_picture(f"{tmp_path}/x.png", smooth())
    np.testing.assert_array_equal(read_picture(f"{tmp_path}/x.png").rgb, smooth())
    assert read_profile(f"{tmp_path}/x.png") is None


def test_jpeg_keeps_the_resolution_of_colors(tmp_path: Path) -> None:
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[:, ::2] = (255, 0, 0)
    stripes[:, 1::2] = (0, 0, 255)
    write_picture(tmp_path / "x.jpg", stripes)
    assert psnr_db(read_picture(tmp_path / "x.jpg").rgb, stripes) > 30  # about 10 with subsampled colors


@pytest.mark.parametrize("suffix", WRITABLE)
def test_alpha_is_kept_or_shown_on_white(tmp_path: Path, suffix: str) -> None:
    rgb, alpha = smooth(), np.full((48, 64), 255, np.uint8)
    rgb[:16], alpha[:16] = (200, 40, 80), 51
    write_picture(tmp_path / f"x{suffix}", Picture(rgb, alpha))
    picture = read_picture(tmp_path / f"x{suffix}")
    if suffix in (".jpg", ".jpeg", ".bmp"):
        assert picture.alpha is None
        on_white = np.array([200, 40, 80]) * 0.2 + 255 * 0.8
        np.testing.assert_allclose(picture.rgb[4:8, 4:60].mean((0, 1)), on_white, atol=1.5)
    else:
        assert picture.alpha is not None
        np.testing.assert_array_equal(picture.alpha, alpha)
        np.testing.assert_allclose(picture.rgb[4:8, 4:60].mean((0, 1)), [200, 40, 80], atol=3)


@pytest.mark.parametrize("name", ["x", "x.gif", "x.jpg.txt", ".png", "x.heic"])
def test_suffixes_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImageError, match=r"cannot write a picture called .* end the name in \.png, \.jpg"):
        write_picture(tmp_path / name, smooth())
    assert not list(tmp_path.iterdir())


def test_sides_too_large_for_a_format(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"WEBP holds at most 16383 pixels a side, not 16384×1; write a \.png"):
        write_picture(tmp_path / "x.webp", np.zeros((1, 16_384, 3), np.uint8))
    with pytest.raises(ImageError, match="JPEG holds at most 65500"):
        write_picture(tmp_path / "x.jpg", np.zeros((65_501, 1, 3), np.uint8))
    write_picture(tmp_path / "x.webp", np.zeros((1, 16_383, 3), np.uint8))
    write_picture(tmp_path / "x.jpg", np.zeros((65_500, 1, 3), np.uint8))


@pytest.mark.parametrize(
    ("name", "width", "height", "message"),
    [
        ("x.webp", 17_000, 200, "WEBP holds at most 16383 pixels a side, not 17000×200"),
        ("x.jpg", 66_000, 50, "JPEG holds at most 65500 pixels a side, not 66000×50"),
        ("x.tif", 40_000, 40_000, "TIFF holds no more than 4 GiB, not 40000×40000 pixels"),
        ("x.bmp", 40_000, 40_000, "BMP holds no more than 4 GiB"),
    ],
)
def test_sizes_are_checked_before_anything_is_computed(name: str, width: int, height: int, message: str) -> None:
    with pytest.raises(ImageError, match=message) as caught:
        check_writable(Path(name), width, height)
    assert caught.value.hint == "write a .png"
    assert check_writable(Path("x.PNG"), width, height) == ".png"


def test_a_picture_for_a_stream_is_the_one_for_a_file(tmp_path: Path) -> None:
    for suffix in WRITABLE:
        write_picture(tmp_path / f"x{suffix}", smooth())
        assert encode_picture(smooth(), suffix.removeprefix(".")) == (tmp_path / f"x{suffix}").read_bytes()
    with pytest.raises(ImageError, match="end the name in"):
        encode_picture(smooth(), ".gif")


@pytest.mark.parametrize("suffix", [suffix for suffix in WRITABLE if has_quality(suffix)])
def test_quality(suffix: str) -> None:
    sizes = [len(encode_picture(smooth(), suffix, quality=quality)) for quality in (5, 50, 100)]
    assert sizes == sorted(set(sizes))
    for quality in (0, 101, -5):
        with pytest.raises(ImageError, match=f"`quality` of {quality} is not between 1 and 100"):
            encode_picture(smooth(), suffix, quality=quality)


def test_formats_without_quality(tmp_path: Path) -> None:
    assert [suffix for suffix in WRITE_SUFFIXES if not has_quality(suffix)] == [".png", ".bmp", ".tif", ".tiff"]
    with pytest.raises(ImageError, match=r"\.png keeps every pixel and has no `quality`; leave it out"):
        write_picture(tmp_path / "x.png", smooth(), quality=80)
    assert not list(tmp_path.iterdir())


def test_a_failed_write_keeps_the_old_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_picture(tmp_path / "x.png", smooth())

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(NstError, match="disk is full"):
        write_picture(tmp_path / "x.png", 255 - smooth())
    np.testing.assert_array_equal(read_picture(tmp_path / "x.png").rgb, smooth())
    assert len(list(tmp_path.iterdir())) == 1


def test_resize_is_lanczos_and_antialiased() -> None:
    checks = np.indices((64, 64)).sum(0) % 2 * 255
    board = np.repeat(checks[:, :, None], 3, axis=2).astype(np.uint8)
    assert np.abs(resize(board, 16, 16).astype(int) - 128).max() <= 2  # grey; every fourth pixel would be 0 or 255
    edge = np.zeros((8, 8, 3), np.uint8)
    edge[:, 4:] = 200
    row = resize(edge, 16, 8)[0, :, 0]
    assert row.max() > 205  # Lanczos overshoots, which bilinear does not
    np.testing.assert_array_equal(resize(edge, 8, 8), edge)


@pytest.mark.parametrize(
    ("height", "width", "short", "expected"),
    [(40, 80, 20, (20, 40)), (80, 40, 20, (40, 20)), (30, 31, 60, (60, 62)), (16, 4000, 16, (16, 4000))],
)
def test_resize_short_side(height: int, width: int, short: int, expected: tuple[int, int]) -> None:
    assert resize_short_side(np.zeros((height, width, 3), np.uint8), short).shape[:2] == expected


def test_to_unit_is_channels_first_and_in_0_to_1() -> None:
    rgb = np.zeros((2, 3, 3), np.uint8)
    rgb[1, 2] = (51, 102, 255)
    unit = to_unit(rgb)
    assert unit.shape == (1, 3, 2, 3)
    assert unit.dtype == np.float32
    assert unit.flags.c_contiguous
    np.testing.assert_array_equal(unit[0, :, 1, 2], np.array([0.2, 0.4, 1], np.float32))
    assert unit.sum() == pytest.approx(1.6)


def test_every_value_survives_to_unit_and_back() -> None:
    every = np.arange(256 * 3, dtype=np.uint32).reshape(256, 1, 3).astype(np.uint8)
    np.testing.assert_array_equal(from_unit(to_unit(every)), every)


def test_from_unit_rounds_half_up_and_clips() -> None:
    values = np.array([-1, 0, 0.499 / 255, 0.5 / 255, 1.5 / 255, 254.5 / 255, 1, 9], np.float32)
    unit = np.broadcast_to(values, (1, 3, 1, 8)).copy()
    assert from_unit(unit)[0, :, 0].tolist() == [0, 0, 0, 1, 2, 255, 255, 255]


@given(st.integers(1, 140), st.integers(1, 5))
def test_from_unit_takes_any_size(height: int, width: int) -> None:
    rgb = np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)
    np.testing.assert_array_equal(from_unit(to_unit(rgb)), rgb)


@pytest.mark.parametrize("shape", [(3, 4, 4), (2, 3, 4, 4), (1, 4, 4, 4)])
def test_from_unit_refuses_other_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected an array 1×3×H×W"):
        from_unit(np.zeros(shape, np.float32))


def test_programming_faults(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="numpy array of uint8, got float64"):
        resize(np.zeros((4, 4, 3)), 2, 2)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="got list"):
        to_unit([[1]])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"H×W×3, got \(4, 4\)"):
        write_picture(tmp_path / "x.png", np.zeros((4, 4), np.uint8))
    with pytest.raises(ValueError, match=r"got \(0, 4, 3\)"):
        to_unit(np.zeros((0, 4, 3), np.uint8))


def test_every_kind_of_picture_can_be_written(tmp_path: Path) -> None:
    """As the Stylizer gives them back: arrays without and with alpha, PIL images, Pictures."""
    rgb, alpha = smooth(), smooth()[..., 0]
    kinds: list[Any] = [np.dstack([rgb, alpha]), Image.fromarray(np.dstack([rgb, alpha])), Picture(rgb, alpha)]
    for number, kind in enumerate(kinds):
        write_picture(tmp_path / f"{number}.png", kind)
        found = read_picture(tmp_path / f"{number}.png")
        np.testing.assert_array_equal(found.rgb, rgb)
        np.testing.assert_array_equal(found.alpha, alpha)
    write_picture(tmp_path / "rgb.png", Image.fromarray(rgb))
    assert read_picture(tmp_path / "rgb.png").alpha is None
    with pytest.raises(TypeError, match="expected a picture, got a path"):
        write_picture(tmp_path / "out.png", tmp_path / "rgb.png")  # type: ignore[arg-type]
