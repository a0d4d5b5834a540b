"""Pictures written a few rows at a time are the files that are written as a whole."""

import io
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from nst_runtime.errors import ImageError, NstError
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.color.icc import SRGB_CURVE, rgb_profile
from nst_runtime.pictures.containers.png import SIGNATURE, chunk_data, walk
from nst_runtime.pictures.metadata.record import Metadata
from nst_runtime.pictures.read import read_picture, read_picture_bytes
from nst_runtime.pictures.rows import sources
from nst_runtime.pictures.rows.open_rows import open_rows
from nst_runtime.pictures.rows.row_picture import RowPicture
from nst_runtime.pictures.rows.write_rows import can_write_rows, write_rows
from nst_runtime.pictures.write import write_picture

from .rows_files import waves
from .test_colors import P3_PRIMARIES
from .test_metadata import photograph

Pixels = npt.NDArray[np.uint8]
P3 = rgb_profile(P3_PRIMARIES, SRGB_CURVE)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let large blocks be cut: those of more than 11 rows where they are 45 wide."""
    monkeypatch.setattr(sources, "BLOCK_PIXELS", 500)


def cut(pixels: Pixels, *heights: int) -> Iterator[Pixels]:
    """Yield the rows of `pixels` in blocks of the `heights`, and what is left."""
    top = 0
    for height in (*heights, len(pixels)):
        if len(pixels[top : top + height]):
            yield pixels[top : top + height]
        top += height


def unpacked(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of the PNG `data`, all IDAT as one that is unpacked; another file as it is."""
    if not data.startswith(SIGNATURE):
        return [(b"", data)]
    stream = io.BytesIO(data)
    chunks = [(chunk.kind, chunk_data(stream, chunk)) for chunk in walk(stream)]
    packed = b"".join(content for kind, content in chunks if kind == b"IDAT")
    first = next(number for number, (kind, _) in enumerate(chunks) if kind == b"IDAT")
    others = [chunk for chunk in chunks if chunk[0] != b"IDAT"]
    return [*others[:first], (b"IDAT", zlib.decompress(packed)), *others[first:]]


@pytest.mark.parametrize("suffix", [".png", ".tif", ".TIFF"])
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("said", ["nothing", "metadata", "profile", "both", "stripped"])
@pytest.mark.parametrize("shape", [(61, 45), (1, 1), (1, 600), (90, 1)])
def test_the_file_is_that_of_the_whole_picture(
    tmp_path: Path, shape: tuple[int, int], said: str, alpha: bool, suffix: str
) -> None:
    rgb = np.asarray(waves(*shape))
    clear = rgb[:, :, 0] if alpha else None
    metadata = read_picture_bytes(photograph(), "x").metadata if said in {"metadata", "both", "stripped"} else None
    profile = P3 if said in {"profile", "both"} else None
    strip = said == "stripped"
    whole, by_rows = tmp_path / f"whole{suffix}", tmp_path / f"rows{suffix}"
    write_picture(whole, Picture(rgb, clear, metadata=metadata), profile=profile, strip=strip)
    pixels = rgb if clear is None else np.dstack([rgb, clear])
    blocks = cut(pixels, 1, 4, 30)
    write_rows(by_rows, rgb.shape, blocks, alpha=alpha, metadata=metadata, profile=profile, strip=strip)
    assert unpacked(by_rows.read_bytes()) == unpacked(whole.read_bytes())
    assert by_rows.stat().st_size == pytest.approx(whole.stat().st_size, rel=0.05)


def test_metadata_that_cannot_be_written_is_left_out(tmp_path: Path) -> None:
    broken = Metadata(exif=b"II*\0nonsense")
    for suffix in (".png", ".tif"):
        write_picture(tmp_path / f"whole{suffix}", Picture(np.asarray(waves()), metadata=broken))
        write_rows(tmp_path / f"rows{suffix}", (61, 45), [np.asarray(waves())], metadata=broken)
        assert unpacked((tmp_path / f"rows{suffix}").read_bytes()) == unpacked(
            (tmp_path / f"whole{suffix}").read_bytes()
        )


def test_a_high_tiff(tmp_path: Path) -> None:
    """Heights of more than 16 bits do not fit into the place that a height of 1 takes."""
    pixels = np.asarray(Image.linear_gradient("L").resize((2, 70_000)).convert("RGB"))
    write_rows(tmp_path / "x.tif", pixels.shape, cut(pixels, 30_000))
    np.testing.assert_array_equal(read_picture(tmp_path / "x.tif").rgb, pixels)


