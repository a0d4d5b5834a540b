"""Kinds of use that public bug reports of such tools describe: names, folders, streams.

All pictures have one grey, the style is the negative, and the whole tree is compared after each run: so it shows which
picture went where, and that no other file was touched.
"""

import io
import json
import os
import shlex
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nst_runtime

from ..running import clean_environment

NFC, NFD = "caf\u00e9.jpg", unicodedata.normalize("NFD", "caf\u00e9.jpg")
NOT_TEXT = os.fsdecode(b"caf\xe9.jpg")
LONG = "x" * 251 + ".jpg"
NAMES = sorted(["-d.jpg", "a b.jpg", NFD, "v1.2.jpg", NOT_TEXT, LONG, "波.jpg"])
JUNK = b"not a picture"
FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".gif": "GIF",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
}
FAKE_PACK = Path(__file__).parents[1] / "fake_pack"

Content = int | bytes | str
"""A picture of this grey; other bytes; or a link, as "-> target"; or another name of a file, as "== file"."""


@dataclass(frozen=True)
class Use:
    """A run of `stylize`: the files `before` it, those that are new or other `after` it, and what it says.

    `out` are the paths printed, None for those of `after`, or the picture itself as format and grey; `err` is a part of
    stderr, "" for nothing at all.
    """

    row: str
    command: str
    before: Mapping[str, Content]
    after: Mapping[str, Content | None] = field(default_factory=dict)
    code: int = 0
    out: list[str] | tuple[str, int] | None = None
    err: str = ""
    stdin: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    pack: bool = True


def refused(row: str, command: str, before: Mapping[str, Content], err: str, code: int = 1, stdin: str = "") -> Use:
    """A run that must say `err` and leave everything as it was."""
    return Use(row, command, before, code=code, err=err, stdin=stdin)


TWO = {"in/a.jpg": 10, "in/b.png": 20}
MADE = {"out/a.jpg": 245, "out/b.png": 235}
IN = {"in/a.jpg": 10}
SOUGHT: dict[str, Content] = {
    "in/a.jpg": 10,
    "in/sub/b.png": 20,
    "in/sub/deep/c.gif": 30,
    "in/._x.jpg": JUNK,
    "in/.DS_Store": JUNK,
}
SOUGHT |= {"in/Thumbs.db": JUNK, "in/.hidden/d.jpg": 40, "in/notes.txt": JUNK}
FOUND = {"out/a.jpg": 245, "out/sub/b.png": 235, "out/sub/deep/c.gif.png": 225}
MINE = (FAKE_PACK / "styles" / "negative.safetensors").read_bytes()

