"""Pictures that are not like photographs, painted as they would be beside one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nst_runtime import Look, Stylizer
from nst_runtime.inference.crops import tiles
from nst_runtime.inference.large import paint_large
from nst_runtime.inference.look_statistics import look_statistics
from nst_runtime.inference.measuring import measure_crops
from nst_runtime.inference.steady import SteadyPainter, can_be_steadied
from nst_runtime.pictures.arrays import Floats, Pixels, from_network, to_network
from nst_runtime.pictures.read import read_picture

from .test_likeness import page, with_noise

SCENE = Path(__file__).parents[3] / "assets" / "scenes" / "town.jpg"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Stylizer:
    return Stylizer.load(threads=1, workspace=tmp_path_factory.mktemp("empty"), device="cpu")


@pytest.fixture(scope="module")
def waves(shipped: Stylizer) -> SteadyPainter:
    return SteadyPainter(shipped.parts("waves"))


def decoded(stylizer: Stylizer, values: list[Floats], like: Pixels) -> Pixels:
    return from_network(stylizer.decoder(*values)[0], *like.shape[:2])


def always(stylizer: Stylizer, picture: Pixels, style: str) -> Pixels:
    """Return what the *direct* form makes of `picture`."""
    return decoded(stylizer, stylizer.bank(style)(*stylizer.encoder(to_network(picture, 8))), picture)


def change(first: Pixels, second: Pixels) -> float:
    return float(np.abs(first.astype(int) - second).mean())


@pytest.mark.parametrize("weights", [{"waves": 1.0}, {"klee": 0.6, "starry": 0.4}])
def test_without_a_share_the_picture_is_what_it_always_is(shipped: Stylizer, weights: dict[str, float]) -> None:
    scene = np.ascontiguousarray(read_picture(SCENE).rgb[200:333, 100:301])
    painted = decoded(shipped, SteadyPainter(shipped.parts(weights))(scene, 0), scene)
    assert np.abs(painted.astype(int) - shipped.stylize(scene, Look(weights))).max() <= 1


def test_the_noise_of_one_color_does_not_become_strokes(shipped: Stylizer, waves: SteadyPainter) -> None:
    pictures = [with_noise((128, 128, 128), 1, seed) for seed in (0, 1)]
    direct = [always(shipped, picture, "waves") for picture in pictures]
    beside = [decoded(shipped, waves(picture, 0.9), picture) for picture in pictures]
    assert change(*direct) > 20
    assert change(*beside) < 2
    assert max(picture.std((0, 1)).max() for picture in beside) < 4


def test_black_is_dark_and_paper_bright(shipped: Stylizer, waves: SteadyPainter) -> None:
    black = with_noise((4, 4, 4), 1)
    black[100:150, 100:150] = (230, 120, 40)
    dark = always(shipped, black, "waves")[:60].mean(), decoded(shipped, waves(black, 0.9), black)[:60].mean()
    assert dark[1] < dark[0] - 30
    white = page()
    paper = decoded(shipped, waves(white, 0.9), white)
    assert paper[:16].mean() > 205


def test_a_page_can_be_read(shipped: Stylizer) -> None:
    """The darkness of the paint is that of the ink, and not that of strokes around it."""
    white = page()
    ink = white.mean(2)

    def likeness(painted: Pixels) -> float:
        return float(np.corrcoef(painted.mean(2).ravel(), ink.ravel())[0, 1])

    beside = decoded(shipped, SteadyPainter(shipped.parts("scream"))(white, 0.9), white)
    assert likeness(beside) > 0.8
    assert likeness(always(shipped, white, "scream")) < 0.65


def test_in_tiles_as_in_one_piece(shipped: Stylizer, waves: SteadyPainter) -> None:
    picture, parts = page()[:200], shipped.parts("waves")
    crops = list(tiles(200, 256, 128, 72, 8))
    statistics = measure_crops(parts, picture, crops, held=True, beside=waves.beside(0.7))
    out = np.zeros_like(picture)
    paint_large(parts, picture, out, statistics=look_statistics(parts, statistics))
    assert np.abs(out.astype(int) - decoded(shipped, waves(picture, 0.7), picture)).max() <= 1


def test_which_packs_can(shipped: Stylizer) -> None:
    assert can_be_steadied(shipped.pack)
    codec = shipped.pack.manifest.codec
    for norms in ({"encoder": codec.norms["encoder"]}, {**codec.norms, "decoder": codec.norms["bank"]}):
        manifest = replace(shipped.pack.manifest, codec=replace(codec, norms=norms))
        assert not can_be_steadied(replace(shipped.pack, manifest=manifest))
