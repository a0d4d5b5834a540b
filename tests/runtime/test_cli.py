"""The program as a person meets it: exit codes, one line for every fault, files intact."""

import errno
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import nst_runtime
from nst_runtime import Stylizer, __version__
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Result:
    """What a program left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run nst-runtime in this process, as its console script does."""

    def call(*arguments: str | Path) -> Result:
        monkeypatch.setattr("sys.argv", ["nst-runtime", *map(str, arguments)])
        code = nst_runtime.main()
        captured = capfd.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def picture(tmp_path: Path, photo: Pixels) -> Path:
    write_picture(tmp_path / "photo.png", photo)
    return tmp_path / "photo.png"


def check_refusal(result: Result, code: int = 1) -> str:
    """Check that the program ended with an error and maybe a hint for the person; return them as "error; hint"."""
    assert result.code == code
    assert result.out == ""
    return error_and_hint(result.err)


def error_and_hint(err: str) -> str:
    """Check that `err` is a line ``error: …`` and maybe a line ``hint: …``; return them as "error; hint"."""
    error, *hints = err.removesuffix("\n").split("\n")
    assert error.startswith("error: ")
    assert len(hints) <= 1
    assert all(hint.startswith("hint: ") for hint in hints)
    return "; ".join([error.removeprefix("error: "), *(hint.removeprefix("hint: ") for hint in hints)])


def test_stylize_a_file(run: Run, picture: Path, fake_pack: Path, photo: Pixels, stylizer: Stylizer) -> None:
    target = picture.parent / "new" / "out.png"
    result = run("stylize", picture, target, "--style", "swapped", "--pack", fake_pack, "--threads", 1)
    assert result == Result(0, f"{target}\n", "")
    np.testing.assert_array_equal(read_picture(target).rgb, stylizer.stylize(photo, "swapped"))


def test_a_missing_folder_is_what_is_blamed(run: Run, tmp_path: Path, fake_pack: Path) -> None:
    (tmp_path / "out").mkdir()
    result = run("stylize", tmp_path / "in", tmp_path / "out", "--style", "plain", "--pack", fake_pack)
    assert check_refusal(result) == f"no picture or folder at {tmp_path / 'in'}"


def test_stdout_may_be_closed(picture: Path, fake_pack: Path) -> None:
    target = picture.parent / "out.png"
    arguments = ("stylize", picture, target, "--style", "plain", "--pack", fake_pack)
    command = " ".join(map(shlex.quote, (sys.executable, "-m", "nst_runtime", *map(str, arguments))))
    result = subprocess.run(f"{command} >&-", shell=True, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert read_picture(target).rgb.shape == (37, 50, 3)


def test_stylize_a_folder(run: Run, tmp_path: Path, fake_pack: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, size in {"a.png": (16, 16), "c.gif": (50, 20), "d.png": (9, 9)}.items():
        Image.new("RGB", size).save(tmp_path / "in" / name)
    (tmp_path / "in" / "b.jpg").write_text("text")
    out = tmp_path / "out"
    arguments = ("stylize", tmp_path / "in", out, "--style", "plain", "--pack", fake_pack)
    result = run(*arguments)
    assert result.code == 1
    assert result.out == f"{out / 'a.png'}\n{out / 'c.gif.png'}\n"
    head, *rest = result.err.splitlines()
    assert head == "nst-runtime: 2 of 4 pictures were not stylised:"
    assert ["b.jpg" in rest[0], "d.png" in rest[1], len(rest)] == [True, True, 2]
    content = json.loads(run(*arguments, "--json").out)
    assert [entry["target"] for entry in content["written"]] == [str(out / "a.png"), str(out / "c.gif.png")]
    assert [entry["source"] for entry in content["failed"]] == [str(tmp_path / "in" / n) for n in ("b.jpg", "d.png")]
    (tmp_path / "in" / "b.jpg").unlink()
    (tmp_path / "in" / "d.png").unlink()
    assert run(*arguments).code == 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.jpg", None, "no picture or folder at "),
        ("empty.jpg", b"", "is empty (0 bytes)"),
        ("text.jpg", b"just a text", "is no picture that can be read"),
        ("cut.png", "cut", "is damaged or cut off"),
        ("small.png", "small", "a picture of 15×40 pixels is too small; both sides need at least 16"),
        (
            "bomb.png",
            "bomb",
            "over the limit of 64000000; make it smaller, or, if you trust it, raise the limit with --max-pixels",
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
    assert "--max-pixels 1850" in check_refusal(run(*arguments, 1849))
    assert run(*arguments, 1850).code == 0


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("", "is a folder; for one picture give a file name, such as "),
        ("out", "cannot write a picture called 'out'; end the name in .png"),
        ("out.gif", "cannot write a picture called 'out.gif'"),
        ("photo.png/below.png", "a part of its path is a file"),
    ],
)
def test_bad_targets(run: Run, picture: Path, fake_pack: Path, target: str, message: str) -> None:
    before = picture.read_bytes()
    result = run("stylize", picture, picture.parent / target, "--style", "plain", "--pack", fake_pack)
    assert message in check_refusal(result)
    assert [path.name for path in picture.parent.iterdir()] == ["photo.png"]
    assert picture.read_bytes() == before


def test_a_folder_onto_itself_or_a_file(run: Run, picture: Path, fake_pack: Path) -> None:
    options = ("--style", "plain", "--pack", fake_pack)
    before = picture.read_bytes()
    line = check_refusal(run("stylize", picture.parent, picture.parent, *options))
    assert "is the folder of the pictures themselves" in line
    assert "is a file; for a folder of pictures" in check_refusal(run("stylize", picture.parent, picture, *options))
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
    script = (
        "mkdir disk && mount -t tmpfs -o size=64k tmpfs disk || exit 77; "
        f"printf precious >disk/out.bmp; {program}; code=$?; ls -A disk; cat disk/out.bmp; exit $code"
    )
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs the program unshare to mount a small disk")
    command = [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=clean_environment())
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("may not mount a small disk here")
    assert (done.returncode, done.stdout) == (1, "out.bmp\nprecious")
    assert error_and_hint(done.stderr) == (
        "cannot write disk/out.bmp: the disk is full; free some space or choose another folder"
    )


def clean_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "NST_TRACEBACK"}


