"""`nst-runtime stylize` as a person meets it: exit codes, one line for every fault, files intact."""

import errno
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageSequence

from nst_runtime import Stylizer
from nst_runtime.inference.sessions import Session
from nst_runtime.pictures.formats import READABLE
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

from ..running import Run, check_refusal, error_and_hint, hear_ctrl_c, in_a_small_disk

Pixels = npt.NDArray[np.uint8]


@pytest.fixture
def picture(tmp_path: Path, photo: Pixels) -> Path:
    write_picture(tmp_path / "photo.png", photo)
    return tmp_path / "photo.png"


def test_stylize_a_file(run: Run, picture: Path, fake_pack: Path, photo: Pixels, stylizer: Stylizer) -> None:
    target = picture.parent / "new" / "out.png"
    result = run("stylize", picture, target, "--style", "swapped", "--pack", fake_pack, "--threads", 1)
    assert (result.code, result.out, result.err) == (0, f"{target}\n", "")
    np.testing.assert_array_equal(read_picture(target).rgb, stylizer.stylize(photo, "swapped"))


def test_a_style_by_its_file(run: Run, picture: Path, fake_pack: Path, photo: Pixels, stylizer: Stylizer) -> None:
    shutil.copy(fake_pack / "styles" / "negative.safetensors", "mine.safetensors")
    assert run("stylize", picture, "o.png", "--style", "mine.safetensors", "--pack", fake_pack).code == 0
    np.testing.assert_array_equal(read_picture(Path("o.png")).rgb, stylizer.stylize(photo, "negative"))


def test_a_hidden_style_is_told_when_its_name_is_used(run: Run, picture: Path, fake_pack: Path) -> None:
    Path("workspace/styles").mkdir(parents=True)
    for name in ("negative", "swapped"):
        shutil.copy(fake_pack / "styles" / f"{name}.safetensors", "workspace/styles")
    result = run("stylize", picture, "o.png", "--style", "negative", "--pack", fake_pack)
    assert (result.code, result.out) == (0, "o.png\n")
    assert result.err == (
        "note: workspace/styles/negative.safetensors is hidden by the pack's style negative; give its path to use it\n"
    )


