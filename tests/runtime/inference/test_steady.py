"""Pictures that are not like photographs, painted as they would be beside one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nst_runtime import Look, Stylizer
from nst_runtime.inference import large
from nst_runtime.inference.likeness import typical_share
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
    return SteadyPainter(shipped.network.parts("waves"))


def decoded(stylizer: Stylizer, values: list[Floats], like: Pixels) -> Pixels:
    return from_network(stylizer.network.decoder(*values)[0], *like.shape[:2])


def always(stylizer: Stylizer, picture: Pixels, style: str) -> Pixels:
    """Return what the *direct* form makes of `picture`."""
    return decoded(stylizer, stylizer.network.bank(style)(*stylizer.network.encoder(to_network(picture, 8))), picture)


def change(first: Pixels, second: Pixels) -> float:
    return float(np.abs(first.astype(int) - second).mean())


@pytest.mark.parametrize("weights", [{"waves": 1.0}, {"klee": 0.6, "starry": 0.4}])
def test_without_a_share_the_picture_is_what_it_always_is(shipped: Stylizer, weights: dict[str, float]) -> None:
    scene = np.ascontiguousarray(read_picture(SCENE).rgb[200:333, 100:301])
    painted = decoded(shipped, SteadyPainter(shipped.network.parts(weights))(scene, 0), scene)
    assert np.abs(painted.astype(int) - shipped.stylize(scene, Look(weights))).max() <= 1


def test_the_noise_of_one_color_does_not_become_strokes(shipped: Stylizer, waves: SteadyPainter) -> None:
    pictures = [with_noise((128, 128, 128), 1, seed) for seed in (0, 1)]
    direct = [always(shipped, picture, "waves") for picture in pictures]
    beside = [decoded(shipped, waves(picture, 0.9), picture) for picture in pictures]
    assert change(*direct) > 20
    assert change(*beside) < 2
    assert max(picture.std((0, 1)).max() for picture in beside) < 4


@pytest.mark.parametrize(("style", "darker"), [("waves", 29), ("udnie", 40)])
def test_black_is_dark(shipped: Stylizer, style: str, darker: int) -> None:
    black = with_noise((4, 4, 4), 1)
    black[100:150, 100:150] = (230, 120, 40)
    painter = SteadyPainter(shipped.network.parts(style))
    dark = always(shipped, black, style)[:60].mean(), decoded(shipped, painter(black, 0.9), black)[:60].mean()
    assert dark[1] < dark[0] - darker


def test_paper_is_bright(shipped: Stylizer, waves: SteadyPainter) -> None:
    white = page()
    paper = decoded(shipped, waves(white, 0.9), white)
    assert paper[:16].mean() > 205


def test_a_page_can_be_read(shipped: Stylizer) -> None:
    """The darkness of the paint is that of the ink, and not that of strokes around it."""
    white = page()
    ink = white.mean(2)

    def likeness(painted: Pixels) -> float:
        return float(np.corrcoef(painted.mean(2).ravel(), ink.ravel())[0, 1])

    beside = decoded(shipped, SteadyPainter(shipped.network.parts("scream"))(white, 0.9), white)
    assert likeness(beside) > 0.8
    assert likeness(always(shipped, white, "scream")) < 0.65


def test_pictures_are_painted_beside_a_photograph_as_far_as_they_are_unlike_one(
    shipped: Stylizer, waves: SteadyPainter
) -> None:
    white = page()
    beside = decoded(shipped, waves(white, typical_share(white)), white)
    assert (shipped.stylize(white, "waves") == beside).all()
    assert (shipped.paint(shipped.encode(white), "waves") == beside).all()
    scene = np.ascontiguousarray(read_picture(SCENE).rgb[200:333, 100:301])
    assert (shipped.stylize(scene, "waves") == always(shipped, scene, "waves")).all()


def test_in_tiles_and_in_strips_as_in_one_piece(shipped: Stylizer, monkeypatch: pytest.MonkeyPatch) -> None:
    white = np.concatenate([page(), page()])
    whole = shipped.stylize(white, "waves")
    fixed = Look("waves", statistics=shipped.measure(white, "waves"))
    assert np.abs(shipped.stylize(white, fixed).astype(int) - whole).max() <= 1
    monkeypatch.setattr(large, "SMALLEST_TILE_PX", 64)
    monkeypatch.setattr("nst_runtime.inference.network.WORK_BYTES", 0)
    limited = Stylizer.load(threads=1, memory_bytes=10**8 + 6_000_000)
    limited.network.base_bytes = 10**8
    look = Look("waves", strokes="full", statistics="exact")
    tiled = np.concatenate(list(limited.stylize_rows(white, look)))
    assert 0 < np.abs(tiled.astype(int) - whole).max() <= 1


def test_which_packs_can(shipped: Stylizer) -> None:
    assert can_be_steadied(shipped.pack)
    codec = shipped.pack.manifest.codec
    for norms in ({"encoder": codec.norms["encoder"]}, {**codec.norms, "decoder": codec.norms["bank"]}):
        manifest = replace(shipped.pack.manifest, codec=replace(codec, norms=norms))
        assert not can_be_steadied(replace(shipped.pack, manifest=manifest))
