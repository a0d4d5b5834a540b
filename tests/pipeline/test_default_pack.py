"""The pack that ships: small, whole, and doing to the demo scenes what it says."""

import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch

from nst_features.networks import load_network
from nst_runtime import Library, Stylizer
from nst_runtime.contracts.catalogue import read_catalogue
from nst_runtime.contracts.library import NOWHERE
from nst_runtime.contracts.packs import DEFAULT_PACK, PLAIN, read_pack
from nst_runtime.inference.devices import RunSettings
from nst_runtime.pictures.arrays import Pixels, from_unit, resize_short_side, to_unit
from nst_runtime.pictures.read import list_pictures, read_picture
from nst_student.evaluation.metrics import PHOTO_SIZE_PX, STYLE_SIZE_PX, QualityMeter, SeenPhoto
from nst_student.losses.judges import read_style

ROOT = Path(__file__).parents[2]
PACK = DEFAULT_PACK
CATALOGUE = ROOT / "assets" / "default_pack" / "catalogue.toml"
DATA = Path(os.environ.get("NST_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer(Library(read_pack(DEFAULT_PACK), NOWHERE, NOWHERE), RunSettings("cpu", 1))


@pytest.fixture(scope="module")
def town() -> Pixels:
    return resize_short_side(read_picture(ROOT / "assets" / "scenes" / "town.jpg").rgb, 256)


def test_a_style_is_small_and_so_are_ten_with_the_codec() -> None:
    sizes = sorted(path.stat().st_size for path in (PACK / "styles").iterdir())
    assert sizes[-1] <= 150_000
    shared = sum(path.stat().st_size for path in PACK.iterdir() if path.is_file())
    assert shared <= 110_000  # the codec, all templates in all forms, the manifest
    assert shared + sum(sizes[-10:]) <= 1_500_000


def test_it_holds_the_styles_of_the_catalogue(stylizer: Stylizer) -> None:
    names = [style.name for style in stylizer.styles]
    assert "waves" in names
    assert len(names) >= 12
    assert set(names) <= read_catalogue(CATALOGUE).keys()
    assert {path.stem for path in (PACK / "styles").iterdir()} == {*names, "plain"}
    for style in stylizer.styles:
        record = style.record()
        assert record.info.title
        assert record.info.licence
        assert record.metrics["mean"] < 0.3


def test_styles_differ_from_the_photo_and_from_one_another(stylizer: Stylizer, town: Pixels) -> None:
    pictures = {"photo": town, **{style.name: stylizer.stylize(town, style.name) for style in stylizer.styles}}
    for (first, a), (second, b) in combinations(pictures.items(), 2):
        difference = np.abs(a.astype(float) - b.astype(float)).mean()
        assert difference > 12, (first, second, difference)
    paintings = {read_catalogue(CATALOGUE)[style.name].picture for style in stylizer.styles}
    assert len(paintings) == len(stylizer.styles)


@pytest.mark.parametrize("size", [(16, 16), (17, 33), (101, 250)])
def test_any_size_comes_out_as_it_went_in(stylizer: Stylizer, town: Pixels, size: tuple[int, int]) -> None:
    height, width = size
    for style in stylizer.styles:
        assert stylizer.stylize(town[:height, :width], style.name).shape == (height, width, 3)


def test_flat_areas_show_no_lattice(stylizer: Stylizer) -> None:
    """In the middle of a flat picture nothing may alternate: neighbours differ by less than two levels."""
    flat = np.full((128, 128, 3), (120, 150, 190), np.uint8)
    for style in stylizer.styles:
        middle = stylizer.stylize(flat, style.name)[40:88, 40:88].astype(int)
        assert np.abs(np.diff(middle, axis=0)).max() <= 2, style.name
        assert np.abs(np.diff(middle, axis=1)).max() <= 2, style.name


def psnr_db(stylizer: Stylizer, photo: Pixels) -> float:
    """Return how near the style that paints nothing comes to `photo`."""
    difference = stylizer.stylize(photo, PLAIN).astype(float) - photo
    return float(20 * np.log10(255) - 10 * np.log10(np.square(difference).mean()))


@pytest.mark.parametrize("scene", ["town", "landscape", "still_life"])
def test_plain_gives_a_scene_back(stylizer: Stylizer, scene: str) -> None:
    photo = resize_short_side(read_picture(ROOT / "assets" / "scenes" / f"{scene}.jpg").rgb, PHOTO_SIZE_PX)
    assert psnr_db(stylizer, photo) >= 35


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason=f"needs photographs in {DATA} (NST_DATA)")
def test_plain_gives_photographs_back(stylizer: Stylizer) -> None:
    """On average: five of the 29, all of fine detail everywhere, are between 29 and 35 dB."""
    found = [
        psnr_db(stylizer, resize_short_side(read_picture(path).rgb, PHOTO_SIZE_PX))
        for path in list_pictures(DATA / "photos_large")
    ]
    assert np.mean(found) >= 38
    assert min(found) >= 29
    assert np.mean(np.array(found) >= 35) >= 0.8


@pytest.fixture(scope="module")
def meter() -> QualityMeter:
    if not DATA.is_dir():
        pytest.skip(f"needs photographs, paintings and weights in {DATA} (NST_DATA)")
    return QualityMeter(
        load_network("vgg19", weights=DATA / "weights" / "vgg19_torchvision_conv3_1.safetensors"),
        load_network("vgg19", weights=DATA / "weights" / "vgg19_distilled16x_conv5_1.safetensors"),
    )


@pytest.fixture(scope="module")
def photos(meter: QualityMeter) -> list[SeenPhoto]:
    return [meter.see(read_style(path, PHOTO_SIZE_PX)) for path in list_pictures(DATA / "photos_large")]


@pytest.mark.slow
@pytest.mark.parametrize("style", ["waves", "udnie", "mosaic"])  # fine lines, large forms, a texture
def test_the_quality_that_a_style_states_is_measured(
    meter: QualityMeter, photos: list[SeenPhoto], stylizer: Stylizer, style: str
) -> None:
    """The figures in a style file are those of its numbers, over all photographs: single ones are far apart."""

    def stylize(photo: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(to_unit(stylizer.stylize(from_unit(photo.numpy()), style)))

    painting = DATA / "styles" / read_catalogue(CATALOGUE)[style].picture
    quality = meter.measure(read_style(painting, STYLE_SIZE_PX), photos, stylize)
    stated = stylizer.library.find(style).record().metrics
    for figure in ("mean", "relu3_1", "content", "deep"):
        assert getattr(quality, figure) == pytest.approx(stated[figure], rel=0.01), figure