USES = [
    Use(
        "20 names of all kinds, printed for xargs -0",
        "in out -0",
        {f"in/{name}": 10 for name in NAMES},
        {f"out/{name}": 245 for name in NAMES},
    ),
    Use("20 names of all kinds, as OUT", f"in/a.jpg 'ü /{NOT_TEXT}'", IN, {f"ü /{NOT_TEXT}": 245}),
    Use("20 a dash before a name", "-- -in.jpg -out.png", {"-in.jpg": 10}, {"-out.png": 245}, out=["./-out.png"]),
    Use("20 a dash before a name in a folder", "in .", {"in/-a.jpg": 10}, {"-a.jpg": 245}, out=["./-a.jpg"]),
    Use(
        "20 a workspace with an accent",
        "in/a.jpg o.png --workspace 'wörk spáce' --style mine",
        IN | {"wörk spáce/styles/mine.safetensors": MINE},
        {"o.png": 245},
    ),
    refused("21 a.gif beside a.gif.png", "in out", {"in/a.gif": 10, "in/a.gif.png": 20}, "both become out/a.gif.png"),
    refused("21 names that differ in case", "in out", {"in/A.jpg": 10, "in/a.jpg": 20}, "are one file on many systems"),
    refused("21 names that differ in accents' form", "in out", {f"in/{NFC}": 10, f"in/{NFD}": 20}, "are one file"),
    refused("21 one name in two folders", "in x out", IN | {"x/a.jpg": 20}, "in/a.jpg and x/a.jpg would both become"),
    refused("21 two formats to one", "in out --format webp", {"in/a.jpg": 1, "in/a.png": 2}, "both become out/a.webp"),
    Use(
        "21 three formats of a name",
        "in out",
        {"in/a.jpg": 10, "in/a.png": 20, "in/a.gif": 30},
        {"out/a.gif.png": 225, "out/a.jpg": 245, "out/a.png": 235},
    ),
    Use("21 a picture that is given twice", "in/a.jpg in/../in/a.jpg in out", IN, {"out/a.jpg": 245}),
    Use("22 a link to an input", "in out", IN | {"out/a.jpg": "-> ../in/a.jpg"}, {"out/a.jpg": 245}),
    Use("22 a link to another input", "in out", TWO | {"out/a.jpg": "-> ../in/b.png"}, MADE),
    Use("22 a link to nothing", "in out", IN | {"out/a.jpg": "-> gone"}, {"out/a.jpg": 245}),
    Use(
        "22 a link to another file, on request",
        "in out --overwrite",
        IN | {"out/a.jpg": "-> ../other.jpg", "other.jpg": 90},
        {"out/a.jpg": 245},
    ),
    refused("22 a link to the input's folder", "in out -r", {"in/s/a.jpg": 1, "out/s": "-> ../in/s"}, "is one of the"),
    Use("22 a hard link", "in out --overwrite", IN | {"out/a.jpg": "== in/a.jpg"}, {"out/a.jpg": 245}),
    refused("23 OUT is IN", "in/a.jpg in/a.jpg", IN, "in/a.jpg is the picture that is read"),
    refused("23 OUT is IN, by ..", "in/a.jpg in/../in/a.jpg", IN, "is the picture that is read"),
    refused("23 OUT is IN, by a link", "in/a.jpg l.jpg", IN | {"l.jpg": "-> in/a.jpg"}, "is the picture that is read"),
    refused("23 OUT is IN, by a hard link", "in/a.jpg h.jpg", IN | {"h.jpg": "== in/a.jpg"}, "is the picture that is"),
    refused("23 OUT is IN's folder", "in/a.jpg in", IN, "in/a.jpg is one of the pictures to read"),
    refused("23 OUT is IN, folders", "in in/../in", IN, "is the folder of the pictures themselves"),
    refused("23 OUT is IN, folders, by a link", "in l", IN | {"l": "-> in"}, "l is the folder of the pictures"),
    refused("23 IN leads into OUT", "in out", {"out/a.jpg": 10, "in/a.jpg": "-> ../out/a.jpg"}, "is one of the"),
    refused("24 OUT is a URL", "in/a.jpg https://example.org/a.jpg", IN, "is a web address, not a file"),
    refused("24 OUT is a URL, for a folder", "in s3://bucket/out", IN, "is a web address, not a file"),
    refused("24 IN is a URL", "https://example.org/a.jpg o.jpg", IN, "is a web address, not a file"),
    Use("24 OUT ends in a slash", "in/a.jpg out/", IN, {"out/a.jpg": 245}),
    Use("24 OUT ends in a slash, like a picture", "in out.jpg/", IN, {"out.jpg/a.jpg": 245}),
    refused("24 OUT has no suffix", "in/a.jpg out", IN, "a folder's name in a slash"),
    refused("24 OUT is empty", "in/a.jpg ''", IN, "an empty text is not the name of a file"),
    Use("24 OUT ends in .JPG", "in/a.jpg o.JPG", IN, {"o.JPG": 245}),
    refused("24 a folder to a picture's name", "in out.jpg", IN, "cannot go to out.jpg, which is a picture's name"),
    refused("24 two to a file", "in/a.jpg in/b.png o.jpg", TWO | {"o.jpg": 1}, "2 pictures cannot go to o.jpg"),
    refused("24 OUT is below a file", "in/a.jpg in/a.jpg/o.png", IN, "in/a.jpg is not a folder"),
    Use("25 a folder without its subfolders", "in out", SOUGHT, {"out/a.jpg": 245}),
    Use("25 a folder with its subfolders", "in out --recursive", SOUGHT, FOUND),
    Use("25 OUT is in IN", "in in/out -r", IN | {"in/out/x.jpg": 90}, {"in/out/a.jpg": 245}),
    refused("25 a folder without pictures", "in out", {"in/sub/a.jpg": 10}, "subfolders are searched with --recursive"),
    refused("25 no folder to search", "in/a.jpg o.png --recursive", IN, "--recursive is for folders"),
    Use("26 several pictures", "in/a.jpg in/b.png out", TWO, MADE),
    Use("26 a pattern", "'in/*.*' out", TWO | {"in/x.txt": JUNK, "in/.c.jpg": 3}, MADE),
    Use("26 a pattern for subfolders", "'in/**/*.*g' out", {"in/a.jpg": 10, "in/s/b.png": 20}, MADE),
    Use("26 a pattern that is a name", "'[a].jpg' o.png", {"[a].jpg": 10, "a.jpg": 20}, {"o.png": 245}),
    refused("26 a pattern for nothing", "'in/*.webp' out", IN, "no picture matches in/*.webp"),
    refused("26 one of several is missing", "in/a.jpg in/b.jpg out", IN, "no picture or folder at in/b.jpg"),
    Use("27 from stdin to stdout", "- -", {"a.jpg": 10}, stdin="a.jpg", out=("JPEG", 245)),
    Use("27 from stdin in a format of reading only", "- -", {"a.gif": 10}, stdin="a.gif", out=("PNG", 245)),
    Use("27 to stdout in another format", "in/a.jpg - --format webp", IN, out=("WEBP", 245)),
    Use("27 from stdin to a file", "- o.png", {"a.jpg": 10}, {"o.png": 245}, stdin="a.jpg", out=["o.png"]),
    refused("27 from stdin to a folder", "- out/", {"a.jpg": 10}, "has no name, and out/ is a folder", stdin="a.jpg"),
    refused("27 nothing comes", "- -", {"empty": b""}, "the standard input is empty (0 bytes)", stdin="empty"),
    refused("27 several pictures to stdout", "in -", TWO, "a folder of pictures cannot go to the standard output"),
    refused("27 JSON on the picture's stdout", "in/a.jpg - --json", IN, "the picture alone", code=2),
    refused("27 stdin among others", "- in/a.jpg out", IN, "give it alone, or files alone"),
    Use("28 output there already", "in out", TWO | {"out/a.jpg": 90}, {"out/b.png": 235},
        err="note: 1 picture is in out already and stays as found; --overwrite makes it again"),
    Use("28 all there already", "in out", TWO | MADE, err="note: 2 pictures are in out already"),
    Use("28 made again on request", "in out --overwrite", TWO | {"out/a.jpg": 90}, MADE),
    Use("28 one picture into a folder", "in/a.jpg out", IN | {"out/a.jpg": 90}, err="note: 1 picture is in out"),
    Use("28 one OUT is replaced", "in/a.jpg o.png", IN | {"o.png": 90}, {"o.png": 245}),
    Use(
        "29 a folder to another format",
        "in out --format PNG",
        {"in/a.jpg": 10, "in/b.PNG": 20, "in/c.gif": 30, "in/d.e.jpeg": 40},
        {"out/a.png": 245, "out/b.PNG": 235, "out/c.png": 225, "out/d.e.png": 215},
    ),
    Use("29 other suffixes of the format", "in out --format jpg", {"in/a.jpeg": 10}, {"out/a.jpeg": 245}),
    refused("29 a format that is not written", "in out --format jxl", IN, "'jxl' is not one of png, jpg,", code=2),
    refused("29 a format that OUT contradicts", "in/a.jpg o.jpg --format png", IN, "o.jpg is not a .png file"),
    Use("30 a folder with workspace/pack", "in/a.jpg o.png --style waves", IN | {"workspace/pack/pack.json": JUNK},
        {"o.png": None}, pack=False),
    Use("31 the C locale", "in out", {"in/波.jpg": 10}, {"out/波.jpg": 245}, environment={"LC_ALL": "C"}),
    Use("31 a cp1252 console", "in out", {"in/波.jpg": 10}, {"out/波.jpg": 245}, out=[r"out/\u6ce2.jpg"],
        environment={"PYTHONIOENCODING": "cp1252"}),
    Use("31 a cp1252 console, for xargs -0", "in out -0", {"in/波.jpg": 10}, {"out/波.jpg": 245},
        environment={"PYTHONIOENCODING": "cp1252"}),
    Use("31 a cp936 console, as JSON", "in out --json", {f"in/{NOT_TEXT}": 10}, {f"out/{NOT_TEXT}": 245},
        environment={"PYTHONIOENCODING": "cp936"}),
]  # fmt: skip


