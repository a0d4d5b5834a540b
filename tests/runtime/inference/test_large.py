"""Large pictures: tiles and squares paint what the picture as a whole is painted."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nst_runtime import Look, NstError, PackError, Statistics, Stylizer
from nst_runtime.contracts.packs import Norm, read_pack
from nst_runtime.inference import large, reach
from nst_runtime.inference.chain import PARTS, Parts
from nst_runtime.inference.crops import Crop, squares, tiles
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.large import can_be_tiled, halo_px, needs_tiles, paint_bands
from nst_runtime.inference.look import Way
from nst_runtime.inference.look_statistics import LookStatistics, load_statistics, look_statistics, save_statistics
from nst_runtime.inference.measuring import measure_crops
from nst_runtime.inference.reach import reach_px
from nst_runtime.inference.statistics import gather
from nst_runtime.inference.templates import open_part
from nst_runtime.inference.tile_painter import TilePainter
from nst_runtime.pictures.arrays import Pixels, resize, to_network
from nst_runtime.pictures.read import read_picture

SCENE = Path(__file__).parents[3] / "assets" / "scenes" / "town.jpg"
CPU = RunSettings("cpu", 1)
TILE = 1_000_000  # bytes: less than the smallest tile takes
HALO = 80


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Stylizer:
    return Stylizer.load(threads=1, workspace=tmp_path_factory.mktemp("empty"), device="cpu")


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "SMALLEST_TILE_PX", 64)


def parts_of(stylizer: Stylizer, **weights: float) -> Parts:
    return stylizer.network.parts(weights)


def measure(parts: Parts, photo: Pixels, way: Way, memory_bytes: int | None = None) -> LookStatistics:
    found = large.measure(parts, photo, way, halo=halo_px(parts), memory_bytes=memory_bytes)
    return look_statistics(parts, found, "full")


def paint(parts: Parts, photo: Pixels, statistics: LookStatistics, memory_bytes: int | None = None) -> Pixels:
    painter = TilePainter(parts, statistics, halo_px(parts))
    return np.concatenate(list(paint_bands(painter, photo, memory_bytes=memory_bytes)))


def paint_by(parts: Parts, photo: Pixels, way: Way, memory_bytes: int | None = None) -> Pixels:
    return paint(parts, photo, measure(parts, photo, way, memory_bytes), memory_bytes)


def scene(height: int, width: int) -> Pixels:
    """Return a part of a photograph whose left and upper edges are not its own."""
    return np.ascontiguousarray(read_picture(SCENE).rgb[200 : 200 + height, 100 : 100 + width])


def difference(first: Pixels, second: Pixels) -> int:
    return int(np.abs(first.astype(int) - second.astype(int)).max())


@pytest.mark.parametrize(
    ("height", "width", "weights"),
    [(203, 301, {"waves": 1.0}), (17, 275, {"udnie": 1.0}), (150, 141, {"waves": 0.6, "mosaic": 0.4})],
)
def test_exact_tiles_are_the_whole(shipped: Stylizer, height: int, width: int, weights: dict[str, float]) -> None:
    """At odd sizes, where a side is less than the halo, and with a mixture."""
    photo = scene(height, width)
    out = paint_by(parts_of(shipped, **weights), photo, "exact", TILE)
    assert difference(out, shipped.stylize(photo, Look(weights, strokes="full"))) <= 1


def test_memory_decides_how_many_tiles_there_are_and_not_what_is_painted(shipped: Stylizer) -> None:
    parts, photo = parts_of(shipped, starry=1.0), scene(140, 330)
    statistics = measure(parts, photo, "exact", 10**9)
    assert difference(paint(parts, photo, statistics, 10**9), paint(parts, photo, statistics, TILE)) <= 1
    numbers = [len(large._tiles(parts, photo, HALO, 70, memory)) for memory in (10**9, 10**6)]
    assert numbers == [1, 18]


@pytest.mark.parametrize(
    ("memory", "measured", "painted"),
    [(2_000_000, (28, False), 28), (9_000_000, (28, False), 6), (14_000_000, (8, True), 2), (10**8, (1, True), 1)],
)
def test_memory_bounds_what_is_held_and_how_large_tiles_are(
    shipped: Stylizer, monkeypatch: pytest.MonkeyPatch, memory: int, measured: tuple[int, bool], painted: int
) -> None:
    seen: list[tuple[int, bool]] = []
    tops: list[int] = []
    measure_all, paint_one = measure_crops, TilePainter.paint

    def measure_seen(
        parts: Parts, photo: Pixels, crops: Sequence[Crop], *, held: bool, beside: None
    ) -> dict[str, Statistics]:
        seen.append((len(crops), held))
        return measure_all(parts, photo, crops, held=held, beside=beside)

    def paint_seen(painter: TilePainter, crop: Crop, photo: Pixels) -> Pixels:
        tops.append(crop.top)
        return paint_one(painter, crop, photo)

    monkeypatch.setattr(large, "measure_crops", measure_seen)
    monkeypatch.setattr(TilePainter, "paint", paint_seen)
    paint_by(shipped.network.parts("waves"), scene(200, 400), "exact", memory)
    assert (seen, len(tops)) == ([measured], painted)


def test_tiles_are_as_large_as_may_be(shipped: Stylizer) -> None:
    parts, photo = parts_of(shipped, starry=1.0), np.broadcast_to(np.uint8(0), (9000, 9000, 3))
    sides = [large._tiles(parts, photo, HALO, 70, memory)[0].bottom for memory in (290_000_000, 10**10)]
    assert sides == [1504, 1800]  # of 1546 and 2048 at most, all about the same


def test_statistics_are_those_of_the_whole(shipped: Stylizer) -> None:
    """Held in memory or computed again for each norm, in tiles that overlap."""
    parts, photo = parts_of(shipped, waves=1.0), scene(101, 195)
    crops = list(tiles(104, 200, 64, HALO, 8))
    image = to_network(photo, 8)
    staged = [open_part(parts.pack, part, "staged", parts.tensors(part), CPU) for part in PARTS[:2]]
    expected = gather(staged[0], parts.norms("encoder"), parts.codec, image)
    held, again = (measure_crops(parts, photo, crops, held=held) for held in (True, False))
    direct = open_part(parts.pack, "encoder", "direct", parts.codec, CPU)
    expected |= gather(staged[1], parts.norms("bank"), parts.style, *direct(image))
    assert list(held) == list(again) == list(expected)
    for name, statistics in expected.items():
        scale = np.sqrt(statistics.variance) + 1e-3
        np.testing.assert_allclose(held[name].mean / scale, statistics.mean / scale, atol=1e-3)
        np.testing.assert_allclose(held[name].variance, statistics.variance, rtol=1e-3, atol=1e-6)
        np.testing.assert_array_equal(held[name].mean, again[name].mean)


# The picture of waves hangs most on its norms.
@pytest.mark.parametrize(("style", "least_db"), [("waves", 26), ("starry", 30), ("mosaic", 30)])
def test_squares_tell_nearly_what_the_whole_does(
    shipped: Stylizer, style: str, least_db: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "SQUARES", 30)
    parts, photo = parts_of(shipped, **{style: 1.0}), resize(read_picture(SCENE).rgb, 1024, 768)
    found = measure(parts, photo, "sampled", 10**8)
    assert measure(parts, photo, "sampled", 10**8) == found
    sampled, exact = paint(parts, photo, found, 10**8), paint_by(parts, photo, "exact", 10**9)
    error = np.mean((sampled.astype(float) - exact) ** 2)
    assert 10 * np.log10(255**2 / error) > least_db
    assert difference(sampled, exact) > 1  # the squares are used


def test_a_picture_that_the_squares_would_cover_is_measured_as_a_whole(shipped: Stylizer) -> None:
    parts, photo = parts_of(shipped, waves=1.0), scene(200, 200)
    assert measure(parts, photo, "sampled") == measure(parts, photo, "exact")


def test_tiles_cover_the_picture_once() -> None:
    counts = np.zeros((104, 1000), int)
    for crop in tiles(104, 1000, 72, 16, 8):
        counts[crop.top : crop.bottom, crop.left : crop.right] += 1
        assert max(crop.bottom - crop.top, crop.right - crop.left) <= 72
        assert crop.bottom <= 104
        assert crop.first_row == max(0, crop.top - 16)
        assert crop.last_column == min(1000, crop.right + 16)
    assert (counts == 1).all()


def test_squares_lie_evenly_in_the_picture() -> None:
    found = squares(1000, 2000, 50, 64, 32, 8)
    assert len(found) == 50
    assert len({(crop.top // 200, crop.left // 200) for crop in found}) == 50
    assert all(crop.bottom - crop.top == crop.right - crop.left == 64 for crop in found)
    assert all(crop.top % 8 == crop.left % 8 == 0 for crop in found)
    assert len({crop.top % 200 for crop in found}) > 10  # not a grid
    (only,) = squares(64, 64, 50, 64, 32, 8)
    assert (only.first_row, only.last_row) == (0, 64)


def test_the_reach_is_the_network_s(shipped: Stylizer, stylizer: Stylizer) -> None:
    """66 px upwards, by the kernels and strides; the fake pack's blocks of pixels see nothing else."""
    assert reach_px(parts_of(shipped, waves=1.0)) == HALO
    assert reach_px(parts_of(stylizer, swapped=1.0)) == 0