def test_stdout_may_be_closed(picture: Path, fake_pack: Path) -> None:
    target = picture.parent / "out.png"
    arguments = ("stylize", picture, target, "--style", "plain", "--pack", fake_pack)
    command = " ".join(map(shlex.quote, (sys.executable, "-m", "nst_runtime", *map(str, arguments))))
    result = subprocess.run(f"{command} >&-", shell=True, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert read_picture(target).rgb.shape == (37, 50, 3)
    closed = subprocess.run(
        f"{command.replace(str(target), '-')} >&-", shell=True, capture_output=True, text=True, check=False
    )
    assert (closed.returncode, closed.stderr.splitlines()[0]) == (
        1,
        "error: - is a standard stream that is closed here",
    )


def test_a_bad_picture_stops_none_of_the_others(run: Run, tmp_path: Path, fake_pack: Path) -> None:
    Path("in").mkdir()
    for name, size in {"a.png": (16, 16), "c.gif": (50, 20), "d.png": (9, 9)}.items():
        Image.new("RGB", size).save(Path("in") / name)
    Path("in/b.jpg").write_text("text")
    arguments = ("stylize", "in", "out", "--style", "plain", "--pack", fake_pack)
    result = run(*arguments)
    assert (result.code, result.out) == (1, "out/a.png\nout/c.gif.png\n")
    assert result.err.splitlines() == [
        "error: 2 of 4 pictures were not stylised",
        f"  in/b.jpg is not a picture that can be read; {READABLE}",
        "  in/d.png: a picture of 9×9 pixels is too small; both sides need at least 16",
    ]
    lines = [json.loads(line) for line in run(*arguments, "--json").out.splitlines()]
    assert [(line["source"], line["result"]) for line in lines] == [
        ("in/b.jpg", "error"), ("in/d.png", "error"), ("in/a.png", "skipped"), ("in/c.gif", "skipped"),
    ]  # fmt: skip
    assert lines[0]["message"] == "in/b.jpg is not a picture that can be read"
    assert lines[0]["hint"] == READABLE
    assert lines[2]["target"] == "out/a.png"
    Path("in/b.jpg").unlink()
    Path("in/d.png").unlink()
    again = [json.loads(line) for line in run(*arguments, "--json", "--overwrite").out.splitlines()]
    assert again[1].pop("seconds") > 0
    assert again[1] == {
        "source": "in/c.gif", "target": "out/c.gif.png", "result": "made", "message": "", "hint": "", "notes": [],
        "size": [50, 20], "dry_run": False,
    }  # fmt: skip


def test_notes_are_said_once(run: Run, fake_pack: Path) -> None:
    Path("in").mkdir()
    frames = [Image.new("L", (16, 16), grey) for grey in (0, 200)]
    for name in ("a.gif", "b.gif", "c.gif"):
        frames[0].save(Path("in") / name, save_all=True, append_images=frames[1:])
    arguments = ("stylize", "in", "out", "--style", "plain", "--pack", fake_pack)
    assert run(*arguments).err.splitlines() == [
        "note: in/a.gif: an animation, of which only the first frame is used; .gif, .webp and .apng hold all",
        "note: and 2 more: an animation, of which only the first frame is used; .gif, .webp and .apng hold all",
    ]
    written = [json.loads(line) for line in run(*arguments, "--json", "--overwrite").out.splitlines()]
    assert [entry["notes"] for entry in written] == [
        ["an animation, of which only the first frame is used; .gif, .webp and .apng hold all"]
    ] * 3


def test_what_a_picture_says_about_itself_goes_along(run: Run, fake_pack: Path) -> None:
    exif = Image.Exif()
    exif[0x013B] = "A. Painter"
    Image.new("RGB", (16, 16)).save("in.jpg", exif=exif, dpi=(200, 200))
    assert run("stylize", "in.jpg", "out.jpg", "--style", "plain", "--pack", fake_pack).code == 0
    with Image.open("out.jpg") as image:
        assert (image.getexif()[0x013B], image.info["dpi"]) == ("A. Painter", (200, 200))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.jpg", None, "no picture or folder at "),
        ("empty.jpg", b"", "is empty (0 bytes)"),
        ("text.jpg", b"just a text", "is not a picture that can be read"),
        ("cut.png", "cut", "is damaged or cut off"),
        ("small.png", "small", "a picture of 15×40 pixels is too small; both sides need at least 16"),
        (
            "bomb.png",
            "bomb",
            "over the limit of 64000000; make it smaller, or, if you trust it, raise --max-pixels to 64008000",
        ),
    ],
)
def test_bad_pictures(
    run: Run, tmp_path: Path, fake_pack: Path, name: str, content: bytes | str | None, message: str
) -> None:
    source, target = tmp_path / name, tmp_path / "out.png"
    target.write_bytes(b"precious")
    if content == "cut":
        Image.effect_noise((64, 64), 50).save(source)
        source.write_bytes(source.read_bytes()[:1000])
    elif content == "small":
        Image.new("RGB", (15, 40)).save(source)
    elif content == "bomb":
        Image.new("1", (8001, 8000)).save(source)
    elif isinstance(content, bytes):
        source.write_bytes(content)
    line = check_refusal(run("stylize", source, target, "--style", "plain", "--pack", fake_pack))
    assert message in line
    assert name in line
    assert target.read_bytes() == b"precious"


def test_max_pixels(run: Run, picture: Path, fake_pack: Path) -> None:
    arguments = ("stylize", picture, picture.parent / "o.png", "--style", "plain", "--pack", fake_pack, "--max-pixels")
    assert "raise --max-pixels to 1850" in check_refusal(run(*arguments, 1849))
    assert run(*arguments, 1850).code == 0


