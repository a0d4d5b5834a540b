"""Statistics of a picture together with a photograph's, and the picture that stands for photographs."""

import numpy as np
import pytest

from nst_runtime import Statistics
from nst_runtime.inference.beside import Beside, typical_picture
from nst_runtime.inference.likeness import unlikeness
from nst_runtime.inference.statistics import measure
from nst_runtime.pictures.arrays import Floats

random = np.random.default_rng(0)
OWN = (random.normal(0, 1, (1, 3, 10, 30)) + np.array([5, -2, 0])[:, None, None]).astype(np.float32)
OTHER = random.normal(1, 3, (1, 3, 10, 10)).astype(np.float32)


def mixed(share: float, own: Floats = OWN, other: Floats = OTHER) -> Statistics:
    return Beside(share, {"norm": measure(other)}).mixed("norm", measure(own))


def test_both_together_have_the_statistics_of_one_wider_picture() -> None:
    """The other has ten columns of forty."""
    found, expected = mixed(0.25), measure(np.concatenate([OWN, OTHER], axis=3))
    np.testing.assert_allclose(found.mean, expected.mean, atol=1e-5)
    np.testing.assert_allclose(found.variance, expected.variance, rtol=1e-5)
    assert found.mean.dtype == found.variance.dtype == np.float32


def test_of_none_and_of_all() -> None:
    np.testing.assert_array_equal(mixed(0).mean, measure(OWN).mean)
    np.testing.assert_array_equal(mixed(0).variance, measure(OWN).variance)
    np.testing.assert_allclose(mixed(1).mean, measure(OTHER).mean, rtol=1e-6)
    np.testing.assert_array_equal(mixed(1).variance, measure(OTHER).variance)


def test_the_typical_picture_is_like_photographs_and_cannot_be_written_to() -> None:
    picture = typical_picture()
    assert picture.shape == (256, 768, 3)
    assert unlikeness(picture) < 0.05
    with pytest.raises(ValueError, match="read-only"):
        picture[0, 0, 0] = 1
