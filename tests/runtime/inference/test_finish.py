"""Strength, strokes and colors: what becomes of a photograph besides its style."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from nst_runtime import Look, Stylizer
from nst_runtime.inference.finish import size_to_paint
from nst_runtime.inference.layers import Layer, compose, of_smaller
from nst_runtime.inference.look import reach, spread
from nst_runtime.pictures.arrays import resize
from nst_runtime.pictures.color.oklab import from_oklab, to_oklab
from nst_runtime.pictures.resample import resampled_rows, shrink

Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer.load(threads=1)


def picture(height: int, width: int, seed: int = 0) -> Pixels:
    """Soft colors with some detail."""
    coarse = np.random.default_rng(seed).integers(0, 255, (7, 9, 3), dtype=np.uint8)
    fine = np.random.default_rng(seed + 1).integers(-8, 9, (height, width, 1))
    return np.clip(resize(coarse, width, height).astype(int) + fine, 0, 255).astype(np.uint8)


def distance(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(float) - other).mean())


def test_strength_0_is_the_photograph_and_1_todays_picture(stylizer: Stylizer) -> None:
    photo = picture(96, 120)
    plain = stylizer.stylize(photo, "waves")
    assert (stylizer.stylize(photo, Look("waves", strength=0)) == photo).all()
    assert (stylizer.stylize(photo, Look("waves", strength=1)) == plain).all()
    assert (stylizer.stylize(photo, Look("waves", strokes="full", colors=1.0)) == plain).all()


@pytest.mark.parametrize("style", ["waves", "udnie", "starry", "kandinsky", "mosaic"])
def test_strength_is_even_from_the_photograph_to_beyond_the_style(stylizer: Stylizer, style: str) -> None:
    """Each step moves the picture on: none is lost, none is a jump."""
    photo = picture(96, 120)
    strengths = (0, 0.25, 0.5, 0.75, 1, 1.25, 1.5)
    pictures = [stylizer.stylize(photo, Look(style, strength=strength)) for strength in strengths]
    steps = [distance(*pair) for pair in pairwise(pictures)]
    away = [distance(photo, each) for each in pictures[:5]]
    assert away == sorted(away)
    assert min(steps[:4]) > 0.08 * away[-1]
    assert max(steps) < 0.6 * away[-1]


def test_half_the_way_by_numbers_and_half_by_what_is_seen() -> None:
    assert spread(1) == (1, 1)
    assert spread(0) == (0.5, 0)
    assert np.allclose([spread(0.5), spread(1.5)], [(0.75, 2 / 3), (1.25, 1.2)])
    assert reach((("a", 1.0),), "plain", 1) == (("a", 1.0),)
    names, weights = zip(*reach((("a", 0.6), ("b", 0.6)), "plain", 0.75), strict=True)
    assert names == ("a", "b", "plain")
    assert np.allclose(weights, [0.45, 0.45, 0.3])


@pytest.mark.parametrize(
    ("size", "strokes", "painted"),
    [
        ((1000, 1500), "auto", (1000, 1500)),
        ((1001, 1500), "auto", (1001, 1500)),  # of more pixels, but not larger than the preview
        ((3000, 4000), "auto", (1080, 1440)),
        ((4000, 3000), "auto", (1440, 1080)),
        ((3000, 4000), "full", (3000, 4000)),
        ((3000, 4000), 512, (512, 683)),
        ((300, 400), 512, (300, 400)),
        ((300, 400), 100, (100, 133)),
    ],
)
def test_the_size_that_a_picture_is_painted_at(
    size: tuple[int, int], strokes: int | str, painted: tuple[int, int]
) -> None:
    assert size_to_paint(*size, strokes) == painted  # type: ignore[arg-type]


def test_large_strokes_look_as_the_preview_does_and_are_as_sharp_as_the_photograph(stylizer: Stylizer) -> None:
    photo = picture(384, 512)
    small = resize(photo, 171, 128)
    preview = stylizer.stylize(small, "starry")
    large = stylizer.stylize(photo, Look("starry", strokes=128))
    assert large.shape == photo.shape
    assert (
        distance(resize(large, 171, 128), preview)
        < 3
        < distance(resize(stylizer.stylize(photo, "starry"), 171, 128), preview)
    )
    soft = np.asarray(Image.fromarray(preview).resize((512, 384), Image.Resampling.BICUBIC))
    fine = photo.astype(float) - resize(small, 512, 384)
    kept = np.corrcoef((large.astype(float) - soft).mean(axis=2).ravel(), fine.mean(axis=2).ravel())[0, 1]
    assert kept > 0.8


def test_a_picture_is_encoded_once_at_the_size_that_its_look_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    stylizer = Stylizer.load(threads=1)
    seen: list[tuple[int, ...]] = []
    encoder = stylizer.network.encoder

    def count(array: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        seen.append(array.shape[2:])
        return encoder(array)

    monkeypatch.setattr(stylizer.network, "encoder", count)
    photo = picture(1200, 1296)
    for strokes in ("auto", "full", 128):
        stylizer.stylize(photo, Look("waves", strokes=strokes))
    assert seen == [(1080, 1168), (1200, 1296), (128, 144)]


def test_a_strip_is_enlarged_to_the_pixels_of_the_whole() -> None:
    small = picture(50, 80)
    whole = np.asarray(Image.fromarray(small).resize((517, 333), Image.Resampling.BICUBIC)).astype(int)
    bicubic = Image.Resampling.BICUBIC
    strips = [resampled_rows(small, 517, 333, top, min(top + 40, 333), bicubic) for top in range(0, 333, 40)]
    assert np.abs(np.concatenate(strips) - whole).max() <= 1


@pytest.mark.parametrize("size", [(299, 199), (171, 101), (23, 9)])
def test_a_picture_is_made_smaller_strip_by_strip_to_the_pixels_of_the_whole(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    monkeypatch.setattr("nst_runtime.pictures.resample.STRIP_PIXELS", 300 * 20)
    assert np.abs(shrink(photo, *size).astype(int) - resize(photo, *size)).max() <= 1


def test_no_strip_shows_in_a_finished_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, painted = picture(300, 200), picture(100, 67, seed=5)
    layer = Layer(of_smaller(painted, resize(photo, 67, 100), 300), share=0.7, colors=0.4)
    ((_, at_once),) = compose(photo, [layer])
    monkeypatch.setattr("nst_runtime.inference.layers.STRIP_PIXELS", 200 * 17)
    tops, strips = zip(*compose(photo, [layer]), strict=True)
    assert list(tops) == list(range(0, 300, 17))
    assert np.abs(at_once.astype(int) - np.concatenate(strips)).max() <= 2


def test_the_photographs_colors_under_the_styles_lightness(stylizer: Stylizer) -> None:
    photo = picture(96, 120)
    styled = stylizer.stylize(photo, "kandinsky")
    kept = stylizer.stylize(photo, Look("kandinsky", colors=0))
    half = stylizer.stylize(photo, Look("kandinsky", colors=0.5))
    lab = {
        name: to_oklab(each) for name, each in (("photo", photo), ("styled", styled), ("kept", kept), ("half", half))
    }
    inside = ((kept > 2) & (kept < 253)).all(axis=2)  # where sRGB has the color
    assert np.abs(lab["kept"] - lab["photo"])[inside][:, 1:].max() < 0.02
    assert np.abs(lab["kept"] - lab["styled"])[inside][:, 0].max() < 0.02
    middle = (lab["photo"] + lab["styled"])[..., 1:] / 2
    inside = ((half > 2) & (half < 253)).all(axis=2)
    assert np.abs(lab["half"][..., 1:] - middle)[inside].max() < 0.02


def test_oklab_there_and_back() -> None:
    pixels = np.stack(np.meshgrid(*[np.arange(0, 256, 15, dtype=np.uint8)] * 3), axis=-1)
    assert (from_oklab(to_oklab(pixels)) == pixels).all()
    white, red = to_oklab(np.array([[255, 255, 255], [255, 0, 0]], np.uint8))
    assert white == pytest.approx([1, 0, 0], abs=1e-3)
    assert red == pytest.approx([0.628, 0.2249, 0.1258], abs=1e-3)


def test_painting_into_the_photograph_itself(stylizer: Stylizer) -> None:
    photo = picture(96, 120)
    look = Look("waves", strength=0.5, colors=0.5)
    wanted = stylizer.stylize(photo.copy(), look)
    assert (stylizer.stylize(photo, look, out=photo) == wanted).all()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"strength": -0.1}, ValueError, "strength must be from 0 to 1.5, not -0.1"),
        ({"strength": 1.6}, ValueError, "strength must be from 0 to 1.5, not 1.6"),
        ({"strength": float("nan")}, ValueError, "strength must be from 0 to 1.5, not nan"),
        ({"strength": "1"}, TypeError, "strength must be a number, not str"),
        ({"colors": 2}, ValueError, "colors must be from 0 to 1, not 2"),
        ({"strokes": 20}, ValueError, "strokes must be 'auto', 'full' or at least 64 pixels, not 20"),
        ({"strokes": "large"}, TypeError, "strokes must be a number of pixels, 'auto' or 'full', not 'large'"),
        ({"strokes": 100.5}, TypeError, "strokes must be a number of pixels"),
    ],
)
def test_what_a_look_refuses(settings: dict[str, float], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message.replace(".", r"\.")):
        Look("waves", **settings)  # type: ignore[arg-type]