def test_a_reach_that_is_farther_than_guessed(shipped: Stylizer, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = parts_of(shipped, waves=1.0)
    monkeypatch.setattr(reach, "FIRST_GUESS_PX", 24)
    assert reach_px(parts) == HALO
    monkeypatch.setattr(reach, "FARTHEST_PX", 60)
    assert reach_px(parts) is None
    with pytest.raises(NstError, match="its network sees too much of it at once; make the picture smaller"):
        halo_px(parts)


def test_nothing_beyond_the_reach_changes_a_pixel(shipped: Stylizer) -> None:
    parts = parts_of(shipped, udnie=1.0)
    photo = scene(64, 400)
    statistics = measure(parts, photo, "exact")
    other = photo.copy()
    other[:, 200:] = 255 - other[:, 200:]
    first, second = paint(parts, photo, statistics), paint(parts, other, statistics)
    changed = np.flatnonzero((first != second).any((0, 2)))
    assert 200 - HALO <= changed[0] < 200 - HALO // 2


def test_where_tiles_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not needs_tiles(1000, 1000, 80_000_000)
    assert needs_tiles(1000, 1001, 80_000_000)
    monkeypatch.setattr(large, "usable_memory_bytes", lambda: 160_000_000)
    assert not needs_tiles(1000, 1000)
    assert needs_tiles(1000, 1001)


def test_strength_is_a_mixture_too(shipped: Stylizer) -> None:
    """What is painted at strength 1.5 before the photograph's share is taken off."""
    look, photo = Look("waves", strength=1.5), scene(80, 80)
    expected, image = paint_by(shipped.network.parts(look), photo, "exact"), np.zeros_like(photo)
    shipped.network.decode_pixels(shipped.network.bank(look)(*shipped.network.encode_pixels(photo)), image)
    assert difference(expected, image) <= 1
    assert difference(expected, shipped.stylize(photo, Look("waves"))) > 20


def test_saved_statistics(shipped: Stylizer, tmp_path: Path) -> None:
    waves, photo = parts_of(shipped, waves=1.0), scene(64, 64)
    found = measure(waves, photo, "exact")
    file = tmp_path / "album.json"
    save_statistics(found, file)
    assert load_statistics(file, waves, "full") == found
    with pytest.raises(PackError, match=r"album\.json are of the `strokes` full, not 200; measure"):
        load_statistics(file, waves, 200)
    for other in ({"udnie": 1.0}, {"waves": 0.9, "udnie": 0.1}):
        with pytest.raises(PackError, match=r"album\.json are of another style, mixture or strength; measure"):
            load_statistics(file, parts_of(shipped, **other), "full")
        with pytest.raises(PackError, match="another style"):
            paint(parts_of(shipped, **other), photo, found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"codec_sha256": "0" * 64}, "are of another codec"),
        ({"norms": {}}, "lack 32 numbers for the norm encoder.down2.norm"),
        ({"norms": {"n": {"mean": [0.0], "variance": [-1.0]}}}, "is damaged: .*negative"),
        ({"format": "else"}, "is not a file of statistics"),
        ({"format_version": 2}, "is of the newer format 2"),
    ],
)
def test_other_files_are_refused(shipped: Stylizer, tmp_path: Path, change: dict[str, object], message: str) -> None:
    parts, file = parts_of(shipped, waves=1.0), tmp_path / "album.json"
    save_statistics(measure(parts, scene(32, 32), "exact"), file)
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(PackError, match=message):
        load_statistics(file, parts, "full")


def test_a_decoder_with_norms_is_refused(stylizer: Stylizer) -> None:
    parts = parts_of(stylizer, swapped=1.0)
    assert can_be_tiled(parts.pack)
    pack = read_pack(stylizer.pack.folder)
    pack.manifest.codec.norms["decoder"] = (Norm("n", 1, 1e-5, "s", "b"),)  # type: ignore[index]
    assert not can_be_tiled(pack)
    with pytest.raises(NstError, match="cannot paint a picture in tiles"):
        halo_px(Parts(pack, parts.codec, parts.style, CPU))


def test_a_pack_with_other_sizes(stylizer: Stylizer) -> None:
    """Whose encoder has no norms, and whose codec has a multiple of 4."""
    photo = scene(37, 150)
    out = paint_by(parts_of(stylizer, swapped=1.0), photo, "exact", 1)
    assert difference(out, stylizer.stylize(photo, Look("swapped", strokes="full"))) <= 1
