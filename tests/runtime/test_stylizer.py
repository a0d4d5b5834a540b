"""Stylizers: what they paint, with the fake pack, whose pictures are one line of numpy."""

import gc
import pickle
import shutil
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nst_runtime import Look, Picture, Stylizer
from nst_runtime.contracts.packs import DEFAULT_PACK
from nst_runtime.contracts.styles import StyleFile, write_style
from nst_runtime.errors import ImageError, PackError
from nst_runtime.inference.look import Weighted
from nst_runtime.inference.network import LOOKS_KEPT, Network

Pixels = npt.NDArray[np.uint8]
MakeStyle = Callable[..., StyleFile]


def in_blocks(rgb: Pixels, colors: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]) -> Pixels:
    """What the fake pack must make of `rgb`: `colors` of the mean of every 4×4 block, the borders mirrored."""
    height, width = rgb.shape[:2]
    padded = np.pad(rgb / 255, ((0, -height % 4), (0, -width % 4), (0, 0)), mode="reflect")
    rows, columns = padded.shape[0] // 4, padded.shape[1] // 4
    means = padded.reshape(rows, 4, columns, 4, 3).mean((1, 3))
    large = colors(means).repeat(4, 0).repeat(4, 1)[:height, :width]
    return np.floor(large.clip(0, 1) * 255 + 0.5).astype(np.uint8)


STYLES: dict[str, Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]] = {
    "plain": lambda c: c,
    "negative": lambda c: 1 - c,
    "swapped": lambda c: c[..., ::-1],
}


def largest_difference(a: Pixels, b: Pixels) -> int:
    return int(np.abs(a.astype(int) - b).max())


@pytest.mark.parametrize("style", STYLES)
def test_each_style_does_what_it_should(stylizer: Stylizer, photo: Pixels, style: str) -> None:
    stylised = stylizer.stylize(photo, style)
    assert stylised.dtype == np.uint8
    assert stylised.shape == photo.shape
    assert largest_difference(stylised, in_blocks(photo, STYLES[style])) <= 1
    assert np.mean(stylised != in_blocks(photo, STYLES[style])) < 0.05  # ties at half a level may fall either way


def test_norms_count_over_the_picture(stylizer: Stylizer, photo: Pixels, make_style: MakeStyle, tmp_path: Path) -> None:
    """A style file by its path, whose instance norm gives every color the mean 0.5 and the deviation 0.2."""
    path = tmp_path / "even.safetensors"
    write_style(path, make_style())
    expected = in_blocks(photo, lambda c: 0.5 + 0.2 * (c - c.mean((0, 1))) / np.sqrt(c.var((0, 1)) + 1e-5))
    for name in (path, str(path)):
        assert largest_difference(stylizer.stylize(photo, name), expected) <= 1
    assert np.ptp(expected) > 150


