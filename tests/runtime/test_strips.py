import numpy as np
import pytest

from nst_runtime import Stylizer
from nst_runtime.inference import tiles
from nst_runtime.pictures.arrays import Floats, from_network, to_network


@pytest.mark.parametrize("strip_px", [1, 2**15])
@pytest.mark.parametrize(("height", "width"), [(16, 400), (271, 83), (515, 130)])
def test_strips_are_the_whole_picture(monkeypatch: pytest.MonkeyPatch, strip_px: int, height: int, width: int) -> None:
    """The shipped decoder, cut at rows that no stroke knows of: the same to the last bit."""
    monkeypatch.setattr(tiles, "STRIP_PX", strip_px)
    stylizer = Stylizer.load(threads=1)
    rgb = np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)
    multiple_px = stylizer.pack.manifest.codec.multiple_px
    stylised = stylizer.bank("waves")(*stylizer.encoder(to_network(rgb, multiple_px)))
    (image,) = stylizer.decoder(*stylised)
    np.testing.assert_array_equal(stylizer.stylize(rgb, "waves"), from_network(image, height, width))


def test_a_large_picture_is_painted_in_strips_of_even_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 1000×1500 a strip has 2¹⁹ px or hardly fewer, and overlaps its neighbours."""
    stylizer = Stylizer.load(threads=1)
    seen: list[int] = []
    run = stylizer.decoder.__call__

    class Watched:
        inputs = stylizer.decoder.inputs

        def __call__(self, painted: Floats) -> list[Floats]:
            seen.append(painted.shape[2])
            return run(painted)

    monkeypatch.setattr(stylizer, "decoder", Watched())
    stylizer.stylize(np.zeros((1000, 1500, 3), np.uint8), "waves")
    assert seen == [174 + 2, 174 + 4, 152 + 2]