@pytest.mark.parametrize("use", USES, ids=lambda use: use.row)
def test_kinds_of_use(
    use: Use, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_STYLES", str(tmp_path / "none"))
    monkeypatch.delenv("NST_TRACEBACK", raising=False)
    for name, content in use.before.items():
        make(Path(name), content)
    options = ["--pack", str(FAKE_PACK)] if use.pack else []
    options += [] if "--style" in use.command else ["--style", "negative"]
    before = read_tree()
    code, out, err = run(["stylize", *options, *shlex.split(use.command)], use, monkeypatch, capfdbinary)
    assert use.err in err
    assert (err == "") == (use.err == "")
    assert code == use.code
    after = read_tree()
    assert after == before | {name: after.get(name) if level is None else level for name, level in use.after.items()}
    check_output(use, out)


def make(path: Path, content: Content) -> None:
    """Make what is there before a run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, int):
        Image.new("L", (16, 16), content).convert("RGB").save(path)
    elif content.startswith("-> "):
        path.symlink_to(content.removeprefix("-> "))
    else:
        path.hardlink_to(content.removeprefix("== "))


def read_tree() -> dict[str, Content]:
    """Return all files and links below this folder by path; greys to the next 5, as JPEG is not exact."""
    files = [Path(folder) / name for folder, folders, names in os.walk(".") for name in (*folders, *names)]
    return {str(path): read(path) for path in files if path.is_symlink() or not path.is_dir()}


def read(path: Path) -> Content:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    data = path.read_bytes()
    if path.suffix.lower() not in FORMATS or data == JUNK:
        return data
    with Image.open(path) as image:
        assert image.format == FORMATS[path.suffix.lower()]
        return grey_of(image)


def grey_of(image: Image.Image) -> int:
    return 5 * round(float(np.asarray(image.convert("L")).mean()) / 5)


def run(
    arguments: list[str], use: Use, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> tuple[int, bytes, str]:
    if use.environment:
        command = [sys.executable, "-m", "nst_runtime", *arguments]
        done = subprocess.run(command, capture_output=True, check=False, env=clean_environment(**use.environment))
        return done.returncode, done.stdout, os.fsdecode(done.stderr)
    with Path(use.stdin or os.devnull).open() as stdin:
        monkeypatch.setattr("sys.argv", ["nst-runtime", *arguments])
        monkeypatch.setattr("sys.stdin", stdin)
        code = nst_runtime.main()
    captured = capfdbinary.readouterr()
    return code, captured.out, os.fsdecode(captured.err)


def check_output(use: Use, out: bytes) -> None:
    if isinstance(use.out, tuple):
        with Image.open(io.BytesIO(out)) as image:
            assert (image.format, grey_of(image)) == use.out
    else:
        assert paths_in(use, out) == (list(use.after) if use.out is None else use.out)


def paths_in(use: Use, out: bytes) -> list[str]:
    if "--json" in use.command and out:
        return [entry["target"] for entry in map(json.loads, out.splitlines()) if entry["result"] == "made"]
    end = "\0" if "-0" in use.command.split() else "\n"
    assert out == b"" or out.endswith(end.encode())
    return os.fsdecode(out).split(end)[:-1]
