"""Pictures that are too large to be held are read, painted and written a few rows at a time."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst_runtime import ImageError, Look, Stylizer
from nst_runtime.jobs.by_rows import HELD_BYTES
from nst_runtime.jobs.keeping import Keeping
from nst_runtime.jobs.plan import Job
from nst_runtime.jobs.run import stylize_all, stylize_job
from nst_runtime.jobs.statistics_file import with_statistics
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

from ..inference.test_finish import Pixels, picture

LOOK = Look("waves", strokes=128)


@pytest.fixture(scope="module")
def usual() -> Stylizer:
    return Stylizer.load(threads=1)


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Stylizer:
    """Return a Stylizer that may hold 600 000 pixels, and less than a picture that has more."""
    monkeypatch.setattr("nst_runtime.inference.network.WORK_BYTES", 0)
    monkeypatch.setattr("nst_runtime.jobs.by_rows.WORK_BYTES", 0)
    stylizer = Stylizer.load(threads=1, memory_bytes=10**8 + 600_000 * HELD_BYTES)
    stylizer.network.base_bytes = 10**8
    return stylizer


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list that takes the files that are read as a whole."""
    read: list[Path] = []

    def note(path: Path, **options: Any) -> object:  # noqa: ANN401
        read.append(path)
        return read_picture(path, **options)

    monkeypatch.setattr("nst_runtime.jobs.inputs.read_picture", note)
    return read


@pytest.fixture
def large() -> Pixels:
    return picture(760, 800)


@pytest.mark.parametrize(("source", "target"), [("a.png", "b.png"), ("a.tif", "b.tif"), ("a.tiff", "b.png")])
def test_the_picture_is_the_same(
    tmp_path: Path, usual: Stylizer, limited: Stylizer, large: Pixels, whole: list[Path], source: str, target: str
) -> None:
    write_picture(tmp_path / source, large)
    job = Job(tmp_path / source, tmp_path / target)
    (outcome,) = stylize_all(limited, [job], LOOK)
    assert (outcome.error, outcome.size, whole) == (None, (800, 760), [])
    made = read_picture(tmp_path / target).rgb
    assert np.abs(made.astype(int) - usual.stylize(large, LOOK)).max() <= 2
    stylize_job(usual, job, LOOK)
    assert whole == [tmp_path / source]


def test_a_picture_that_can_be_held_is_read_as_a_whole(
    tmp_path: Path, limited: Stylizer, large: Pixels, whole: list[Path]
) -> None:
    write_picture(tmp_path / "a.png", large[:625])
    stylize_job(limited, Job(tmp_path / "a.png", tmp_path / "b.png"), LOOK)
    assert whole == [tmp_path / "a.png"]


def test_transparency_and_what_the_file_says_are_kept(
    tmp_path: Path, usual: Stylizer, limited: Stylizer, large: Pixels
) -> None:
    alpha = np.tile(np.linspace(0, 255, 800).astype(np.uint8), (760, 1))
    exif = Image.Exif()
    exif[0x010E] = "a wave"
    Image.fromarray(np.dstack([large, alpha])).save(tmp_path / "a.png", exif=exif, dpi=(300, 300))
    for stylizer, name in ((usual, "whole.png"), (limited, "rows.png")):
        stylize_job(stylizer, Job(tmp_path / "a.png", tmp_path / name), LOOK)
    one, other = Image.open(tmp_path / "whole.png"), Image.open(tmp_path / "rows.png")
    assert one.mode == other.mode == "RGBA"
    assert (np.asarray(other)[..., 3] == alpha).all()
    assert other.getexif()[0x010E] == "a wave"
    assert one.info["dpi"] == other.info["dpi"]
    stylize_job(limited, Job(tmp_path / "a.png", tmp_path / "bare.png"), LOOK, keeping=Keeping(strip=True))
    assert "exif" not in Image.open(tmp_path / "bare.png").info


@pytest.mark.parametrize(
    ("source", "target", "keeping", "why"),
    [
        ("a.jpg", "b.png", Keeping(), "JPEG is decoded as a whole"),
        ("a.png", "b.jpg", Keeping(), ".jpg is written as a whole"),
        ("a.png", "b.png", Keeping(compare=True), "photo and picture side by side are held as a whole"),
    ],
)
def test_what_must_be_held_is_counted_and_said(
    tmp_path: Path, limited: Stylizer, large: Pixels, source: str, target: str, keeping: Keeping, why: str
) -> None:
    write_picture(tmp_path / source, large)
    (tmp_path / target).write_bytes(b"precious")
    with pytest.raises(ImageError) as caught:
        stylize_job(limited, Job(tmp_path / source, tmp_path / target), LOOK, keeping=keeping)
    assert caught.value.message == f"{tmp_path / source} takes 120 MB, more than `memory_bytes` allows: {why}"
    assert "PNG or TIFF" in caught.value.hint
    assert (tmp_path / target).read_bytes() == b"precious"


def test_damage_in_the_middle_leaves_the_target(tmp_path: Path, limited: Stylizer, large: Pixels) -> None:
    write_picture(tmp_path / "a.png", large)
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(data[: len(data) // 2])
    (tmp_path / "b.png").write_bytes(b"precious")
    (outcome,) = stylize_all(limited, [Job(tmp_path / "a.png", tmp_path / "b.png")], LOOK)
    assert str(outcome.error).startswith(f"cannot read {tmp_path / 'a.png'}: it is damaged or cut off")
    assert (tmp_path / "b.png").read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_memory_that_is_too_little_names_the_picture(tmp_path: Path, large: Pixels) -> None:
    write_picture(tmp_path / "a.png", large)
    stylizer = Stylizer.load(threads=1, memory_bytes=10**6)
    (outcome,) = stylize_all(stylizer, [Job(tmp_path / "a.png", tmp_path / "b.png")], LOOK)
    assert str(outcome.error).startswith(f"{tmp_path / 'a.png'}: `memory_bytes` of 1 MB is too little for a picture")


def test_the_first_picture_is_measured_by_rows(
    tmp_path: Path, usual: Stylizer, limited: Stylizer, large: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_picture(tmp_path / "a.png", large)
    read: list[Path] = []
    monkeypatch.setattr("nst_runtime.jobs.statistics_file.read_picture", lambda path, **_: read.append(path))
    fixed = with_statistics(limited, LOOK, tmp_path / "album.json", tmp_path / "a.png", 10**9)
    assert isinstance(fixed, Look)
    assert not read
    expected = usual.measure(large, LOOK)
    assert not isinstance(fixed.statistics, str)
    for name, norm in expected.norms.items():
        np.testing.assert_allclose(fixed.statistics.norms[name].mean, norm.mean, rtol=1e-2, atol=1e-2)
