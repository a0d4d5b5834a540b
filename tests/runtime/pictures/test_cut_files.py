"""JPEG files that end too early: whole but for the last bytes, or refused; never a grey part as if it were right."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFile

from nst_runtime.errors import ImageError
from nst_runtime.pictures.containers.jpeg import CUT_NOTE
from nst_runtime.pictures.read import read_picture, read_picture_bytes

Pixels = npt.NDArray[np.uint8]
WAYS: dict[str, dict[str, Any]] = {
    "baseline": {},
    "fine": {"quality": 95, "subsampling": 0},
    "optimized": {"optimize": True},
    "progressive": {"progressive": True},
    "fine, progressive": {"progressive": True, "quality": 95, "subsampling": 0},
    "restarts": {"restart_marker_rows": 1},
}


def scene() -> Image.Image:
    """Waves with grain, as a photograph has: 320×240."""
    y, x = np.mgrid[0:240, 0:320]
    waves = np.stack([np.sin(x / 9) + np.cos(y / 7), np.sin((x + y) / 11), np.cos(x / 13 - y / 5)], axis=2)
    grain = np.random.default_rng(0).normal(0, 8, waves.shape)
    return Image.fromarray((waves * 60 + 128 + grain).clip(0, 255).astype(np.uint8))


def encode(image: Image.Image, **options: Any) -> bytes:  # noqa: ANN401
    stream = io.BytesIO()
    image.save(stream, "JPEG", **options)
    return stream.getvalue()


def wrong_pixels(data: bytes, whole: bytes) -> int:
    difference = np.abs(read_picture_bytes(data, "x").rgb.astype(int) - read_picture_bytes(whole, "x").rgb)
    return int(np.count_nonzero(difference.max(axis=2) > 8))


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("way", WAYS)
def test_without_its_last_bytes(way: str, mode: str) -> None:
    whole = encode(scene().convert(mode), **WAYS[way])
    for cut, at_most in {0: 0, 1: 0, 2: 0, 5: 300}.items():
        data = whole[: len(whole) - cut]
        wrong = wrong_pixels(data, whole)
        assert wrong <= at_most
        assert not wrong or read_picture_bytes(data, "x").notes == (CUT_NOTE,)


def test_a_spot_that_may_be_wrong_is_said() -> None:
    whole = encode(scene())
    assert 0 < wrong_pixels(whole[:-9], whole) < 600
    assert read_picture_bytes(whole[:-9], "x").notes == (CUT_NOTE,)


def test_the_last_bits_of_a_flat_part_may_be_missing() -> None:
    """A few bytes of a progressive file stand for all that is white at the bottom; nothing of it is lost."""
    pixels = np.asarray(scene()).copy()
    pixels[120:] = 255
    whole = encode(Image.fromarray(pixels), progressive=True)
    assert wrong_pixels(whole[:-6], whole) <= 32


@pytest.mark.parametrize("kept", [0.1, 0.3, 0.5, 2 / 3, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("way", WAYS)
def test_a_part_is_missing(way: str, kept: float) -> None:
    data = encode(scene(), **WAYS[way])
    cut = data[: int(len(data) * kept)]
    for damaged in (cut, cut + bytes(len(data) - len(cut)), cut + bytes(9999)):
        with pytest.raises(ImageError, match=r"cannot read film\.jpg: it is damaged or cut off"):
            read_picture_bytes(damaged, "film.jpg")


@pytest.mark.parametrize("scan", [1, 2, 3])
def test_a_progressive_file_that_ends_between_two_scans(scan: int) -> None:
    data = encode(scene(), progressive=True)
    starts = [at for at in range(len(data)) if data.startswith(b"\xff\xda", at)]
    with pytest.raises(ImageError, match="damaged or cut off"):
        read_picture_bytes(data[: starts[-scan]], "x")


def test_a_file_that_ends_where_a_restart_would_be() -> None:
    data = encode(scene(), restart_marker_rows=1)
    restarts = [at for at in range(len(data) - 1) if data[at] == 0xFF and 0xD0 <= data[at + 1] <= 0xD7]
    for end in (restarts[5], restarts[5] + 2):
        with pytest.raises(ImageError, match="damaged or cut off"):
            read_picture_bytes(data[:end], "x")


def test_zeros_behind_a_whole_picture_are_no_harm() -> None:
    data = encode(scene())
    assert wrong_pixels(data + bytes(5000), data) == 0


def test_nothing_of_pillow_is_left_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 12_345)
    read_picture_bytes(encode(scene())[:-5], "x")
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
    assert Image.MAX_IMAGE_PIXELS == 12_345


@pytest.mark.parametrize("number", range(3))
def test_photographs(number: int) -> None:
    folder = Path(os.environ.get("NST_DATA", Path(__file__).parents[3] / "../shared/data")) / "photos"
    photos = sorted(folder.glob("*.jpg"))[:3] if folder.is_dir() else []
    if not photos:
        pytest.skip(f"no photographs in {folder}")
    data = photos[number].read_bytes()
    np.testing.assert_array_equal(read_picture_bytes(data[:-2], "x").rgb, read_picture(photos[number]).rgb)
    with pytest.raises(ImageError, match="damaged or cut off"):
        read_picture_bytes(data[: len(data) * 2 // 3], "x")
