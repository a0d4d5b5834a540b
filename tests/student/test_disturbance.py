"""Disturbed photographs, and the loss that compares their pictures at the right place."""

import io

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image

from nst_student.data.batches import Pixels
from nst_student.losses import disturbance
from nst_student.losses.disturbance import Disturbed, as_jpeg, disturb, steadiness_loss

INNER = slice(4, -4)


def pictures(count: int, height: int = 48, width: int = 48, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(seed))


def smooth(height: int, width: int) -> torch.Tensor:
    """A picture 1×3×height×width of colored slopes, waves and an edge."""
    y, x = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    edge = 0.3 * (x + y > 1)
    return torch.stack([0.2 + 0.5 * x + edge * 0.5, 0.5 + 0.3 * (9 * y).sin(), 0.8 - 0.5 * x * y - edge]).unsqueeze(0)


@pytest.fixture
def only_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disturbance, "NOISE_LEVELS", 0.0)
    monkeypatch.setattr(disturbance, "JPEG_SHARE", 0.0)


def test_what_happens_follows_from_the_seed_alone() -> None:
    photos = pictures(8)
    torch.manual_seed(0)
    first = disturb(photos, (3, 2, 9))
    torch.manual_seed(1)
    again, other = disturb(photos, (3, 2, 9)), disturb(photos, (3, 2, 10))
    assert all(torch.equal(*pair) for pair in zip(first, again, strict=True))
    assert not torch.equal(first.photos, other.photos)


@pytest.mark.usefixtures("only_moved")
@pytest.mark.parametrize("size", [(16, 16), (17, 23), (33, 16), (64, 48)])
def test_all_moves_are_compared_at_the_right_place(size: tuple[int, int]) -> None:
    """What a picture's pixels become is there in the moved one's, at the places named, to the bit."""
    photos = pictures(2, *size)
    inner, seen = photos[..., INNER, INNER], set()
    for seed in range(300):
        change = disturb(photos, (seed,))
        there = change.photos[:, :, change.rows][:, :, :, change.columns]
        assert torch.equal(there, inner)
        down, across = int(change.rows[0]) - 4, int(change.columns[0]) - 4
        seen.add((down, across))
        margins = (3, 3), (3, 3), (0, 0)
        wide = np.pad(photos[0].permute(1, 2, 0).numpy(), margins, mode="reflect")
        moved = wide[3 - down : 3 - down + size[0], 3 - across : 3 - across + size[1]]
        assert np.array_equal(change.photos[0].permute(1, 2, 0).numpy(), moved)
    assert seen == {(down, across) for down in range(-3, 4) for across in range(-3, 4)}


@pytest.mark.usefixtures("only_moved")
def test_a_network_that_moves_along_is_steady_and_one_compared_a_pixel_off_is_not() -> None:
    photos = pictures(2)

    def paint(photo: torch.Tensor) -> torch.Tensor:
        return photo.square() - 0.2 * photo.flip(1)

    for seed in range(20):
        change = disturb(photos, (seed,))
        painted, again = paint(photos), paint(change.photos)
        assert float(steadiness_loss(painted, again, change).max()) == 0
        for rows, columns in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            off = Disturbed(change.photos, (change.rows + rows) % 48, (change.columns + columns) % 48)
            assert float(steadiness_loss(painted, again, off).min()) > 0.05


def test_the_loss_is_one_value_a_picture() -> None:
    photos = pictures(3)
    change = Disturbed(photos, torch.arange(4, 44), torch.arange(4, 44))
    other = photos + torch.tensor([0.0, 0.1, 0.2]).view(3, 1, 1, 1)
    assert steadiness_loss(photos, other, change).tolist() == pytest.approx([0, 0.01, 0.04], rel=1e-3)