def test_a_size_that_the_format_lacks_is_told_before_anything_is_computed(
    run: Run, fake_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compute(*_: object) -> None:
        raise AssertionError("computed in vain")

    monkeypatch.setattr(Session, "run", compute)
    Image.new("L", (17000, 16)).save("wide.png")
    line = check_refusal(run("stylize", "wide.png", "o.webp", "--style", "plain", "--pack", fake_pack))
    assert "o.webp: WEBP holds at most 16383 pixels a side" in line


@pytest.mark.parametrize("target", ["out", "out.gif", "photo.png/below.png"])
def test_bad_targets(run: Run, picture: Path, fake_pack: Path, target: str) -> None:
    before = picture.read_bytes()
    line = check_refusal(run("stylize", picture, picture.parent / target, "--style", "plain", "--pack", fake_pack))
    assert "cannot write" in line
    assert [path.name for path in picture.parent.iterdir()] == ["photo.png"]
    assert picture.read_bytes() == before


@pytest.mark.parametrize(("number", "message"), [(errno.ENOSPC, "the disk is full"), (errno.EACCES, "no permission")])
def test_faults_of_the_disk(
    run: Run, picture: Path, fake_pack: Path, monkeypatch: pytest.MonkeyPatch, number: int, message: str
) -> None:
    target = picture.parent / "out.png"
    target.write_bytes(b"precious")

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    result = run("stylize", picture, target, "--style", "plain", "--pack", fake_pack)
    assert f"cannot write {target}: {message}" in check_refusal(result)
    assert target.read_bytes() == b"precious"
    assert sorted(path.name for path in picture.parent.iterdir()) == ["out.png", "photo.png"]


def test_a_disk_that_really_is_full(fake_pack: Path, tmp_path: Path) -> None:
    Image.new("RGB", (200, 200)).save(tmp_path / "photo.png")
    program = f"{sys.executable} -m nst_runtime stylize photo.png disk/out.bmp --style plain --pack {fake_pack}"
    done = in_a_small_disk(f"printf precious >disk/out.bmp; {program}; c=$?; ls -A disk; cat disk/*; exit $c", tmp_path)
    assert (done.returncode, done.stdout) == (1, "out.bmp\nprecious")
    assert error_and_hint(done.stderr) == (
        "cannot write disk/out.bmp: the disk is full; free some space or choose another folder"
    )


def test_a_full_disk_ends_a_folder(fake_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a", "b", "c", "d"):
        Image.new("RGB", (100, 100)).save(tmp_path / "in" / f"{name}.bmp")
    program = f"{sys.executable} -m nst_runtime stylize in disk/out --style plain --pack {fake_pack}"
    done = in_a_small_disk(program, tmp_path)
    assert (done.returncode, done.stdout) == (1, "disk/out/a.bmp\ndisk/out/b.bmp\n")
    assert done.stderr.splitlines() == [
        "error: 2 of 4 pictures were not stylised",
        "  cannot write disk/out/c.bmp: the disk is full; free some space or choose another folder",
    ]


def damage(pack: Path, kind: str) -> None:
    style, manifest = pack / "styles" / "negative.safetensors", pack / "pack.json"
    if kind == "style cut":
        style.write_bytes(style.read_bytes()[:-5])
    elif kind == "style edited":
        style.write_bytes(style.read_bytes().replace(b"Fake", b"Cake"))
    elif kind == "style gone":
        style.unlink()
    elif kind == "decoder cut":
        (pack / "decoder.direct.onnx").write_bytes(b"")
    elif kind == "pack cut":
        manifest.write_bytes(manifest.read_bytes()[:-5])
    elif kind == "newer":
        manifest.write_text(manifest.read_text().replace('"format_version": 2', '"format_version": 3'))
    elif kind == "gone":
        manifest.unlink()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("style cut", "styles/negative.safetensors is damaged or was changed"),
        ("style edited", "styles/negative.safetensors is damaged or was changed"),
        ("style gone", "lacks its file styles/negative.safetensors"),
        ("decoder cut", "decoder.direct.onnx is damaged or was changed"),
        ("pack cut", "pack.json is not valid JSON"),
        ("newer", "is of the newer format 3; this version reads 2; upgrade with pip install -U nst-stylebank"),
        ("gone", "no style pack at "),
    ],
)
def test_bad_packs(run: Run, picture: Path, pack_copy: Path, kind: str, message: str) -> None:
    damage(pack_copy, kind)
    target = picture.parent / "out.png"
    target.write_bytes(b"precious")
    line = check_refusal(run("stylize", picture, target, "--style", "negative", "--pack", pack_copy))
    assert message in line
    assert target.read_bytes() == b"precious"


def test_an_unknown_style(run: Run, picture: Path, fake_pack: Path) -> None:
    line = check_refusal(run("stylize", picture, picture.parent / "o.png", "--style", "negativ", "--pack", fake_pack))
    assert "no style 'negativ'; there are negative, swapped; did you mean 'negative'?" in line


def test_a_device_that_is_not_there(run: Run, picture: Path, fake_pack: Path) -> None:
    line = check_refusal(
        run("stylize", picture, "o.png", "--style", "plain", "--pack", fake_pack, "--device", "webgpu")
    )
    assert "does not have the device webgpu; it has cpu" in line


def test_a_device_that_does_not_start_is_told_once(
    run: Run, picture: Path, fake_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stylizer, "note", "cuda does not start (no driver): cpu computes")
    shutil.copy(picture, picture.parent / "second.png")
    result = run("stylize", picture, "second.png", "out", "--style", "plain", "--pack", fake_pack)
    assert (result.out, result.err) == (
        "out/photo.png\nout/second.png\n",
        "note: cuda does not start (no driver): cpu computes\n",
    )


