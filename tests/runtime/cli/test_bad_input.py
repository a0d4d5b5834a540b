"""Bad input on the command line: a line on stderr, exit code 1, nothing lost and nothing half-written."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_runtime.pictures.read import read_picture

from ..running import Run, check_refusal, clean_environment, error_and_hint, in_a_small_disk

PROGRAM = (sys.executable, "-m", "nst_runtime")


@pytest.fixture
def photo_png(tmp_path: Path) -> Path:
    """A picture of 40×30 pixels: left black, right white."""
    pixels = np.zeros((30, 40, 3), np.uint8)
    pixels[:, 20:] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def negative(pack: Path) -> tuple[str, str, str, str]:
    return "--style", "negative", "--pack", str(pack)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1), (15, 20_000)])
def test_too_narrow(run: Run, tmp_path: Path, fake_pack: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size).save(tmp_path / "a.png")
    line = check_refusal(run("stylize", "a.png", "o.png", *negative(fake_pack)))
    assert line == f"a.png: a picture of {size[0]}×{size[1]} pixels is too small; both sides need at least 16"
    assert names(tmp_path) == ["a.png"]


@pytest.mark.parametrize("turned", [False, True])
def test_sides_of_40_000_pixels(run: Run, tmp_path: Path, fake_pack: Path, turned: bool) -> None:
    pixels = np.zeros((64, 40_000, 3), np.uint8)
    pixels[:, 20_000:] = 255
    Image.fromarray(pixels.transpose(1, 0, 2) if turned else pixels).save(tmp_path / "a.png")
    assert run("stylize", "a.png", "o.png", "--stroke-size", "full", *negative(fake_pack)).code == 0
    result = read_picture(tmp_path / "o.png").rgb
    assert np.array_equal(result.transpose(1, 0, 2) if turned else result, 255 - pixels)
    line = check_refusal(run("stylize", "a.png", "o.webp", *negative(fake_pack)))
    shown = "64×40000" if turned else "40000×64"
    assert line == f"o.webp: WEBP holds at most 16383 pixels a side, not {shown}; write a .png"
    assert names(tmp_path) == ["a.png", "o.png"]


@pytest.mark.parametrize(
    "target", ["a.png", "link.png", "hard.png", "below/../a.png", "round/a.png", "./round/./a.png"]
)
def test_an_output_that_is_the_input(run: Run, photo_png: Path, fake_pack: Path, target: str) -> None:
    folder, before = photo_png.parent, photo_png.read_bytes()
    (folder / "link.png").symlink_to("a.png")
    (folder / "hard.png").hardlink_to(photo_png)
    (folder / "below").mkdir()
    (folder / "round").symlink_to(folder)
    line = check_refusal(run("stylize", "a.png", target, *negative(fake_pack)))
    assert line == f"{target} is the picture that is read; give another name to write to"
    assert photo_png.read_bytes() == before
    assert (folder / "link.png").is_symlink()


def test_an_output_that_is_the_input_by_other_case(run: Run, photo_png: Path, fake_pack: Path) -> None:
    if not photo_png.with_name("A.PNG").exists():
        pytest.skip("A.PNG is another file than a.png here")
    line = check_refusal(run("stylize", "a.png", "A.PNG", *negative(fake_pack)))
    assert "A.PNG is the picture that is read" in line


@pytest.mark.parametrize("target", [".", "below/..", "round"])
def test_an_output_folder_that_is_the_input_folder(run: Run, photo_png: Path, fake_pack: Path, target: str) -> None:
    folder, before = photo_png.parent, photo_png.read_bytes()
    (folder / "below").mkdir()
    (folder / "round").symlink_to(folder)
    line = check_refusal(run("stylize", ".", f"{target}/", *negative(fake_pack)))
    assert line == f"{target}/ is the folder of the pictures themselves; give another folder to write to"
    line = check_refusal(run("stylize", "a.png", f"{target}/", "--overwrite", *negative(fake_pack)))
    assert "give another" in line
    assert photo_png.read_bytes() == before


@pytest.mark.parametrize(("second", "become"), [("a.png", "both become"), ("A.png", "one file on many systems")])
def test_one_output_for_two_inputs(run: Run, photo_png: Path, fake_pack: Path, second: str, become: str) -> None:
    folder = photo_png.parent / "other"
    folder.mkdir()
    (folder / second).write_bytes(photo_png.read_bytes())
    line = check_refusal(run("stylize", "a.png", folder / second, "out", *negative(fake_pack)))
    assert become in line
    assert line.endswith("rename one, or write them to two folders")
    assert not (photo_png.parent / "out").exists()


def test_a_full_disk_with_room_again(fake_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, side in {"a": 60, "b": 200, "c": 60}.items():
        Image.new("RGB", (side, side)).save(tmp_path / "in" / f"{name}.bmp")
    program = f"{sys.executable} -m nst_runtime stylize in disk/out {' '.join(negative(fake_pack))}"
    again = f"echo $?; ls -A disk/out; echo again; mount -o remount,size=1m disk && {program}; echo $?; ls -A disk/out"
    done = in_a_small_disk(f"{program}; {again}", tmp_path)
    first, second = done.stdout.split("again\n")
    assert first.split() == ["disk/out/a.bmp", "1", "a.bmp"]
    assert second.split() == ["disk/out/b.bmp", "disk/out/c.bmp", "0", "a.bmp", "b.bmp", "c.bmp"]
    assert done.stderr.splitlines()[:2] == [
        "error: 2 of 3 pictures were not stylised",
        "  cannot write disk/out/b.bmp: the disk is full; free some space or choose another folder",
    ]


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_the_standard_output(fake_pack: Path, tmp_path: Path, unbuffered: str) -> None:
    Image.new("RGB", (200, 200)).save(tmp_path / "a.bmp")
    program = f"PYTHONUNBUFFERED={unbuffered} {sys.executable} -m nst_runtime stylize a.bmp -"
    done = in_a_small_disk(f"{program} --format .bmp {' '.join(negative(fake_pack))} >disk/out.bmp", tmp_path)
    assert done.returncode == 1
    assert error_and_hint(done.stderr) == (
        "cannot write the results: No space left on device; free some space, or send them elsewhere"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="limits are Unix's")
def test_a_file_that_may_not_be_so_large(fake_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, side in {"a": 20, "b": 200, "c": 20}.items():
        Image.new("RGB", (side, side)).save(tmp_path / "in" / f"{name}.bmp")
    done = limited(tmp_path, "RLIMIT_FSIZE", 50_000, "in", "out", *negative(fake_pack))
    assert (done.returncode, done.stdout.split()) == (1, ["out/a.bmp", "out/c.bmp"])
    assert done.stderr.splitlines() == [
        "error: 1 of 3 pictures was not stylised",
        "  cannot write out/b.bmp: File too large",
    ]
    assert names(tmp_path / "out") == ["a.bmp", "c.bmp"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to the limit")
def test_memory_that_runs_out(fake_pack: Path, tmp_path: Path) -> None:
    Image.new("RGB", (9000, 7000)).save(tmp_path / "a.png")
    (tmp_path / "o.png").write_bytes(b"precious")
    done = limited(tmp_path, "RLIMIT_AS", 600_000_000, "a.png", "o.png", *negative(fake_pack))
    assert (done.returncode, done.stdout) == (1, "")
    assert error_and_hint(done.stderr) == "not enough memory to read a.png; make it smaller"
    assert (tmp_path / "o.png").read_bytes() == b"precious"
    assert names(tmp_path) == ["a.png", "o.png"]


def limited(folder: Path, limit: str, value: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run ``stylize`` in `folder` under a `limit` of the operating system."""
    code = f"import resource, runpy; resource.setrlimit(resource.{limit}, ({value}, {value}))"
    start = f"{code}; runpy.run_module('nst_runtime', run_name='__main__')"
    command = [sys.executable, "-c", start, "stylize", *arguments]
    environment = clean_environment(OPENBLAS_NUM_THREADS="1")
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_a_picture(photo_png: Path, fake_pack: Path, unbuffered: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)  # more than a pipe takes
    Image.fromarray(pixels).save(photo_png)
    command = [*PROGRAM, "stylize", "a.png", "-", "--format", ".bmp", *negative(fake_pack)]
    environment, pipe = clean_environment(PYTHONUNBUFFERED=unbuffered), subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, cwd=photo_png.parent, env=environment) as process:
        assert process.stdout
        assert process.stderr
        assert len(os.read(process.stdout.fileno(), 10)) == 10
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_a_reader_that_left_a_list_of_paths(photo_png: Path, fake_pack: Path) -> None:
    folder = photo_png.parent
    (folder / "b.png").write_bytes(photo_png.read_bytes())
    reader, writer = os.pipe()
    os.close(reader)
    command = [*PROGRAM, "stylize", "a.png", "b.png", "out/", *negative(fake_pack)]
    done = subprocess.run(command, cwd=folder, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")
    assert set(names(folder / "out")) <= {"a.png", "b.png"}
    again = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert again.returncode == 0
    assert names(folder / "out") == ["a.png", "b.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="shells there close no streams")
@pytest.mark.parametrize(
    ("redirection", "message"),
    [
        ("<&-", "- is a standard stream that is closed here; give the name of a file"),
        ("</dev/null", "the standard input is empty (0 bytes); send a picture to it: < photo.jpg"),
    ],
)
def test_a_standard_input_without_a_picture(photo_png: Path, fake_pack: Path, redirection: str, message: str) -> None:
    folder = photo_png.parent
    (folder / "o.png").write_bytes(b"precious")
    done = in_a_shell(folder, f"stylize - o.png {' '.join(negative(fake_pack))} {redirection}")
    assert done.returncode == 1
    assert error_and_hint(done.stderr.decode()) == message
    assert (folder / "o.png").read_bytes() == b"precious"


@pytest.mark.skipif(sys.platform == "win32", reason="shells there close no streams")
def test_without_stderr_nothing_goes_into_the_picture(photo_png: Path, fake_pack: Path) -> None:
    refused = in_a_shell(photo_png.parent, f"stylize none.png - {' '.join(negative(fake_pack))} 2>&-")
    assert (refused.returncode, refused.stdout) == (1, b"")
    done = in_a_shell(photo_png.parent, f"stylize a.png - {' '.join(negative(fake_pack))} 2>&-")
    assert (done.returncode, done.stdout[:8]) == (0, b"\x89PNG\r\n\x1a\n")


def in_a_shell(folder: Path, arguments: str) -> "subprocess.CompletedProcess[bytes]":
    command = f"{sys.executable} -m nst_runtime {arguments}"
    return subprocess.run(command, shell=True, cwd=folder, env=clean_environment(), capture_output=True, check=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read(run: Run, photo_png: Path, fake_pack: Path) -> None:
    locked = photo_png.parent / "locked"
    locked.mkdir()
    photo_png.rename(locked / "a.png")
    locked.chmod(0)
    try:
        line = check_refusal(run("stylize", "locked", "out", *negative(fake_pack)))
        assert "locked" in line
        assert not (photo_png.parent / "out").exists()
    finally:
        locked.chmod(0o755)


def test_libraries_say_nothing_beside_the_error(photo_png: Path, fake_pack: Path) -> None:
    """Pillow logs an error for a TIFF of too many samples a pixel, which Python would print."""
    path = photo_png.with_suffix(".tif")
    Image.open(photo_png).save(path)
    samples = b"\x15\x01\x03\0\x01\0\0\0\x03\0"
    data = path.read_bytes()
    assert samples in data
    path.write_bytes(data.replace(samples, samples[:-2] + b"\xff\xff"))
    command = [*PROGRAM, "stylize", path.name, "o.png", *negative(fake_pack)]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "is damaged or cut off" in error_and_hint(done.stderr)