def damage(pack: Path, kind: str) -> None:
    bank, manifest = pack / "banks" / "plain.onnx", pack / "pack.json"
    if kind == "bank cut":
        bank.write_bytes(bank.read_bytes()[:-5])
    elif kind == "bank edited":
        bank.write_bytes(bank.read_bytes().replace(b"Conv", b"Cone"))
    elif kind == "bank gone":
        bank.unlink()
    elif kind == "decoder cut":
        (pack / "decoder.onnx").write_bytes(b"")
    elif kind == "pack cut":
        manifest.write_bytes(manifest.read_bytes()[:-5])
    elif kind == "newer":
        manifest.write_text(manifest.read_text().replace('"format_version": 1', '"format_version": 2'))
    elif kind == "other codec":
        content = json.loads(manifest.read_text())
        content["styles"][1]["codec_sha256"] = "ef" * 32
        manifest.write_text(json.dumps(content))
    elif kind == "gone":
        manifest.unlink()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("bank cut", "banks/plain.onnx is damaged or was changed"),
        ("bank edited", "banks/plain.onnx is damaged or was changed"),
        ("bank gone", "lacks its file banks/plain.onnx"),
        ("decoder cut", "decoder.onnx is damaged or was changed"),
        ("pack cut", "pack.json is not valid JSON"),
        (
            "newer",
            "the pack is of a newer format 2; this nst-runtime reads 1: upgrade with pip install -U nst-stylebank",
        ),
        ("other codec", "was trained for codec efefefefefef"),
        ("gone", "no style pack at "),
    ],
)
def test_bad_packs(run: Run, picture: Path, pack_copy: Path, kind: str, message: str) -> None:
    damage(pack_copy, kind)
    target = picture.parent / "out.png"
    target.write_bytes(b"precious")
    line = check_refusal(run("stylize", picture, target, "--style", "plain", "--pack", pack_copy))
    assert message in line
    assert target.read_bytes() == b"precious"


def test_an_unknown_style(run: Run, picture: Path, fake_pack: Path) -> None:
    line = check_refusal(run("stylize", picture, picture.parent / "o.png", "--style", "negativ", "--pack", fake_pack))
    assert "no style 'negativ' in" in line
    assert "did you mean 'negative'? it has: negative, plain, swapped" in line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("stylize",), "Missing argument 'IN'; see nst-runtime stylize --help"),
        (("stylize", "a.jpg", "b.jpg"), "Missing option '--style'"),
        (("stylize", "a", "b", "--style", "x", "--threads", "0"), "Invalid value for '--threads'"),
        (("stylize", "a", "b", "--style", "x", "--max-pixels", "many"), "Invalid value for '--max-pixels'"),
        (("bench", "--size", "12x"), "'12x' is no size; write 512 or 1920x1080"),
        (("paint",), "No such command 'paint'"),
        (("styles", "--jsn"), "No such option"),
    ],
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...], message: str) -> None:
    assert message in check_refusal(run(*arguments), code=2)