def test_nothing_is_written_but_the_picture(picture: Path, fake_pack: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "nst_runtime", "stylize", picture.name, "o.png", "--style", "plain"]
    done = subprocess.run(
        [*command, "--pack", str(fake_pack)], cwd=tmp_path, capture_output=True, check=False, env=environment
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"o.png\n", b"")
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["home", "o.png", "photo.png"]


def test_ctrl_c(fake_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for index in range(3000):
        (tmp_path / "in" / f"{index:04}.bmp").hardlink_to(_large_picture(tmp_path))
    command = [sys.executable, "-m", "nst_runtime", "stylize", "in", "out", "--style", "plain"]
    with subprocess.Popen(
        [*command, "--pack", str(fake_pack)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        preexec_fn=hear_ctrl_c,  # noqa: PLW1509 (it only sets a signal)
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "out/0000.bmp\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "interrupted\n")
    written = list((tmp_path / "out").iterdir())
    assert 1 <= len(written) < 3000
    assert {path.suffix for path in written} == {".bmp"}
    assert {path.stat().st_size for path in written} == {(tmp_path / "large.bmp").stat().st_size}


def _large_picture(folder: Path) -> Path:
    path = folder / "large.bmp"
    if not path.exists():
        write_picture(path, np.zeros((200, 200, 3), np.uint8))
    return path


def test_a_dry_run_says_what_would_be_and_writes_nothing(run: Run, fake_pack: Path) -> None:
    Path("in").mkdir()
    for name, side in (("a.png", 16), ("b.png", 9), ("c.png", 20)):
        Image.new("RGB", (side, side)).save(Path("in") / name)
    arguments = ("stylize", "in", "out", "--style", "plain", "--pack", fake_pack)
    result = run(*arguments, "--dry-run")
    assert (result.code, result.out) == (1, "out/a.png\nout/c.png\n")
    assert "in/b.png: a picture of 9×9 pixels is too small" in result.err
    assert not Path("out").exists()
    assert run("stylize", "in/a.png", "o.png", "--style", "none", "--pack", fake_pack, "--dry-run").code == 1
    assert run("stylize", "in/b.png", "o.png", "--style", "plain", "--pack", fake_pack, "--dry-run").code == 1


def test_how_results_are_written(run: Run, fake_pack: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x013B] = "A. Painter"
    for quality in (50, 90):
        Image.fromarray(noise).save(f"{quality}.jpg", exif=exif, quality=quality)
    arguments = ("--style", "plain", "--pack", fake_pack)
    for name, options in {
        "low": ["50.jpg"],
        "high": ["90.jpg"],
        "set": ["90.jpg", "--quality", "10", "--strip"],
    }.items():
        assert run("stylize", options[0], f"{name}.jpg", *options[1:], *arguments).code == 0
    sizes = [Path(f"{name}.jpg").stat().st_size for name in ("set", "low", "high")]
    assert sizes == sorted(set(sizes))
    painters = []
    for name in ("high", "set"):
        with Image.open(f"{name}.jpg") as image:
            painters.append(image.getexif().get(0x013B))
    assert painters == ["A. Painter", None]
    wrong = error_and_hint(run("stylize", "50.jpg", "o.png", "--quality", "10", *arguments).err)
    assert wrong.startswith(".png has no --quality")


def test_several_at_once_are_the_same_in_the_same_order(run: Run, fake_pack: Path) -> None:
    Path("in").mkdir()
    for place in range(5):
        pixels = np.random.default_rng(place).integers(0, 255, (20, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(f"in/{place}.png")
    arguments = ("--style", "negative", "--pack", fake_pack)
    results = [run("stylize", "in", out, "--jobs", jobs, *arguments) for out, jobs in (("one", 1), ("three", 3))]
    assert [result.out for result in results] == [
        "".join(f"{out}/{n}.png\n" for n in range(5)) for out in ("one", "three")
    ]
    for place in range(5):
        assert Path(f"one/{place}.png").read_bytes() == Path(f"three/{place}.png").read_bytes()


def test_an_animation_stays_one(run: Run, fake_pack: Path) -> None:
    frames = [Image.new("RGB", (16, 16), (grey, grey, grey)) for grey in (0, 200)]
    frames[0].save("in.gif", save_all=True, append_images=frames[1:], duration=70)
    assert run("stylize", "in.gif", "out.webp", "--style", "negative", "--pack", fake_pack).code == 0
    with Image.open("out.webp") as image:
        assert len(list(ImageSequence.Iterator(image))) == 2
