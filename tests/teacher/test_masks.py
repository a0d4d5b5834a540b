"""Masks as people draw them: label images, shades of grey, one file for each region."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.write import write_picture
from nst_teacher.pictures.framing import frame_shares
from nst_teacher.pictures.masks import Regions, align, feather, read_regions

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def stripes(*colours: tuple[int, int, int], height: int = 20, width: int = 30) -> Pixels:
    mask = np.zeros((height, width, 3), np.uint8)
    for index, part in enumerate(np.array_split(np.arange(width), len(colours))):
        mask[:, part] = colours[index]
    return mask


def save(path: Path, mask: Pixels) -> Path:
    write_picture(path, mask)
    return path


def test_every_colour_is_a_region_even_through_jpeg(tmp_path: Path) -> None:
    mask = stripes(RED, GREEN, BLUE, height=64, width=96)
    for name in ("labels.png", "labels.jpg"):
        regions = read_regions([save(tmp_path / name, mask)], Path("photo.png"), (64, 96))
        assert regions.names == ("#0000ff", "#00ff00", "#ff0000")
        assert regions.shares.shape == (3, 64, 96)
        assert regions.shares.sum(axis=0).tolist() == np.ones((64, 96)).tolist()
        assert [float(share[32, 48]) for share in regions.shares] == [0, 1, 0]
        assert regions.shares[2].mean() == pytest.approx(1 / 3, abs=0.02)


def test_shades_of_grey_are_shares(tmp_path: Path) -> None:
    ramp = np.repeat(np.linspace(0, 255, 30).round().astype(np.uint8)[None, :, None], 20, axis=0).repeat(3, axis=2)
    regions = read_regions([save(tmp_path / "ramp.png", ramp)], Path("photo.png"), (20, 30))
    assert regions.names == ("light", "dark")
    np.testing.assert_allclose(regions.shares[0, 0], np.linspace(0, 1, 30), atol=0.01)
    np.testing.assert_allclose(regions.shares.sum(axis=0), 1, atol=1e-6)


def test_three_greys_are_three_regions(tmp_path: Path) -> None:
    mask = stripes((0, 0, 0), (128, 128, 128), (255, 255, 255))
    regions = read_regions([save(tmp_path / "greys.png", mask)], Path("photo.png"), (20, 30))
    assert len(regions.names) == 3


def test_a_file_for_each_region_shares_pixels_out(tmp_path: Path) -> None:
    levels = (255, 128, 128)
    paths = [
        save(tmp_path / f"{index}.png", np.full((20, 30, 3), level, np.uint8)) for index, level in enumerate(levels)
    ]
    regions = read_regions(paths, Path("photo.png"), (20, 30))
    assert regions.names == ("mask 1", "mask 2", "mask 3")
    assert regions.shares[:, 3, 4].tolist() == pytest.approx([255 / 511, 128 / 511, 128 / 511], rel=1e-5)


def test_masks_that_cannot_be(tmp_path: Path) -> None:
    photo = Path("photo.png")
    mask = save(tmp_path / "mask.png", stripes(RED, BLUE))
    with pytest.raises(NstError, match=r"mask.png is 30×20 px, photo.png is 31×20 px"):
        read_regions([mask], photo, (20, 31))
    one = save(tmp_path / "one.png", stripes(RED))
    with pytest.raises(NstError, match="has 1 labels"):
        read_regions([one], photo, (20, 30))
    grey = save(tmp_path / "grey.png", stripes((90, 90, 90)))
    with pytest.raises(NstError, match="one colour"):
        read_regions([grey], photo, (20, 30))
    noise = np.random.default_rng(0).integers(0, 255, (20, 30, 3)).astype(np.uint8)
    with pytest.raises(NstError, match="labels; there can be 2 to 16; paint each region in one flat colour"):
        read_regions([save(tmp_path / "noise.png", noise)], photo, (20, 30))
    black = save(tmp_path / "black.png", stripes((0, 0, 0), (255, 255, 255)))
    with pytest.raises(NstError, match="uncovered"):
        read_regions([black, black], photo, (20, 30))


def test_regions_meet_by_their_colour_and_must_be_on_both_sides() -> None:
    def named(*names: str) -> Regions:
        return Regions(names, np.stack([np.full((2, 2), index, np.float32) for index in range(len(names))]))

    (aligned,) = align(named("#b", "#a"), [named("#a", "#b")])
    assert aligned.shares[:, 0, 0].tolist() == [1, 0]
    first, second = align(named("#a", "#b"), [named("#b"), named("#a", "#b")])
    assert (float(first.shares[0].max()), second.shares[1, 0, 0]) == (0, 1)
    with pytest.raises(NstError, match=r"the content mask has 2 regions \(#a, #b\), the style mask 1 region \(#a\)"):
        align(named("#a", "#b"), [named("#a")])
    with pytest.raises(NstError, match=r"1 region \(#a\), the style mask 2 regions"):
        align(named("#a"), [named("#a", "#b")])


def test_feathering_softens_the_border_and_keeps_the_sum() -> None:
    left = torch.zeros(1, 1, 8, 40)
    left[..., :20] = 1
    soft = feather(torch.cat([left, 1 - left], dim=1), 3.0)
    torch.testing.assert_close(soft.sum(1), torch.ones(1, 8, 40))
    row = soft[0, 0, 4]
    assert float((row[:-1] - row[1:]).max()) == pytest.approx(1 / (3 * (2 * np.pi) ** 0.5), rel=0.02)
    assert [float(row[0]), float(row[-1])] == pytest.approx([1, 0], abs=1e-6)
    assert torch.equal(feather(left, 0), left)


def test_masks_are_cropped_and_resized_with_their_picture() -> None:
    shares = np.zeros((1, 20, 60), np.float32)
    shares[0, :, 30:] = 1
    cropped = frame_shares(shares, (10, 10), "crop")
    np.testing.assert_allclose(cropped[0, :, :4], 0, atol=1e-6)
    np.testing.assert_allclose(cropped[0, :, 6:], 1, atol=1e-6)
    assert frame_shares(shares, (10, 30), "stretch").mean() == pytest.approx(0.5, abs=1e-6)