def test_a_large_png_has_several_chunks(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    write_rows(tmp_path / "x.png", pixels.shape, cut(pixels, 50))
    with (tmp_path / "x.png").open("rb") as stream:
        lengths = [chunk.length for chunk in walk(stream) if chunk.kind == b"IDAT"]
    assert lengths[:-1] == [65_536, 65_536]
    np.testing.assert_array_equal(read_picture(tmp_path / "x.png").rgb, pixels)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_from_rows_to_rows(tmp_path: Path, suffix: str) -> None:
    source, target = tmp_path / f"source{suffix}", tmp_path / f"target{suffix}"
    metadata = read_picture_bytes(photograph(), "x").metadata
    write_picture(source, Picture(np.asarray(waves()), metadata=metadata), profile=P3)
    with open_rows(source) as picture:
        assert isinstance(picture, RowPicture)
        blocks = (picture[top : top + 7] for top in range(0, 61, 7))
        write_rows(target, picture.shape, blocks, metadata=picture.metadata, profile=picture.profile)
    whole = read_picture(source)
    write_picture(tmp_path / f"whole{suffix}", whole, keep_profile=True)
    assert unpacked(target.read_bytes()) == unpacked((tmp_path / f"whole{suffix}").read_bytes())
    assert (whole.profile, whole.metadata is None) == (P3, False)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ImageError, ZeroDivisionError])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_an_error_in_the_middle_leaves_the_old_file(tmp_path: Path, suffix: str, error: type[BaseException]) -> None:
    def blocks() -> Iterator[Pixels]:
        yield np.asarray(waves())[:40]
        raise error("stopped")

    path = tmp_path / f"x{suffix}"
    for old in (None, b"old"):
        if old is not None:
            path.write_bytes(old)
        with pytest.raises(error):
            write_rows(path, (61, 45, 3), blocks())
        assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == ([] if old is None else [(path.name, old)])


ROWS = np.asarray(waves())


@pytest.mark.parametrize(
    ("blocks", "error", "message"),
    [
        ([ROWS[:60]], ValueError, "have 60 rows, the picture 61"),
        ([], ValueError, "have 0 rows"),
        ([ROWS, ROWS[:1]], ValueError, "more than the 61 rows"),
        ([ROWS[:, :44]], ValueError, r"h×45×3, got \(61, 44, 3\)"),
        ([np.dstack([ROWS, ROWS[:, :, 0]])], ValueError, r"h×45×3, got \(61, 45, 4\)"),
        ([ROWS[:, :, 0]], ValueError, r"h×45×3, got \(61, 45\)"),
        ([ROWS.astype(np.float32)], TypeError, "arrays of uint8"),
    ],
)
def test_blocks_that_are_not_the_picture(
    tmp_path: Path, blocks: list[Pixels], error: type[Exception], message: str
) -> None:
    for suffix in (".png", ".tif"):
        with pytest.raises(error, match=message):
            write_rows(tmp_path / f"x{suffix}", (61, 45, 3), blocks)
    assert not list(tmp_path.iterdir())


def test_refused_names_and_sizes(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    assert [s for s in (".png", ".tif", ".tiff", ".jpg", ".webp", ".bmp", ".avif", "") if can_write_rows(s)] == [
        ".png",
        ".tif",
        ".tiff",
    ]
    with pytest.raises(ImageError, match=r"x\.jpg cannot be written a few rows at a time; end the name in .png, .tif"):
        write_rows(tmp_path / "x.jpg", (61, 45, 3), [ROWS])
    with pytest.raises(ImageError, match=r"cannot write a picture called 'x\.doc'"):
        write_rows(tmp_path / "x.doc", (61, 45, 3), [ROWS])
    with pytest.raises(ImageError, match="TIFF holds no more than 4 GiB"):
        write_rows(tmp_path / "x.tif", (40_000, 40_000, 3), [])
    with pytest.raises(NstError, match="is a folder"):
        write_rows(tmp_path / "folder.png", (61, 45, 3), [ROWS])


def test_links(tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to(tmp_path / "real.png")
    write_rows(tmp_path / "link.png", (61, 45, 3), [ROWS])
    assert (tmp_path / "link.png").is_symlink()
    np.testing.assert_array_equal(read_picture(tmp_path / "real.png").rgb, ROWS)
    write_rows(tmp_path / "link.png", (61, 45, 3), [ROWS], follow_links=False)
    assert not (tmp_path / "link.png").is_symlink()
