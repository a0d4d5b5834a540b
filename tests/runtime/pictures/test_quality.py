"""How much written pictures lose: by the photograph they were made from, unless it is said."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, JpegImagePlugin, features

from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.quality import Compression, compression_of, quality_options
from nst_runtime.pictures.read import read_picture_bytes
from nst_runtime.pictures.write import encode_picture

SCENE = Path(__file__).parents[3] / "assets" / "scenes" / "town.jpg"
Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def scene() -> Pixels:
    with Image.open(SCENE) as image:
        return np.array(image.resize((512, 384)))


def jpeg(pixels: Pixels, **options: Any) -> bytes:  # noqa: ANN401
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", **options)
    return stream.getvalue()


def written_as(data: bytes) -> Compression | None:
    with Image.open(io.BytesIO(data)) as image:
        return compression_of(image)


@pytest.mark.parametrize("quality", [1, 24, 50, 75, 90, 95, 100])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_the_quality_of_pillow_s_jpegs(scene: Pixels, quality: int, subsampling: int) -> None:
    photo = jpeg(scene[:32, :32], quality=quality, subsampling=subsampling)
    assert written_as(photo) == Compression(quality, subsampling)
    assert read_picture_bytes(photo, "x").compression == Compression(quality, subsampling)


def test_the_quality_of_other_jpegs(scene: Pixels) -> None:
    assert written_as(jpeg(scene[:32, :32, 0], quality=80)) == Compression(80)  # grey
    tables = {0: [3] * 64, 1: [3] * 64}  # a camera's own: between those of 95 and 98
    own = written_as(jpeg(scene[:32, :32], qtables=tables, subsampling=0))
    assert own is not None
    assert 94 <= own.quality <= 98
    assert written_as(encode_picture(scene[:32, :32], ".png")) is None
    assert read_picture_bytes(encode_picture(scene[:32, :32], ".webp"), "x").compression is None


@pytest.mark.parametrize("quality", [50, 75, 90, 95])
def test_a_picture_is_as_large_as_its_photograph(scene: Pixels, quality: int) -> None:
    for subsampling in (0, 2):
        photo = jpeg(scene, quality=quality, subsampling=subsampling)
        made = encode_picture(read_picture_bytes(photo, "x"), ".jpg")
        assert written_as(made) == Compression(quality, 0 if quality == 95 else subsampling)
        if quality < 95:
            assert len(made) == pytest.approx(len(photo), rel=0.1)


@pytest.mark.parametrize(
    ("given", "photo", "expected"),
    [
        (None, None, (90, 0)),
        (None, Compression(75, 2), (75, 2)),
        (None, Compression(94, 1), (94, 1)),
        (None, Compression(95, 2), (95, 0)),
        (None, Compression(100, 2), (95, 0)),
        (None, Compression(80), (80, 0)),
        (100, Compression(75, 2), (100, 0)),
        (60, Compression(99, 2), (60, 2)),
        (60, None, (60, 0)),
    ],
)
def test_the_rule(given: int | None, photo: Compression | None, expected: tuple[int, int]) -> None:
    quality, subsampling = expected
    assert quality_options("JPEG", given, photo) == {"quality": quality, "subsampling": subsampling}
    assert quality_options("WEBP", given, photo) == {"quality": quality}
    avif = quality_options("AVIF", given, photo)
    assert avif["subsampling"] == ("4:4:4", "4:2:2", "4:2:0")[subsampling]
    assert avif["quality"] == (given or {90: 80, 75: 62, 94: 88, 95: 90, 80: 66}[quality])


def test_the_rule_reaches_the_file(scene: Pixels) -> None:
    photo = Picture(scene, compression=Compression(70, 2))
    assert written_as(encode_picture(photo, ".jpg", quality=33)) == Compression(33, 2)
    assert written_as(encode_picture(scene, ".jpg")) == Compression(90, 0)
    for suffix in (".webp", ".avif"):
        if suffix == ".webp" or features.check("avif"):
            sizes = [len(encode_picture(it, suffix)) for it in (photo, Picture(scene))]
            assert sizes[0] < 0.6 * sizes[1]
            assert len(encode_picture(photo, suffix, quality=100)) > 1.5 * sizes[1]


def test_tables_that_are_not_whole(scene: Pixels) -> None:
    with Image.open(io.BytesIO(jpeg(scene[:32, :32], quality=90))) as image:
        assert isinstance(image, JpegImagePlugin.JpegImageFile)
        image.quantization = {0: [1] * 10}
        assert compression_of(image) is None