@settings(deadline=None, max_examples=40)
@given(st.integers(16, 45), st.integers(16, 45))
def test_any_size(stylizer: Stylizer, height: int, width: int) -> None:
    rgb = np.random.default_rng(height * 64 + width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert largest_difference(stylizer.stylize(rgb, "negative"), in_blocks(rgb, STYLES["negative"])) <= 1


@pytest.mark.parametrize("shape", [(16, 4000, 3), (4000, 17, 3), (16, 16, 3)])
def test_extreme_shapes(stylizer: Stylizer, shape: tuple[int, int, int]) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert largest_difference(stylizer.stylize(rgb, "plain"), in_blocks(rgb, STYLES["plain"])) <= 1


def test_views_and_read_only_arrays(stylizer: Stylizer, photo: Pixels) -> None:
    view = photo[::-1, ::2]
    view.flags.writeable = False
    before = photo.copy()
    assert largest_difference(stylizer.stylize(view, "plain"), in_blocks(view, STYLES["plain"])) <= 1
    np.testing.assert_array_equal(photo, before)


@pytest.mark.parametrize("shape", [(15, 16, 3), (16, 15, 3), (1, 4000, 3), (16, 15, 4)])
def test_too_small(stylizer: Stylizer, shape: tuple[int, int, int]) -> None:
    with pytest.raises(ImageError, match=rf"{shape[1]}×{shape[0]} pixels is too small; both sides need at least 16"):
        stylizer.stylize(np.zeros(shape, np.uint8), "plain")


def test_one_encoding_is_for_all_styles(stylizer: Stylizer, photo: Pixels) -> None:
    encoded = stylizer.encode(photo)
    for style in (*STYLES, *STYLES):
        np.testing.assert_array_equal(stylizer.paint(encoded, style), stylizer.stylize(photo, style))


def test_an_array_to_write_to(stylizer: Stylizer, photo: Pixels) -> None:
    wide = np.full((37, 60, 3), 7, np.uint8)
    out = wide[:, 5:55]
    assert stylizer.stylize(photo, "negative", out=out) is out
    np.testing.assert_array_equal(out, stylizer.stylize(photo, "negative"))
    assert (wide[:, :5] == 7).all()
    assert (wide[:, 55:] == 7).all()
    assert stylizer.paint(stylizer.encode(photo), "plain", out=out) is out
    np.testing.assert_array_equal(out, stylizer.stylize(photo, "plain"))
    same = photo.copy()
    np.testing.assert_array_equal(stylizer.stylize(same, "plain", out=same), stylizer.stylize(photo, "plain"))


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (np.zeros((37, 50, 4), np.uint8), "out must be uint8 37×50×3, not uint8 37×50×4"),
        (np.zeros((50, 37, 3), np.uint8), "not uint8 50×37×3"),
        (np.zeros((37, 50, 3), np.float32), "not float32 37×50×3"),
        ([[0]], "not list"),
    ],
)
def test_arrays_that_cannot_be_written_to(stylizer: Stylizer, photo: Pixels, out: Pixels, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stylizer.stylize(photo, "plain", out=out)


def test_other_kinds_have_no_array_to_write_to(stylizer: Stylizer, photo: Pixels) -> None:
    with_alpha = np.dstack([photo, photo[..., 0]])
    kinds: list[Any] = [with_alpha, Image.fromarray(photo), Picture(photo)]
    for picture in kinds:
        with pytest.raises(ValueError, match="out goes with an array H×W×3"):
            stylizer.stylize(picture, "plain", out=np.zeros_like(photo))


def test_batches(stylizer: Stylizer, photo: Pixels) -> None:
    pictures = np.stack([photo, photo[::-1], 255 - photo])
    painted = stylizer.stylize_batch(pictures, "swapped")
    for picture, found in zip(pictures, painted, strict=True):
        np.testing.assert_array_equal(found, stylizer.stylize(picture, "swapped"))
    out = np.empty_like(pictures)
    assert stylizer.stylize_batch(pictures, "swapped", out=out) is out
    np.testing.assert_array_equal(out, painted)
    assert stylizer.stylize_batch(pictures[:0], "swapped").shape == (0, 37, 50, 3)
    for wrong in (photo, np.zeros((2, 37, 50, 4), np.uint8), [photo]):
        with pytest.raises(ValueError, match="expected an array N×H×W×3"):
            stylizer.stylize_batch(wrong, "plain")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="out must be uint8 3×37×50×3, not uint8 2×37×50×3"):
        stylizer.stylize_batch(pictures, "plain", out=out[:2])
    with pytest.raises(TypeError, match="uint8, got float32"):
        stylizer.stylize_batch(pictures.astype(np.float32), "plain")


def test_programming_faults(stylizer: Stylizer, photo: Pixels, fake_pack: Path) -> None:
    with pytest.raises(TypeError, match="uint8, got float32"):
        stylizer.stylize(np.zeros((16, 16, 3), np.float32), "plain")
    for thing in (None, 3, b"photo.jpg", [[1]]):
        with pytest.raises(TypeError, match="a picture is a numpy array, a PIL image, a Picture or a path, not"):
            stylizer.stylize(thing, "plain")  # type: ignore[call-overload]
    for shape in ((16, 16), (16, 16, 2), (16, 16, 1), (1, 16, 16, 3), (0, 16, 3), (16, 0, 4)):
        with pytest.raises(ValueError, match="expected an array H×W×3"):
            stylizer.stylize(np.zeros(shape, np.uint8), "plain")
    for look in (None, 3, ["plain"]):
        with pytest.raises(TypeError, match="a look is a style's name, a path, or weights by style, not"):
            stylizer.stylize(photo, look)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="threads"):
        Stylizer.load(fake_pack, threads=0)
    with pytest.raises(ImageError, match=r"no file|photo\.jpg"):
        stylizer.stylize("photo.jpg", "plain")


