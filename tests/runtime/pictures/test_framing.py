import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nst_runtime.pictures.arrays import from_network, to_network


@settings(deadline=None, max_examples=60)
@given(st.integers(16, 70), st.integers(16, 70), st.sampled_from([1, 4, 8, 16]))
def test_padded_as_numpy_reflects_and_cropped_back(height: int, width: int, multiple: int) -> None:
    rgb = np.random.default_rng(height * 100 + width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    framed = to_network(rgb, multiple)
    below, right = -height % multiple, -width % multiple
    assert framed.shape == (1, 3, height + below, width + right)
    assert framed.dtype == np.float32
    assert framed.flags.c_contiguous
    expected = np.pad(rgb / 255, ((0, below), (0, right), (0, 0)), mode="reflect").transpose(2, 0, 1)
    np.testing.assert_allclose(framed[0], expected, atol=1e-7)
    np.testing.assert_array_equal(from_network(framed, height, width), rgb)


@pytest.mark.parametrize("side", [16, 20, 400])
def test_multiples_are_not_padded(side: int) -> None:
    assert to_network(np.zeros((side, side, 3), np.uint8), 4).shape == (1, 3, side, side)
