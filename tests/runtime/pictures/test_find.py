from pathlib import Path

import numpy as np
import pytest

from nst_runtime.errors import ImageError
from nst_runtime.pictures.read import READ_SUFFIXES, list_pictures
from nst_runtime.pictures.write import encode_picture

PNG = encode_picture(np.zeros((2, 2, 3), np.uint8), "png")


def test_pictures_are_told_by_suffix_or_where_there_is_none_by_content(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "c.txt", ".hidden.png", "._b.JPG", "noise", "e.avif", "f.HEIC", "g.jxl", "h.jpe"):
        (tmp_path / name).write_text("no picture")
    (tmp_path / "photo").write_bytes(PNG)
    (tmp_path / "d.txt").write_bytes(PNG)
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    found = [path.name for path in list_pictures(tmp_path)]
    assert found == ["a.png", "b.JPG", "e.avif", "f.HEIC", "g.jxl", "h.jpe", "photo"]
    assert {".heic", ".jp2", ".jfif", ".jpe"} < set(READ_SUFFIXES)


def test_subfolders_are_searched_when_asked_for(tmp_path: Path) -> None:
    for name in ("b.png", "a/z.png", "a/b/c.png", ".hidden/d.png", "elsewhere/e.png"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(PNG)
    (tmp_path / "in" / "elsewhere").rename(tmp_path / "elsewhere")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "a" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "one.png").symlink_to(tmp_path / "elsewhere" / "e.png")
    found = [str(path.relative_to(tmp_path / "in")) for path in list_pictures(tmp_path / "in", recursive=True)]
    assert found == ["a/b/c.png", "a/z.png", "b.png", "one.png"]
    assert [path.name for path in list_pictures(tmp_path / "in")] == ["b.png", "one.png"]


def test_folders_that_cannot_be_listed(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    with pytest.raises(ImageError, match="no folder"):
        list_pictures(tmp_path / "nowhere")
    with pytest.raises(ImageError, match="is a file, not a folder"):
        list_pictures(tmp_path / "a.png")