def test_help_and_version(run: Run) -> None:
    assert run("--version") == Result(0, f"nst-runtime {__version__}\n", "")
    help_text = run("stylize", "--help")
    assert help_text.code == 0
    assert "  nst-runtime stylize photos/ stylised/ --style waves --threads 2" in help_text.out
    nothing = run()
    assert (nothing.code, nothing.out) == (2, "")
    assert "Commands:" in nothing.err


def test_styles(run: Run, fake_pack: Path) -> None:
    assert run("styles", "--pack", fake_pack).out.splitlines()[:2] == [
        "NAME      TITLE          ARTIST  YEAR  LICENCE",
        "negative  Fake negative  nobody  2025  Apache-2.0",
    ]
    entries = json.loads(run("styles", "--pack", fake_pack, "--json").out)
    assert [entry["name"] for entry in entries] == ["negative", "plain", "swapped"]
    assert entries[1]["metrics"] == {"mean": 1.0}


def test_titles_do_not_steer_the_terminal(run: Run, pack_copy: Path) -> None:
    manifest = pack_copy / "pack.json"
    manifest.write_text(manifest.read_text().replace("Fake plain", r"\u001b[2Jgone"))
    out = run("styles", "--pack", pack_copy).out
    assert "\x1b" not in out
    assert r"\x1b[2Jgone" in out


def test_info(run: Run, fake_pack: Path) -> None:
    overview = json.loads(run("info", "--pack", fake_pack, "--json").out)
    assert overview["codec_sha256"].startswith("a9fc0cd00cec")
    assert overview["versions"]["nst-runtime"] == __version__
    assert "codec            fake a9fc0cd00cec" in run("info", "--pack", fake_pack).out


def test_bench(run: Run, fake_pack: Path) -> None:
    options = ("bench", "--pack", fake_pack, "--size", "32", "--size", "40x20", "--repeats", 1, "--threads", 1)
    report = json.loads(run(*options, "--json").out)
    assert [(timing["width"], timing["height"]) for timing in report["timings"]] == [(32, 32), (40, 20)]
    assert (report["style"], report["threads"]) == ("negative", 1)
    assert report["swap_ms"] > 0
    lines = run(*options, "--style", "plain").out.splitlines()
    assert lines[0].split() == ["SIZE", "ENCODER", "BANK", "DECODER", "END", "TO", "END"]
    assert lines[2].startswith("40×20 ")
    assert lines[3].startswith("swap to plain: ")


def test_the_workspace_s_pack_comes_before_the_built_in_one(
    run: Run, fake_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(fake_pack, tmp_path / "workspace" / "pack")
    result = run("styles")
    assert "Fake plain" in result.out
    assert result.err == "nst-runtime: using the pack in workspace/pack (--pack default for the built-in)\n"
    assert "Fake plain" in run("styles", "--workspace", "workspace").out
    monkeypatch.setattr("nst_runtime.cli.app.DEFAULT_PACK", tmp_path / "built-in")
    assert "no style pack at" in check_refusal(run("styles", "--pack", "default"))


def test_names_that_are_no_text(tmp_path: Path, fake_pack: Path, photo: Pixels) -> None:
    source = tmp_path / os.fsdecode(b"caf\xe9.png")
    write_picture(source, photo)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "nst_runtime",
        "stylize",
        source,
        os.fsdecode(b"\xff.png"),
        "--style",
        "plain",
    ]
    done = subprocess.run([*command, "--pack", str(fake_pack)], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"\xff.png\n", b"")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_left(fake_pack: Path, unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "nst_runtime", "styles", "--pack", str(fake_pack)]
    environment = {**clean_environment(), "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False, env=environment)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_results_that_cannot_be_printed(fake_pack: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "nst_runtime", "styles", "--pack", str(fake_pack)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "error: cannot write the results: No space left on device\nhint: free some space, or send them elsewhere\n",
    )


def _hear_ctrl_c() -> None:
    """Undo what a shell does to jobs in the background, whose Ctrl-C is switched off."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c(fake_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for index in range(3000):
        (tmp_path / "in" / f"{index:04}.bmp").hardlink_to(_large_picture(tmp_path))
    command = [sys.executable, "-u", "-m", "nst_runtime", "stylize", "in", "out", "--style", "plain"]
    with subprocess.Popen(
        [*command, "--pack", str(fake_pack)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        preexec_fn=_hear_ctrl_c,  # noqa: PLW1509 (it only sets a signal)
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
