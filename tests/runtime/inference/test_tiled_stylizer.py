"""Pictures that are too large for the memory there is are painted in tiles, and look the same."""

from collections.abc import Iterator

import numpy as np
import pytest

from nst_runtime import Look, Stylizer

from .test_finish import Pixels, picture

PAINT_BANDS = "nst_runtime.inference.painting.paint_bands"
NEEDS_TILES = "nst_runtime.inference.painting.needs_tiles"
AUTO = "nst_runtime.inference.painting.AUTO_FROM_PIXELS"


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer.load(threads=1)


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NEEDS_TILES, lambda height, width, _: height * width > 90 * 100)
    monkeypatch.setattr(AUTO, 0)


@pytest.mark.parametrize(
    "look", [Look("waves", strokes="full"), Look("udnie", strokes="full", strength=0.5, colors=0.5)]
)
def test_in_tiles_the_picture_is_the_same(
    stylizer: Stylizer, look: Look, monkeypatch: pytest.MonkeyPatch, little_memory: None
) -> None:
    photo = picture(150, 203)
    tiled = stylizer.stylize(photo, look)
    in_place = photo.copy()
    assert (stylizer.stylize(in_place, look, out=in_place) == tiled).all()
    monkeypatch.setattr(NEEDS_TILES, lambda height, width, _: False)
    whole = stylizer.stylize(photo, look)
    assert np.abs(tiled.astype(int) - whole).max() <= 2
    assert stylizer.stylize(picture(80, 90), look).shape == (80, 90, 3)


def test_only_what_has_no_place_is_painted_in_tiles(
    stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch, little_memory: None
) -> None:
    asked: list[tuple[int, ...]] = []

    def note(painter: object, photo: Pixels, *, memory_bytes: int | None) -> Iterator[Pixels]:
        asked.append(photo.shape)
        yield photo

    monkeypatch.setattr(PAINT_BANDS, note)
    for size in ((90, 100), (91, 100)):
        stylizer.stylize(picture(*size), Look("waves", strokes="full"))
    stylizer.stylize(picture(200, 300), Look("waves", strokes=64))  # painted small
    assert asked == [(91, 100, 3)]
