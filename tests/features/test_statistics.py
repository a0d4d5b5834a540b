"""Gram matrices and pyramids against plain references."""

import numpy as np
import pytest
import torch

from nst_features.statistics import _gram_by_parts, gram, guided_gram, guided_mean, moments, pyramid


def test_gram_is_the_plain_double_sum() -> None:
    features = torch.randn(2, 3, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    expected = np.zeros((2, 3, 3))
    for n in range(2):
        for i in range(3):
            for j in range(3):
                for y in range(4):
                    for x in range(5):
                        expected[n, i, j] += float(features[n, i, y, x] * features[n, j, y, x]) / 20
    np.testing.assert_allclose(gram(features).numpy(), expected, rtol=1e-12)


def test_the_gradient_of_gram_is_that_of_finite_differences() -> None:
    features = torch.randn(2, 3, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    weights = torch.randn(2, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    assert torch.autograd.gradcheck(lambda x: (gram(x) * weights).sum() ** 2, features.requires_grad_())


def test_gram_of_bf16_is_float32() -> None:
    features = torch.rand(1, 4, 16, 16)
    rough = gram(features.bfloat16())
    assert rough.dtype == torch.float32
    torch.testing.assert_close(rough, gram(features), rtol=0.02, atol=0.0)


def test_each_level_is_the_mean_of_two_by_two() -> None:
    image = torch.arange(2 * 3 * 6 * 7, dtype=torch.float32).view(2, 3, 6, 7)
    levels = pyramid(image, 2)
    assert torch.equal(levels[0], image)
    assert levels[1].shape == (2, 3, 3, 3)
    assert levels[1][1, 2, 2, 1] == image[1, 2, 4:6, 2:4].mean()


def test_a_pyramid_without_pixels_is_refused() -> None:
    assert len(pyramid(torch.zeros(1, 3, 8, 9), 4)) == 4
    with pytest.raises(ValueError, match="no 5 scales"):
        pyramid(torch.zeros(1, 3, 8, 9), 5)


def test_guided_gram_is_the_weighted_sum_of_outer_products_over_the_weights() -> None:
    generator = torch.Generator().manual_seed(4)
    features = torch.rand(2, 3, 4, 5, dtype=torch.float64, generator=generator)
    guide = torch.rand(2, 1, 4, 5, dtype=torch.float64, generator=generator)
    expected = torch.zeros(2, 3, 3, dtype=torch.float64)
    mean = torch.zeros(2, 3, dtype=torch.float64)
    for picture in range(2):
        for y in range(4):
            for x in range(5):
                vector, weight = features[picture, :, y, x], guide[picture, 0, y, x] / guide[picture].sum()
                mean[picture] += weight * vector
                for c in range(3):
                    for d in range(3):
                        expected[picture, c, d] += weight * vector[c] * vector[d]
    torch.testing.assert_close(guided_gram(features, guide), expected, rtol=1e-12, atol=0)
    torch.testing.assert_close(guided_mean(features, guide), mean, rtol=1e-12, atol=0)


def test_a_guide_of_ones_guides_nowhere_and_one_of_zeros_sees_nothing() -> None:
    features = torch.rand(2, 3, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    ones = torch.ones(2, 1, 4, 5, dtype=torch.float64)
    torch.testing.assert_close(guided_gram(features, ones), gram(features))
    torch.testing.assert_close(guided_mean(features, ones), guided_mean(features, None))
    assert float(guided_gram(features, 0 * ones).abs().max()) == 0


def test_moments_are_the_gram_matrix_and_the_means_beside_it() -> None:
    features = torch.rand(2, 3, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    guide = torch.rand(2, 1, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    for found, matrices, means in (
        (moments(features, None), gram(features), features.mean(dim=(2, 3))),
        (moments(features, guide), guided_gram(features, guide), guided_mean(features, guide)),
    ):
        assert found.shape == (2, 3, 4)
        torch.testing.assert_close(found[:, :, :3], matrices, rtol=1e-12, atol=0)
        torch.testing.assert_close(found[:, :, 3], means, rtol=1e-12, atol=0)


def test_a_mask_of_zeros_and_ones_gives_the_gram_matrix_of_its_part() -> None:
    features = torch.rand(1, 3, 4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    guide = torch.zeros(1, 1, 4, 6, dtype=torch.float64)
    guide[..., :2] = 1
    torch.testing.assert_close(guided_gram(features, guide), gram(features[..., :2]))


@pytest.mark.parametrize("shape", [(1, 16, 3), (3, 48, 5)])
def test_a_gram_matrix_by_parts_is_that_of_the_whole(shape: tuple[int, int, int]) -> None:
    pixels = torch.rand(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(6))
    expected = torch.bmm(pixels.transpose(1, 2), pixels)
    torch.testing.assert_close(_gram_by_parts(pixels), expected, rtol=1e-12, atol=0)
