"""Colour control on colours that can be computed by hand."""

import numpy as np
import pytest
import torch

from nst_runtime.pictures.arrays import Pixels
from nst_teacher.pictures.color import (
    grey,
    luminance,
    match_covariance,
    match_luminance,
    match_wasserstein,
    with_colours_of,
)

from .conftest import draw_photo, draw_style


def moments(picture: Pixels) -> tuple[np.ndarray, np.ndarray]:
    pixels = picture.reshape(-1, 3) / 255
    return pixels.mean(0), np.cov(pixels.T)


def test_luminance_weighs_the_channels_as_yiq_does() -> None:
    image = torch.tensor([1.0, 0.0, 0.5]).view(1, 3, 1, 1)
    assert float(luminance(image)) == pytest.approx(0.299 + 0.057)
    assert grey(image).flatten().tolist() == pytest.approx([0.356] * 3)


def test_the_results_luminance_gets_the_photos_colours() -> None:
    photo = torch.tensor([0.6, 0.4, 0.3]).view(1, 3, 1, 1)
    image = torch.tensor([0.5, 0.5, 0.5]).view(1, 3, 1, 1)
    mixed = with_colours_of(image, photo)
    assert float(luminance(mixed)) == pytest.approx(0.5, abs=1e-6)
    difference = (mixed - photo).flatten()
    assert difference.tolist() == pytest.approx([0.5 - (0.1794 + 0.2348 + 0.0342)] * 3, abs=1e-6)


def test_luminance_of_the_style_gets_mean_and_contrast_of_each_photos() -> None:
    generator = torch.Generator().manual_seed(0)
    style = torch.rand(1, 3, 20, 20, generator=generator)
    photos = 0.4 + 0.2 * torch.rand(2, 3, 10, 12, generator=generator) * torch.tensor([1.0, 0.3]).view(2, 1, 1, 1)
    matched = match_luminance(style, photos)
    assert matched.shape == (2, 3, 20, 20)
    assert torch.equal(matched[:, 0], matched[:, 2])
    for value in (torch.mean, torch.std):
        torch.testing.assert_close(
            value(luminance(matched), (2, 3)), value(luminance(photos), (2, 3)), rtol=1e-3, atol=1e-4
        )


def test_covariance_match_gives_the_photos_mean_and_covariance() -> None:
    photo, style = draw_photo(1), (draw_style() // 4 + 100).astype(np.uint8)
    mean, covariance = moments(match_covariance(photo, style))
    wanted = moments(style)
    np.testing.assert_allclose(mean, wanted[0], atol=2e-3)
    np.testing.assert_allclose(covariance, wanted[1], atol=2e-4)
    assert np.abs(moments(photo)[1] - wanted[1]).max() > 2e-3


def test_wasserstein_match_gives_the_photos_whole_distribution() -> None:
    photo, style = draw_photo(1), draw_style()
    matched = match_wasserstein(style, photo)
    assert matched.shape == style.shape
    for channel in range(3):
        ours, theirs = (np.quantile(p[..., channel], np.linspace(0.02, 0.98, 25)) for p in (matched, photo))
        assert np.abs(ours - theirs).max() < 25
        assert np.abs(np.quantile(style[..., channel], np.linspace(0.02, 0.98, 25)) - theirs).max() > 40
    assert np.array_equal(matched, match_wasserstein(style, photo))


def test_a_picture_matched_to_itself_stays() -> None:
    photo = draw_photo(2)
    for match in (match_covariance, match_wasserstein):
        assert np.abs(match(photo, photo).astype(int) - photo).max() <= 1
