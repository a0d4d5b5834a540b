"""The shipped styles paint what they have always painted, to a level of rounding that nobody can see.

same_pictures.npz holds sums over blocks of the pictures that the pack gave before its format 2, when each bank was an
ONNX program of its own. Write it again only where pictures are meant to change:

    python tests/pipeline/test_same_pictures.py
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from nst_runtime import Stylizer
from nst_runtime.contracts.files import sha256_of_bytes
from nst_runtime.pictures.arrays import Pixels, resize
from nst_runtime.pictures.read import read_picture

ROOT = Path(__file__).parents[2]
SCENE = ROOT / "assets" / "scenes" / "landscape.jpg"
SUMS = Path(__file__).with_name("same_pictures.npz")
# Width and height in pixels, and blocks each way.
SIZES = {(128, 96): 8, (333, 217): 12, (1024, 683): 16}
Sums = npt.NDArray[np.int64]


def scene(width: int, height: int) -> Pixels:
    return resize(read_picture(SCENE).rgb, width, height)


def block_sums(picture: npt.NDArray[np.integer], blocks: int) -> Sums:
    """Return the sums of `picture` H×W×3 over `blocks`×`blocks` blocks, blocks×blocks×3."""
    rows, columns = (np.linspace(0, side, blocks, endpoint=False).astype(int) for side in picture.shape[:2])
    return np.add.reduceat(np.add.reduceat(picture.astype(np.int64), rows, axis=0), columns, axis=1)


def paint_all(stylizer: Stylizer, width: int, height: int) -> dict[str, Pixels]:
    encoded = stylizer.encode(scene(width, height))
    return {style.name: stylizer.paint(encoded, style.name) for style in stylizer.styles}


def write_sums(pictures: Mapping[tuple[int, int], Mapping[str, Pixels]]) -> None:
    """Write the sums of `pictures`, by size and style, and the hash of the scene at each size."""
    entries = {"styles": np.array(list(next(iter(pictures.values()))))}
    for (width, height), painted in pictures.items():
        sums = [block_sums(picture, SIZES[width, height]) for picture in painted.values()]
        entries[f"scene {width}x{height}"] = np.array(sha256_of_bytes(scene(width, height).tobytes()))
        entries[f"sums {width}x{height}"] = np.array(sums, np.uint32)
    np.savez_compressed(SUMS, **entries)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def kept() -> dict[str, npt.NDArray[np.generic]]:
    with np.load(SUMS) as file:
        return dict(file)


@pytest.fixture(scope="module")
def stylizer(tmp_path_factory: pytest.TempPathFactory) -> Stylizer:
    return Stylizer.load(threads=1, workspace=tmp_path_factory.mktemp("empty"), device="cpu")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_style_paints_what_it_did(
    kept: dict[str, npt.NDArray[np.generic]], stylizer: Stylizer, width: int, height: int
) -> None:
    """The mean of a block may differ by some 0.005 of 255 levels, and in all one value of 2500 by one level.

    Twice what other kernels of onnxruntime give, as other processors have them.
    """
    if sha256_of_bytes(scene(width, height).tobytes()) != str(kept[f"scene {width}x{height}"]):
        pytest.skip("this Pillow decodes or resizes the scene to other pixels")
    painted = paint_all(stylizer, width, height)
    assert list(painted) == kept["styles"].tolist()
    for (style, picture), expected in zip(painted.items(), kept[f"sums {width}x{height}"], strict=True):
        blocks = SIZES[width, height]
        found = block_sums(picture, blocks)
        difference = np.abs(found - expected.astype(np.int64))
        pixels = block_sums(np.ones_like(picture), blocks)
        assert (difference <= 2 + 0.004 * pixels).all(), (style, (difference / pixels).max())
        assert difference.sum() <= 8 + picture.size / 2500, (style, difference.sum())


if __name__ == "__main__":
    write_sums({size: paint_all(Stylizer.load(threads=1, device="cpu"), *size) for size in SIZES})
