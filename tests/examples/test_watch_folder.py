"""examples/watch_folder.py makes what comes, when all of it is there, and goes on after bad files."""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nst_runtime import Stylizer, read_picture, write_picture
from nst_runtime.pictures.formats import READABLE
from nst_runtime.pictures.write import encode_picture

from .running import Pixels, Run, Start


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def test_once_makes_what_is_there_and_not_again(run: Run, folder: Path, photo: Pixels, stylizer: Stylizer) -> None:
    write_picture(folder / "a.png", photo)
    (folder / "b.ppm").write_bytes(b"P6 96 72 255\n" + photo.tobytes())
    (folder / "notes.txt").write_text("not for the watcher")
    (folder / "bad.jpg").write_text("text")
    out = folder.parent / "out"
    first = run("watch_folder.py", "in", "out", "--style", "waves", "--once")
    assert first.code == 1
    assert first.out.decode().split() == [str(Path("out", name)) for name in ("a.png", "b.ppm.png")]
    assert first.err == f"{Path('in', 'bad.jpg')} is not a picture that can be read; {READABLE}\n"
    for name in ("a.png", "b.ppm.png"):
        np.testing.assert_array_equal(read_picture(out / name).rgb, stylizer.stylize(photo, "waves"))

    (folder / "bad.jpg").unlink()
    write_picture(folder / "a.png", photo[::-1])  # newer than its result; b.ppm is not
    os.utime(out / "a.png", (1, 1))
    again = run("watch_folder.py", "in", "out", "--style", "klee", "--once")
    assert (again.code, again.out.decode(), again.err) == (0, f"{Path('out', 'a.png')}\n", "")
    np.testing.assert_array_equal(read_picture(out / "a.png").rgb, stylizer.stylize(photo[::-1], "klee"))
    np.testing.assert_array_equal(read_picture(out / "b.ppm.png").rgb, stylizer.stylize(photo, "waves"))


@pytest.mark.skipif(sys.platform != "linux", reason="a name that is not text; Ctrl-C for one process")
def test_what_comes_later_is_made_when_it_has_stopped_growing(
    start: Start, folder: Path, photo: Pixels, stylizer: Stylizer
) -> None:
    write_picture(folder / os.fsdecode(b"\xff.png"), photo)
    program = start("watch_folder.py", "in", "out", "--style", "waves")
    assert program.stdout is not None
    assert program.stdout.readline() == b"out/\\udcff.png\n"

    data, late = encode_picture(photo, "png"), folder / "late.png"
    (folder / "bad.jpg").write_text("text")
    with late.open("wb", buffering=0) as stream:
        for part in range(8):  # for two looks and more, it is larger at each
            stream.write(data[part * len(data) // 8 : (part + 1) * len(data) // 8])
            time.sleep(0.3)
            assert not (folder.parent / "out" / "late.png").exists()
    assert program.stdout.readline() == b"out/late.png\n"
    np.testing.assert_array_equal(
        read_picture(folder.parent / "out" / "late.png").rgb, stylizer.stylize(photo, "waves")
    )

    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=30)
    assert (program.returncode, out) == (130, b"")
    assert err.decode() == f"in/bad.jpg is not a picture that can be read; {READABLE}\n"  # and nothing of the half one
    assert sorted(path.name for path in (folder.parent / "out").iterdir()) == ["late.png", os.fsdecode(b"\xff.png")]


def test_refusals(run: Run, folder: Path) -> None:
    wrong = run("watch_folder.py", "in", "out", "--style", "wave", "--once")
    assert (wrong.code, wrong.out) == (1, b"")
    assert wrong.err.startswith("error: no style 'wave'; there are ") and wrong.err.count("\n") == 1
    missing = run("watch_folder.py", "nowhere", "out", "--style", "waves")
    assert (missing.code, missing.err) == (1, "error: no folder nowhere\n")
    same = run("watch_folder.py", "in", folder, "--style", "waves")
    assert (same.code, same.err.splitlines()[-1].partition(": error: ")[2]) == (
        2,
        "OUT is IN itself: results would be stylised again",
    )
