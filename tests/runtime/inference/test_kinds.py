"""What goes in comes out as the kind it was, its transparency kept."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from nst_runtime import Picture, Stylizer, read_picture

Pixels = npt.NDArray[np.uint8]


@pytest.fixture
def alpha() -> Pixels:
    return np.random.default_rng(8).integers(0, 256, (37, 50), dtype=np.uint8)


def test_arrays_with_alpha(stylizer: Stylizer, photo: Pixels, alpha: Pixels) -> None:
    painted = stylizer.stylize(np.dstack([photo, alpha]), "negative")
    assert painted.shape == (37, 50, 4)
    np.testing.assert_array_equal(painted[..., :3], stylizer.stylize(photo, "negative"))
    np.testing.assert_array_equal(painted[..., 3], alpha)


def test_images_of_colors(stylizer: Stylizer, photo: Pixels, alpha: Pixels) -> None:
    expected = stylizer.stylize(photo, "negative")
    image = stylizer.stylize(Image.fromarray(photo), "negative")
    assert image.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(image), expected)
    image = stylizer.stylize(Image.fromarray(np.dstack([photo, alpha])), "negative")
    assert image.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(image), np.dstack([expected, alpha]))


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "F", "I;16"])
def test_images_of_other_modes_come_back_in_color(stylizer: Stylizer, photo: Pixels, mode: str) -> None:
    image = Image.fromarray(photo[..., 0]).convert(mode) if mode != "P" else Image.fromarray(photo).quantize(16)
    painted = stylizer.stylize(image, "negative")
    assert (painted.mode, painted.size) == ("RGB", (50, 37))
    if mode in {"L", "P", "1"}:
        shown = np.asarray(image.convert("RGB"))
        np.testing.assert_array_equal(np.asarray(painted), stylizer.stylize(shown, "negative"))


@pytest.mark.parametrize("mode", ["LA", "P"])
def test_images_of_other_modes_keep_their_alpha(stylizer: Stylizer, photo: Pixels, mode: str) -> None:
    image = Image.fromarray(photo).quantize(4)
    if mode == "P":
        image.info["transparency"] = 2
        clear = np.where(np.asarray(image) == 2, 0, 255)
    else:
        clear = np.where(photo[..., 0] < 99, 7, 255).astype(np.uint8)
        image = Image.merge(mode, (Image.fromarray(photo[..., 0]), Image.fromarray(clear)))
    painted = stylizer.stylize(image, "negative")
    assert painted.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(painted)[..., 3], clear)


def test_pictures_and_files(stylizer: Stylizer, photo: Pixels, alpha: Pixels, tmp_path: Path) -> None:
    expected = stylizer.stylize(photo, "negative")
    picture = Picture(photo, alpha)
    painted = stylizer.stylize(picture, "negative")
    np.testing.assert_array_equal(painted.rgb, expected)
    assert painted.alpha is alpha
    assert replace(painted, rgb=photo).rgb is photo
    Image.fromarray(np.dstack([photo, alpha])).save(tmp_path / "photo.png")
    for path in (tmp_path / "photo.png", str(tmp_path / "photo.png")):
        painted = stylizer.stylize(path, "negative")
        assert type(painted) is type(read_picture(tmp_path / "photo.png"))
        np.testing.assert_array_equal(painted.rgb, expected)
        np.testing.assert_array_equal(painted.alpha, alpha)


def test_one_encoding_keeps_kind_and_alpha(stylizer: Stylizer, photo: Pixels, alpha: Pixels) -> None:
    encoded = stylizer.encode(Image.fromarray(np.dstack([photo, alpha])))
    for style in ("negative", "swapped"):
        painted = stylizer.paint(encoded, style)
        np.testing.assert_array_equal(np.asarray(painted), np.dstack([stylizer.stylize(photo, style), alpha]))
