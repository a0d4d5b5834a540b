"""examples/album.py, examples/notebook_cell.py, and the table of all examples."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_runtime import Look, Stylizer, read_picture, write_picture
from nst_runtime.pictures.arrays import resize, resize_short_side

from .running import EXAMPLES, Pixels, Run


def test_the_album(run: Run, tmp_path: Path, photo: Pixels, stylizer: Stylizer) -> None:
    names = [f"{letter}.png" for letter in "abcdefg"]
    pictures = [np.roll(photo, 9 * turn, axis=1) for turn in range(7)]
    for name, picture in zip(names, pictures, strict=True):
        write_picture(tmp_path / "in" / name, picture)
    for bad in ("a0.jpg", "c2.jpg"):
        (tmp_path / "in" / bad).write_text("text")
    write_picture(tmp_path / "out" / "a.png", photo)  # of another look
    result = run("album.py", "in", "out")
    assert result.code == 1
    assert result.out.decode().split() == [str(Path("out", name)) for name in (*names, "contact-sheet.jpg")]
    told = result.err.splitlines()
    assert [line.split(" is ")[0] for line in told] == [str(Path("in", bad)) for bad in ("a0.jpg", "c2.jpg")]
    look = Look({"waves": 0.6, "klee": 0.4}, strength=0.8, colors=0.5)
    look = look.with_statistics(stylizer.measure(pictures[0], look))
    wanted = [stylizer.stylize(picture, look) for picture in pictures]
    for name, picture in zip(names, wanted, strict=True):
        np.testing.assert_array_equal(read_picture(tmp_path / "out" / name).rgb, picture)

    sheet = read_picture(tmp_path / "out" / "contact-sheet.jpg").rgb.astype(int)
    assert sheet.shape == (2 * 200 + 4, 5 * 200 + 4 * 4, 3)
    for place, picture in enumerate(wanted):
        top, left = place // 5 * 204, place % 5 * 204
        middle = resize(np.ascontiguousarray(picture[:, 12:84]), 200, 200)
        assert abs(sheet[top : top + 200, left : left + 200] - middle).mean() < 3, place
    assert sheet[208:, 2 * 204 + 4 :].min() > 250


def test_refusals_of_the_album(run: Run, tmp_path: Path, photo: Pixels) -> None:
    write_picture(tmp_path / "in" / "contact-sheet.jpg", photo)
    result = run("album.py", "in", "out")
    assert (result.code, result.out) == (1, b"")
    assert result.err == "error: in has a picture called contact-sheet.jpg, as the sheet will be; rename it\n"
    assert not (tmp_path / "out").exists()
    missing = run("album.py", "nowhere", "out")
    assert (missing.code, missing.err) == (1, "error: no picture or folder at nowhere\n")


def test_the_cell_shows_three_strengths(run: Run, tmp_path: Path, photo: Pixels, stylizer: Stylizer) -> None:
    write_picture(tmp_path / "photo.png", photo)
    result = run("notebook_cell.py", "photo.png", "klee", "three.png")
    assert (result.code, result.out, result.err) == (0, b"", "")
    three, small = np.asarray(Image.open(tmp_path / "three.png")), resize_short_side(photo, 320)
    assert three.shape == (320, 3 * 427 + 2 * 4, 3)
    for place, strength in enumerate((0.5, 1, 1.5)):
        part = three[:, place * 431 : place * 431 + 427]
        np.testing.assert_array_equal(part, stylizer.stylize(small, Look("klee", strength=strength)))
    assert (three[:, 427:431] == 255).all()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("photo.png", "klee", "three.png"), "error: no picture at photo.png\n"),
        (("photo.png",), "usage: python notebook_cell.py PHOTO STYLE OUT\n"),
    ],
)
def test_refusals_of_the_cell(run: Run, arguments: tuple[str, ...], error: str) -> None:
    result = run("notebook_cell.py", *arguments)
    assert (result.code, result.err) == (1, error)


def test_the_table_has_every_example_and_its_command() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\S+)\]\((\S+)\): [^|]+ \| `([^`]+)` \|$", text, re.MULTILINE)
    assert sorted(name for name, _, _ in rows) == sorted(path.name for path in EXAMPLES.glob("*.py"))
    for name, link, command in rows:
        assert (link, shlex.split(command)[:2]) == (name, ["python", f"examples/{name}"])
        head = (EXAMPLES / name).read_text(encoding="utf-8").split('"""')[1]
        assert command in head, f"the head of {name} has another command"
