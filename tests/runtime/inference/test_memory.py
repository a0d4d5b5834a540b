"""How much memory painting takes, pictures that are read in strips, and statistics that are given."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from nst_runtime import Look, NstError, PackError, Region, Regions, Stylizer
from nst_runtime.contracts.packs import Norm
from nst_runtime.inference import large, layers, network
from nst_runtime.inference.look_statistics import save_statistics
from nst_runtime.inference.machine import UNKNOWN_RESIDENT_BYTES, resident_bytes
from nst_runtime.inference.shelf import Shelf
from nst_runtime.inference.tile_painter import TilePainter
from nst_runtime.inference.window import Window

from .test_finish import Pixels, picture

LOOKS = [
    Look("waves", strokes="full"),
    Look("udnie", strokes=64, strength=0.5, colors=0.3),
    Look("waves", strength=0),
    Look({"klee": 0.5, "starry": 0.5}, strokes="full", statistics="exact"),
]


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer.load(threads=1)


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "SMALLEST_TILE_PX", 64)
    monkeypatch.setattr(layers, "STRIP_PIXELS", 16 * 150)
    monkeypatch.setattr(network, "WORK_BYTES", 0)


class Strips:
    """A picture that is only read forwards, and remembers how far it went each time."""

    def __init__(self, picture: Pixels) -> None:
        self._picture = picture
        self.shape = picture.shape
        self.asked: list[tuple[int, int]] = []

    def __getitem__(self, place: slice | tuple[slice, slice], /) -> Pixels:
        assert isinstance(place, slice)
        if place.stop > place.start:
            self.asked.append((place.start, place.stop))
        return self._picture[place]


def limited(memory_bytes: int) -> Stylizer:
    """Return a Stylizer that may take so much more than it does now."""
    stylizer = Stylizer.load(threads=1, memory_bytes=10**8 + memory_bytes)
    stylizer.network.base_bytes = 10**8
    return stylizer


def difference(one: Pixels, other: Pixels) -> int:
    return int(np.abs(one.astype(int) - other).max())


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("look", LOOKS)
def test_a_picture_that_is_read_in_strips_is_painted_as_the_whole_is(stylizer: Stylizer, look: Look) -> None:
    photo = picture(180, 150)
    whole = stylizer.stylize(photo, look)
    strips = Strips(photo)
    rows = list(stylizer.stylize_rows(strips, look))
    assert len(rows) > 5
    assert difference(np.concatenate(rows), whole) <= 2
    starts = [first for first, _ in strips.asked]
    assert starts.count(0) <= 2  # once to look at it, once to paint
    assert all(start in (end, 0) for (_, end), (start, _) in pairwise(strips.asked))


@pytest.mark.usefixtures("small_tiles")
def test_regions_are_read_in_strips_and_painted_in_tiles_too() -> None:
    photo, mask = picture(420, 300), np.zeros((210, 150), np.uint8)
    mask[:90] = 255
    look = Regions(
        [Region(mask, Look("waves", strokes="full", statistics="exact"))],
        rest=Look("klee", strokes="full", statistics="exact"),
        protect=mask[::-1],
    )
    whole = Stylizer.load(threads=1).stylize(photo, look)
    strips = Strips(photo)
    rows = list(limited(5_000_000).stylize_rows(strips, look))
    assert difference(np.concatenate(rows), whole) <= 2
    assert len(strips.asked) > 8


@pytest.mark.usefixtures("small_tiles")
def test_memory_says_how_large_tiles_are_and_that_it_is_too_little(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, look = picture(420, 300), Look("waves", strokes="full", statistics="exact")
    whole = limited(50_000_000).stylize(photo, look)
    allowed: list[int | None] = []
    paint = large.paint_bands

    def note(painter: TilePainter, photo: Pixels, *, memory_bytes: int | None) -> Iterator[Pixels]:
        allowed.append(memory_bytes)
        return paint(painter, photo, memory_bytes=memory_bytes)

    monkeypatch.setattr("nst_runtime.inference.painting.paint_bands", note)
    tiled = limited(6_000_000).stylize(photo, look)
    assert 0 < difference(tiled, whole) <= 2
    assert allowed == [6_000_000 - 2 * photo.nbytes]
    with pytest.raises(
        NstError, match=r"`memory_bytes` of \d+ MB is too little for a picture 300 pixels wide"
    ) as caught:
        limited(200_000).stylize(photo, look)
    assert caught.value.hint.startswith("give at least ")
    for wrong in (0, "512MB", True):
        with pytest.raises(ValueError, match=f"memory_bytes must be None or a whole number of bytes, not {wrong!r}"):
            Stylizer.load(memory_bytes=wrong)  # type: ignore[arg-type]


def test_statistics_of_one_picture_paint_another_alike(stylizer: Stylizer) -> None:
    light, dark = picture(96, 120), (picture(96, 120) * 0.4).astype(np.uint8)
    fixed = Look("waves", statistics=stylizer.measure(light, "waves"))
    assert difference(stylizer.stylize(light, fixed), stylizer.stylize(light, "waves")) <= 1
    alike, own = stylizer.stylize(dark, fixed), stylizer.stylize(dark, "waves")
    assert alike.mean() < own.mean() - 20  # its own norms make a dark picture as light as any
    again = stylizer.encode(dark)
    assert (stylizer.paint(again, fixed) == alike).all()
    assert len({fixed, Look("waves", statistics=stylizer.measure(light, fixed))}) == 1


def test_statistics_are_those_of_the_size_that_is_painted(stylizer: Stylizer) -> None:
    photo = picture(192, 240)
    small = Look("waves", strokes=96)
    fixed = Look("waves", strokes=96, statistics=stylizer.measure(photo, small))
    assert difference(stylizer.stylize(photo, fixed), stylizer.stylize(photo, small)) <= 2
    assert stylizer.measure(photo, small) != stylizer.measure(photo, "waves")
    with pytest.raises(PackError, match="the statistics are of the `strokes` 96, not auto"):
        stylizer.stylize(photo, Look("waves", statistics=stylizer.measure(photo, small)))


def test_statistics_go_with_their_look(stylizer: Stylizer, tmp_path: Path) -> None:
    photo = picture(64, 80)
    found = stylizer.measure(photo, Look("waves", strength=0.5))
    save_statistics(found, tmp_path / "album.json")
    assert stylizer.read_statistics(tmp_path / "album.json", Look("waves", strength=0.5)) == found
    with pytest.raises(PackError, match=r"album\.json are of another style, mixture or strength"):
        stylizer.read_statistics(tmp_path / "album.json", "waves")
    with pytest.raises(PackError, match="the statistics are of another style, mixture or strength"):
        stylizer.stylize(photo, Look("udnie", statistics=found))
    with pytest.raises(ValueError, match="statistics must be 'sampled', 'exact' or LookStatistics, not 'all'"):
        Look("waves", statistics="all")  # type: ignore[arg-type]


def test_a_window_reads_each_row_once_on_its_way_down() -> None:
    photo = picture(100, 20)
    strips = Strips(photo)
    window = Window(strips, behind=10)
    assert window.shape == photo.shape
    for first, last in ((0, 30), (20, 40), (12, 50), (55, 70), (48, 60)):
        assert (window[first:last, 3:9] == photo[first:last, 3:9]).all()
    assert strips.asked == [(0, 32), (32, 64), (64, 96)]
    assert (window[:] == photo).all()
    assert strips.asked[3:] == [(0, 32), (32, 64), (64, 96), (96, 128)]  # from the top again
    assert len(Window(strips, behind=10)[90:95]) == 5
    assert strips.asked[7:] == [(0, 32), (32, 64), (64, 96)]


def test_arrays_on_a_shelf_are_kept_where_they_fit_and_where_they_do_not() -> None:
    shelf = Shelf([6, 4])
    first, second = np.arange(4, dtype=np.float32).reshape(2, 2), np.full((1, 2), 7, np.float32)
    shelf.put(0, {"a": first, "b": second})
    shelf.put(1, {"c": np.arange(5, dtype=np.float32)})
    assert list(shelf.at(0)) == ["a", "b"]
    assert (shelf.at(0)["a"] == first).all()
    assert (shelf.at(1)["c"] == np.arange(5)).all()
    shelf.put(0, {"b": shelf.at(0)["b"], "a": shelf.at(0)["a"] + 1})  # what lies there already, in another order
    assert (shelf.at(0)["b"] == second).all()
    assert (shelf.at(0)["a"] == first + 1).all()
    assert Shelf([1]).at(0) == {}


def test_what_a_process_takes(tmp_path: Path) -> None:
    code = (
        "import numpy as np; from nst_runtime.inference.machine import resident_bytes; before = resident_bytes(); "
        "held = np.ones(50_000_000, np.uint8); print(resident_bytes() - before)"
    )
    grown = int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    assert 40_000_000 < grown < 60_000_000
    assert resident_bytes(tmp_path) == UNKNOWN_RESIDENT_BYTES


def test_a_network_whose_decoder_has_norms_has_no_statistics_to_give(fake_pack: Path) -> None:
    stylizer = Stylizer.load(fake_pack, threads=1)
    photo = picture(64, 80)
    whole = stylizer.stylize(photo, "negative")
    stylizer.pack.manifest.codec.norms["decoder"] = (Norm("n", 1, 1e-5, "s", "b"),)  # type: ignore[index]
    with pytest.raises(NstError, match="cannot paint a picture in tiles"):
        stylizer.measure(photo, "negative")
    assert (np.concatenate(list(stylizer.stylize_rows(photo, "negative"))) == whole).all()