def test_noise_is_of_up_to_four_levels_picture_by_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its mean square is a third of 4², and a network of pixels has a loss from noise alone."""
    monkeypatch.setattr(disturbance, "JPEG_SHARE", 0.0)
    gray = torch.full((64, 3, 32, 32), 0.5)
    losses = []
    for seed in range(20):
        change = disturb(gray, (seed,))
        losses.append(steadiness_loss(2 * gray, 2 * change.photos, change))
    levels = torch.cat(losses).sqrt() * 255 / 2
    assert float(levels.square().mean()) == pytest.approx(16 / 3, rel=0.1)
    assert 3.8 < float(levels.max()) < 4.4
    assert float(levels.min()) < 0.2
    assert float((levels < 2).float().mean()) == pytest.approx(0.5, abs=0.06)


def test_noise_is_another_in_every_step_and_of_no_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a network would learn to leave out that one, or what neighbours share."""
    monkeypatch.setattr(disturbance, "JPEG_SHARE", 0.0)
    gray = torch.full((2, 3, 64, 64), 0.5)
    noises = torch.cat([disturb(gray, (seed,)).photos - 0.5 for seed in range(4)]).flatten(0, 1)
    neighbors = (noises[:, 1:] * noises[:, :-1]).mean(dim=(1, 2)), (noises[..., 1:] * noises[..., :-1]).mean(dim=(1, 2))
    power = noises.square().mean(dim=(1, 2))
    assert all(float((value / power).abs().max()) < 0.1 for value in neighbors)
    alike = torch.corrcoef(noises.flatten(1)) - torch.eye(len(noises))
    assert float(alike.abs().max()) < 0.1  # of 4096 pixels, six standard deviations


def test_one_in_eight_is_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disturbance, "NOISE_LEVELS", 0.0)
    photos = pictures(40)
    changed = 0
    for seed in range(20):
        change = disturb(photos, (seed,))
        changed += int((steadiness_loss(photos, change.photos, change) > 0).sum())
    assert 70 < changed < 130  # of 800; four standard deviations are 37


def test_jpegs_are_of_qualities_from_40_to_90(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def compress(photos: torch.Tensor, quality: float) -> torch.Tensor:
        asked.append(quality)
        return as_jpeg(photos, quality)

    monkeypatch.setattr(disturbance, "as_jpeg", compress)
    for seed in range(200):
        disturb(pictures(1, 16, 16), (seed,))
    assert 40 <= min(asked) < 41.5
    assert 88.5 < max(asked) <= 90
    assert np.mean(asked) == pytest.approx(65, abs=4)


def test_colors_stay_in_range() -> None:
    for value in (0.0, 1.0):
        change = disturb(torch.full((4, 3, 16, 16), value), (1,))
        assert 0 <= float(change.photos.min()) <= float(change.photos.max()) <= 1


def written(pixels: Pixels, quality: int) -> Pixels:
    """Return `pixels` as Pillow's JPEG leaves them."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=0)
    return np.asarray(Image.open(file))


def compressed(pixels: Pixels, quality: int) -> npt.NDArray[np.float32]:
    photo = torch.from_numpy(pixels.transpose(2, 0, 1).copy()).unsqueeze(0) / 255
    levels: npt.NDArray[np.float32] = as_jpeg(photo, quality)[0].permute(1, 2, 0).numpy() * 255
    return levels


@pytest.mark.parametrize("quality", [20, 50, 75, 90])
@pytest.mark.parametrize("size", [(64, 80), (41, 19)])
def test_jpeg_is_what_a_library_writes(quality: int, size: tuple[int, int]) -> None:
    """But for its rounding to whole levels on the way; what it wrote already is left alone, so the tables are its."""
    photo = smooth(*size) + 0.03 * (pictures(1, *size) - 0.5)
    pixels = photo.clamp(0, 1).mul(255).round().byte()[0].permute(1, 2, 0).numpy()
    expected = written(pixels, quality)
    found = compressed(pixels, quality)
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() < 1.4
    assert np.abs(found - expected).mean() < 0.55 * np.abs(pixels.astype(float) - expected).mean()
    assert np.abs(compressed(expected, quality) - expected).mean() < 0.85
