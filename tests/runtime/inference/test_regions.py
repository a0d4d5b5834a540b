"""Different looks in different parts of a picture."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst_runtime import ImageError, Look, Region, Regions, Stylizer
from nst_runtime.inference.regions import RegionWeights, read_mask

from .test_finish import Pixels, picture


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer.load(threads=1)


def left(height: int, width: int, edge: int) -> Pixels:
    mask = np.zeros((height, width), np.uint8)
    mask[:, :edge] = 255
    return mask


def test_each_part_has_its_own_look(stylizer: Stylizer) -> None:
    photo, mask = picture(64, 96), left(64, 96, 40)
    waves, udnie = (stylizer.stylize(photo, style) for style in ("waves", "udnie"))
    both = stylizer.stylize(photo, Regions([Region(mask, "waves")], rest="udnie"))
    assert (both[:, :40] == waves[:, :40]).all()
    assert (both[:, 40:] == udnie[:, 40:]).all()
    alone = stylizer.stylize(photo, Regions([Region(mask, Look("waves"))]))
    assert (alone[:, :40] == waves[:, :40]).all()
    assert (alone[:, 40:] == photo[:, 40:]).all()
    protected = stylizer.stylize(photo, Regions(rest="udnie", protect=mask))
    assert (protected[:, :40] == photo[:, :40]).all()
    assert (protected[:, 40:] == udnie[:, 40:]).all()


def test_a_soft_border_is_the_mean_of_both_by_weight(stylizer: Stylizer) -> None:
    photo = picture(64, 64)
    grey = np.full((64, 64), 51, np.uint8)
    waves, udnie = (stylizer.stylize(photo, style).astype(float) for style in ("waves", "udnie"))
    mixed = stylizer.stylize(photo, Regions([Region(grey, "waves")], rest="udnie"))
    assert np.abs(mixed - (0.2 * waves + 0.8 * udnie)).max() <= 0.51


def test_where_masks_overlap_looks_share_and_what_is_left_is_the_photographs() -> None:
    full, half = np.full((2, 2), 255, np.uint8), np.full((2, 2), 128, np.uint8)
    first, second = RegionWeights(Regions([Region(full, "a"), Region(full, "b")]), 2, 2).rows(0, 2)
    assert first == pytest.approx(0.5)
    assert second == pytest.approx(0.5)
    first, rest = RegionWeights(Regions([Region(half, "a")], rest="b", protect=half), 2, 2).rows(0, 2)
    assert first == pytest.approx(128 / 255 * 127 / 255)
    assert rest == pytest.approx(127 / 255 * 127 / 255)


def test_masks_are_arrays_images_or_files_of_any_size(tmp_path: Path) -> None:
    mask = left(10, 20, 10)
    Image.fromarray(mask).save(tmp_path / "mask.png")
    kinds: list[Any] = [
        mask,
        Image.fromarray(mask),
        tmp_path / "mask.png",
        str(tmp_path / "mask.png"),
        Image.fromarray(mask).convert("RGB"),
        mask > 0,
    ]
    for kind in kinds:
        assert (read_mask(kind) == mask).all()
        (weights,) = RegionWeights(Regions([Region(kind, "a")]), 40, 80).rows(0, 40)
        assert weights.shape == (40, 80)
        assert weights[:, :36].min() == 1
        assert weights[:, 44:].max() == 0


def test_a_mask_is_fitted_row_by_row_as_at_once() -> None:
    mask = np.random.default_rng(0).integers(0, 256, (30, 45), dtype=np.uint8)
    for height, width in ((101, 151), (20, 30), (30, 45)):
        weights = RegionWeights(Regions([Region(mask, "a")], rest="b"), height, width)
        whole = np.asarray(Image.fromarray(mask).resize((width, height), Image.Resampling.BILINEAR)) / 255
        rows = [weights.rows(top, min(top + 7, height)) for top in range(0, height, 7)]
        assert np.abs(np.concatenate([first for first, _ in rows]) - whole).max() <= 1 / 255 + 1e-6
        assert np.abs(np.concatenate([rest for _, rest in rows]) - (1 - whole)).max() <= 1 / 255 + 1e-6


@pytest.mark.parametrize(
    ("shape", "fits"), [((50, 100), True), ((51, 100), True), ((100, 50), False), ((33, 67), True), ((50, 90), False)]
)
def test_a_mask_has_the_proportions_of_the_picture(shape: tuple[int, int], fits: bool) -> None:
    regions = Regions([Region(np.full(shape, 255, np.uint8), "a")])
    if fits:
        assert RegionWeights(regions, 100, 200).rows(0, 10)[0].min() == 1
    else:
        with pytest.raises(
            ImageError, match=rf"a mask of {shape[1]}×{shape[0]} pixels does not fit a picture of 200×100"
        ):
            RegionWeights(regions, 100, 200)


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        (np.zeros((4, 4, 3), np.uint8), ValueError, "a mask is uint8 or bool H×W, not uint8 4×4×3"),
        (np.zeros((4, 4), float), ValueError, "a mask is uint8 or bool H×W, not float64 4×4"),
        (np.zeros((0, 4), np.uint8), ValueError, "a mask is uint8 or bool H×W, not uint8 0×4"),
        (np.zeros((4, 4), np.uint8), ImageError, "a mask is black all over, and so changes nothing"),
        (3, TypeError, "a mask is an array, a PIL image or a path, not int"),
        ("none.png", ImageError, "no picture at none.png"),
    ],
)
def test_what_is_not_a_mask(mask: Any, error: type[Exception], message: str) -> None:  # noqa: ANN401
    with pytest.raises(error, match=message):
        read_mask(mask)


def test_regions_need_something_to_do() -> None:
    with pytest.raises(ValueError, match="regions need a mask"):
        Regions(rest="waves")
