"""Pictures decoded in strips are those decoded as a whole, and take a strip's memory."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nst_runtime import Stylizer
from nst_runtime.contracts.packs import Painted
from nst_runtime.inference import tiles
from nst_runtime.pictures.arrays import Floats, from_network, to_network


@pytest.mark.parametrize("strip_px", [1, 2**13, 2**15, 2**30])
@pytest.mark.parametrize(("height", "width"), [(16, 400), (271, 83), (515, 130)])
def test_strips_are_the_whole_picture(monkeypatch: pytest.MonkeyPatch, strip_px: int, height: int, width: int) -> None:
    """The shipped decoder, cut at rows that no stroke knows of: the same to the last bit."""
    monkeypatch.setattr(tiles, "STRIP_PX", strip_px)
    stylizer = Stylizer.load(threads=1)
    rgb = np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)
    multiple_px = stylizer.pack.manifest.codec.multiple_px
    stylised = stylizer.network.bank("waves")(*stylizer.network.encoder(to_network(rgb, multiple_px)))
    (image,) = stylizer.network.decoder(*stylised)
    np.testing.assert_array_equal(stylizer.stylize(rgb, "waves"), from_network(image, height, width))


class Smear:
    """A decoder by hand: each row is the mean of `reach` rows around it, every `step`-th one darker; then larger."""

    def __init__(self, reach: int, step: int, scale_px: int) -> None:
        self.reach, self.step, self.scale_px = reach, step, scale_px
        self.largest = 0

    def __call__(self, painted: Floats, strength: Floats) -> list[Floats]:
        rows = painted.shape[2]
        self.largest = max(self.largest, rows)
        padded = np.pad(painted, ((0, 0), (0, 0), (self.reach, self.reach), (0, 0)), mode="reflect")
        summed = sum(padded[:, :, shift : shift + rows] for shift in range(2 * self.reach + 1))
        dark = np.where(np.arange(rows) % self.step == 0, strength, np.float32(1))[:, None]
        smeared = summed / np.float32(2 * self.reach + 1) * dark
        return [smeared.repeat(self.scale_px, 2).repeat(self.scale_px, 3)]


def decode(decoder: Smear, painted: Sequence[Floats], height: int, facts: Painted | None) -> npt.NDArray[np.uint8]:
    rgb = np.full((height, painted[0].shape[3] * decoder.scale_px - 1, 3), 123, np.uint8)
    if facts is None:
        tiles.decode_whole(decoder, painted, rgb)  # type: ignore[arg-type]
    else:
        tiles.decode_in_strips(decoder, painted, rgb, facts)  # type: ignore[arg-type]
    return rgb


@settings(deadline=None, max_examples=60)
@given(st.integers(5, 200), st.integers(1, 3), st.integers(1, 2), st.integers(1, 4), st.integers(1, 9000))
def test_any_decoder_that_says_its_reach(rows: int, step: int, steps: int, scale_px: int, strip_px: int) -> None:
    facts = Painted(channels=3, scale_px=scale_px, overlap=step * steps, step=step)
    numbers = np.random.default_rng(rows).random((1, 3, rows, 7), np.float32)
    painted = [numbers, np.array(0.5, np.float32)]
    height = max(1, rows * scale_px - 2)
    whole = decode(Smear(min(facts.overlap, 4), step, scale_px), painted, height, None)
    decoder = Smear(min(facts.overlap, 4), step, scale_px)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "STRIP_PX", strip_px)
        np.testing.assert_array_equal(decode(decoder, painted, height, facts), whole)
    fewest = max(tiles.FEWEST_ROWS, strip_px // (7 * scale_px**2))
    assert decoder.largest <= fewest + step + 2 * facts.overlap