def test_a_look_once_opened_stays_and_the_codec_too(stylizer: Stylizer, photo: Pixels) -> None:
    codec = stylizer.network.encoder, stylizer.network.decoder
    banks = {style: stylizer.network.bank(style) for style in STYLES}
    for style in (*STYLES, *STYLES):
        stylizer.stylize(photo, style)
        assert (
            stylizer.network.bank(style)
            is stylizer.network.bank(Look(style))
            is stylizer.network.bank({style: 1})
            is banks[style]
        )
    assert (stylizer.network.encoder, stylizer.network.decoder) == codec
    assert stylizer.network.open_bank("plain") is not banks["plain"]


def test_only_so_many_looks_are_kept_and_those_of_late(fake_pack: Path, tmp_path: Path) -> None:
    stylizer = Stylizer.load(fake_pack, 1, workspace=tmp_path)
    favourite = stylizer.network.bank("plain")
    banks = []
    for number in range(LOOKS_KEPT + 5):
        banks.append(weakref.ref(stylizer.network.bank({"negative": 0.5 + number / 100})))
        assert stylizer.network.bank("plain") is favourite
    gc.collect()
    kept = [bank() is not None for bank in banks]
    assert kept == [False] * 6 + [True] * (LOOKS_KEPT - 1)


def test_threads_share_a_stylizer(fake_pack: Path, photo: Pixels) -> None:
    stylizer = Stylizer.load(fake_pack, threads=2)
    start = threading.Barrier(8)

    def work(index: int) -> int:
        start.wait()
        style = list(STYLES)[index % 3]
        return max(
            largest_difference(stylizer.stylize(photo, style), in_blocks(photo, STYLES[style])) for _ in range(10)
        )

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(work, range(8))) <= 1


def test_threads_that_want_the_same_bank_load_it_once(fake_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stylizer = Stylizer.load(fake_pack, threads=1)
    open_bank = Network._open

    def open_slowly(network: Network, styles: Weighted) -> object:
        time.sleep(0.05)
        return open_bank(network, styles)

    monkeypatch.setattr(Network, "_open", open_slowly)
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(stylizer.network.bank, ["plain"] * 4))) == 1


def test_a_pickled_stylizer_paints_the_same(
    fake_pack: Path, tmp_path: Path, photo: Pixels, make_style: MakeStyle
) -> None:
    write_style(tmp_path / "styles" / "even.safetensors", make_style())
    stylizer = Stylizer.load(fake_pack, 1, workspace=tmp_path)
    data = pickle.dumps(stylizer)
    assert len(data) < 20_000
    again = pickle.loads(data)
    assert (again.device, again.network.encoder.session.threads) == (stylizer.device, 1)
    assert [style.name for style in again.styles] == ["negative", "swapped", "even"]
    for look in ("swapped", "even", {"even": 0.5, "negative": 0.5}):
        np.testing.assert_array_equal(again.stylize(photo, look), stylizer.stylize(photo, look))


def test_styles_tell_about_themselves(stylizer: Stylizer) -> None:
    records = [style.record() for style in stylizer.styles]
    assert [(record.name, record.info.title) for record in records] == [
        ("negative", "Fake negative"),
        ("swapped", "Fake swapped"),
    ]
    assert (records[0].info.artist, records[0].info.year, records[0].info.licence) == ("nobody", "2025", "Apache-2.0")
    assert records[0].metrics == {"mean": 1.0}


def test_a_style_that_comes_later_is_found_and_one_that_goes_still_paints(
    fake_pack: Path, tmp_path: Path, photo: Pixels, make_style: MakeStyle
) -> None:
    stylizer = Stylizer.load(fake_pack, 1, workspace=tmp_path)
    with pytest.raises(PackError, match="no style 'even'; there are negative, swapped"):
        stylizer.stylize(photo, "even")
    write_style(tmp_path / "styles" / "even.safetensors", make_style())
    before = stylizer.stylize(photo, "even")
    shutil.rmtree(tmp_path / "styles")
    np.testing.assert_array_equal(stylizer.stylize(photo, "even"), before)


def test_the_default_pack_is_inside_the_package(photo: Pixels) -> None:
    import nst_runtime

    assert DEFAULT_PACK.parent == Path(nst_runtime.__file__).parent
    stylizer = Stylizer.load(threads=1)
    results = {style.name: stylizer.stylize(photo, style.name) for style in stylizer.styles}
    assert all(result.shape == photo.shape and result.std() > 5 for result in results.values())
    pictures = [result.tobytes() for result in results.values()]
    assert len(set(pictures)) == len(pictures) >= 12
    plain = stylizer.stylize(np.full((64, 64, 3), 120, np.uint8), "plain")
    assert largest_difference(plain, np.full((64, 64, 3), 120, np.uint8)) <= 8
