from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from nst_runtime import Stylizer
from nst_runtime.errors import ImageError, NstError, PackError
from nst_runtime.jobs.folders import Job, plan_file, plan_folder, stylize_all, stylize_file
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

Pixels = npt.NDArray[np.uint8]


def test_a_file_is_stylised_with_its_transparency(tmp_path: Path, stylizer: Stylizer, photo: Pixels) -> None:
    alpha = (photo[:, :, 0] // 2).astype(np.uint8)
    write_picture(tmp_path / "in.png", Picture(photo, alpha))
    stylize_file(stylizer, Job(tmp_path / "in.png", tmp_path / "new" / "out.webp"), "negative")
    result = read_picture(tmp_path / "new" / "out.webp")
    assert result.alpha is not None
    np.testing.assert_array_equal(result.alpha, alpha)
    stylize_file(stylizer, Job(tmp_path / "in.png", tmp_path / "out.png"), "negative")
    result = read_picture(tmp_path / "out.png")
    np.testing.assert_array_equal(result.rgb, stylizer.stylize(photo, "negative"))
    assert result.alpha is not None
    np.testing.assert_array_equal(result.alpha, alpha)


def test_a_file_may_be_replaced_by_itself(tmp_path: Path, stylizer: Stylizer, photo: Pixels) -> None:
    write_picture(tmp_path / "x.png", photo)
    stylize_file(stylizer, plan_file(tmp_path / "x.png", tmp_path / "x.png"), "swapped")
    np.testing.assert_array_equal(read_picture(tmp_path / "x.png").rgb, stylizer.stylize(photo, "swapped"))


def test_plans_for_files(tmp_path: Path) -> None:
    source = tmp_path / "a" / "photo.jpg"
    with pytest.raises(ImageError, match=r"no picture or folder at .*/photo\.jpg$"):
        plan_file(source, tmp_path)
    source.parent.mkdir()
    source.touch()
    assert plan_file(source, tmp_path / "out.png") == Job(source, tmp_path / "out.png")
    with pytest.raises(NstError, match=r"is a folder; for one picture give a file name, such as .*/photo\.jpg$"):
        plan_file(source, tmp_path)
    with pytest.raises(ImageError, match=r"cannot write a picture called 'out\.doc'"):
        plan_file(source, tmp_path / "out.doc")


def test_plans_for_folders(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    with pytest.raises(NstError, match="holds no pictures; subfolders are not searched"):
        plan_folder(source, target)
    for name in ("b.JPG", "a.gif", "a.png", "notes.txt"):
        (source / name).touch()
    assert [(job.source.name, job.target) for job in plan_folder(source, target)] == [
        ("a.gif", target / "a.gif.png"),
        ("a.png", target / "a.png"),
        ("b.JPG", target / "b.JPG"),
    ]
    (tmp_path / "link").symlink_to(source)
    for same in (source, tmp_path / "link", source / ".." / "in"):
        with pytest.raises(NstError, match="is the folder of the pictures themselves"):
            plan_folder(source, same)
    (tmp_path / "file").touch()
    with pytest.raises(NstError, match="is a file; for a folder of pictures give a folder"):
        plan_folder(source, tmp_path / "file")


def test_a_bad_picture_stops_none_of_the_others(tmp_path: Path, stylizer: Stylizer) -> None:
    sizes = {"a.png": (16, 4000), "b.png": (33, 17), "c.jpg": (40, 40), "small.png": (15, 99)}
    for name, (height, width) in sizes.items():
        Image.new("RGB", (width, height), "teal").save(tmp_path / name)
    (tmp_path / "bad.jpg").write_text("no picture")
    jobs = plan_folder(tmp_path, tmp_path / "out")
    outcomes = {outcome.job.source.name: outcome.error for outcome in stylize_all(stylizer, jobs, "plain")}
    assert {name for name, error in outcomes.items() if error is None} == {"a.png", "b.png", "c.jpg"}
    assert "small.png: a picture of 99×15 pixels is too small" in str(outcomes["small.png"])
    assert "bad.jpg is no picture" in str(outcomes["bad.jpg"])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "b.png", "c.jpg"]
    for name in ("a.png", "b.png", "c.jpg"):
        assert read_picture(tmp_path / "out" / name).rgb.shape == (*sizes[name], 3)


def test_an_unknown_style_is_told_before_any_picture_is_read(tmp_path: Path, stylizer: Stylizer) -> None:
    with pytest.raises(PackError, match="no style 'dots'"):
        next(stylize_all(stylizer, [Job(tmp_path / "none.png", tmp_path / "out.png")], "dots"))


def test_memory_that_runs_out(tmp_path: Path, stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (20, 20)).save(tmp_path / "x.png")

    def fail(*_: object) -> Pixels:
        raise MemoryError

    monkeypatch.setattr(Stylizer, "stylize", fail)
    with pytest.raises(ImageError, match=r"not enough memory for .*x\.png; make it smaller"):
        stylize_file(stylizer, Job(tmp_path / "x.png", tmp_path / "y.png"), "plain")
    assert not (tmp_path / "y.png").exists()
