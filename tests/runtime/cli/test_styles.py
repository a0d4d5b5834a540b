"""`nst-runtime styles`: list, show, add, remove."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_runtime import Stylizer
from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.styles import StyleFile, read_style, write_style
from nst_runtime.pictures.arrays import Pixels, resize
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import encode_picture, write_picture

from ..running import Run, check_refusal, error_and_hint


@pytest.fixture
def style(fake_pack: Path) -> StyleFile:
    """A style for the fake pack that is called mine and paints negatives."""
    negative = read_style(fake_pack / "styles" / "negative.safetensors")
    info = StyleInfo("\x1b[2JGone", "nobody", "2025", "Apache-2.0")
    return replace(negative, record=replace(negative.record, name="mine", info=info))


def test_list(run: Run, fake_pack: Path, style: StyleFile) -> None:
    write_style(Path("own/mine.safetensors"), style)
    write_style(Path("workspace/styles/other.safetensors"), style)
    result = run("styles", "--pack", fake_pack)
    assert result.err == ""
    assert result.out.splitlines() == [
        "NAME      TITLE          ARTIST  YEAR  FROM",
        "negative  Fake negative  nobody  2025  pack",
        "swapped   Fake swapped   nobody  2025  pack",
        r"mine      \x1b[2JGone    nobody  2025  own",
        r"other     \x1b[2JGone    nobody  2025  workspace",
    ]
    assert run("styles", "list", "--pack", fake_pack).out == result.out
    entries = json.loads(run("styles", "--json", "--pack", fake_pack).out)
    assert [(entry["name"], entry["from"]) for entry in entries[1:3]] == [("swapped", "pack"), ("mine", "own")]
    assert entries[2]["path"] == str(Path("own/mine.safetensors").absolute())
    assert entries[2]["size_bytes"] == Path("own/mine.safetensors").stat().st_size
    assert entries[0]["metrics"] == {"mean": 1.0}


def test_a_text_of_any_length_is_one_cell(run: Run, fake_pack: Path, style: StyleFile) -> None:
    info = StyleInfo("T" * 5000, "A" * 29, "1900")
    write_style(Path("own/mine.safetensors"), replace(style, record=replace(style.record, info=info)))
    *_, line = run("styles", "--pack", fake_pack).out.splitlines()
    assert line == f"mine      {'T' * 27}…  {'A' * 27}…  1900  own"


def test_a_style_that_is_hidden_is_told(run: Run, fake_pack: Path, style: StyleFile) -> None:
    write_style(Path("own/mine.safetensors"), style)
    write_style(Path("workspace/styles/mine.safetensors"), style)
    assert run("styles", "--pack", fake_pack).err == (
        "note: workspace/styles/mine.safetensors is hidden by your own style mine; give its path to use it\n"
    )


def test_a_pack_in_the_workspace_hides_no_style(run: Run, fake_pack: Path) -> None:
    shutil.copytree(fake_pack, "workspace/pack")
    result = run("styles")
    assert "waves " in result.out
    assert "Fake" not in result.out + result.err


def test_show(run: Run, fake_pack: Path, style: StyleFile) -> None:
    write_style(Path("mine.safetensors"), style)
    for name, origin in {"negative": "pack", "mine.safetensors": "file"}.items():
        rows = dict(line.split(None, 1) for line in run("styles", "show", name, "--pack", fake_pack).out.splitlines())
        assert (rows["from"], rows["artist"], rows["architecture"], rows["mean"]) == (origin, "nobody", "fake", "1")
    entry = json.loads(run("styles", "show", "mine.safetensors", "--json", "--pack", fake_pack).out)
    assert entry["title"] == "\x1b[2JGone"
    assert entry["training"] == style.record.training
    assert entry["recipe"] == style.record.recipe
    assert entry["codec_sha256"] == style.record.codec_sha256


def test_show_writes_the_preview(run: Run, fake_pack: Path, style: StyleFile) -> None:
    preview = encode_picture(np.full((20, 30, 3), (9, 99, 199), np.uint8), ".webp")
    write_style(Path("mine.safetensors"), replace(style, preview=preview))
    result = run("styles", "show", "mine.safetensors", "--preview", "p/p.png", "--pack", fake_pack)
    assert (result.code, result.err) == (0, "")
    with Image.open("p/p.png") as image:
        assert (image.format, image.size) == ("PNG", (30, 20))
        assert np.abs(np.asarray(image).astype(int) - (9, 99, 199)).max() <= 3
    write_style(Path("bad.safetensors"), replace(style, preview=b"RIFF not a picture"))
    write_style(Path("none.safetensors"), replace(style, preview=b""))
    options = ("--preview", "q.png", "--pack", fake_pack)
    line = check_refusal(run("styles", "show", "bad.safetensors", *options))
    assert line.startswith("the preview of bad.safetensors is ")
    assert "holds no preview; leave --preview out" in check_refusal(run("styles", "show", "none.safetensors", *options))
    assert not Path("q.png").exists()


def test_add_and_remove(run: Run, fake_pack: Path, style: StyleFile) -> None:
    write_style(Path("mine.safetensors"), style)
    path = Path("own/mine2.safetensors").absolute()
    added = run("styles", "add", "mine.safetensors", "--name", "mine2", "--pack", fake_pack)
    assert (added.code, added.out, added.err) == (0, f"added  mine2  {path}\n", "")
    assert path.read_bytes() == Path("mine.safetensors").read_bytes()
    Image.new("L", (16, 16), 10).save("photo.png")
    assert run("stylize", "photo.png", "o.png", "--style", "mine2", "--pack", fake_pack).code == 0
    with Image.open("o.png") as image:
        assert image.convert("RGB").getpixel((8, 8)) == (245, 245, 245)
    removed = run("styles", "remove", "mine2", "--json")
    assert json.loads(removed.out) == {"removed": "mine2", "path": str(path)}
    assert not path.exists()


def test_add_and_remove_refuse(run: Run, fake_pack: Path, style: StyleFile) -> None:
    write_style(Path("mine.safetensors"), style)
    taken = check_refusal(run("styles", "add", "mine.safetensors", "--name", "swapped", "--pack", fake_pack))
    assert "there is a style 'swapped' already" in taken
    assert taken.endswith("; give it another --name")
    foreign = check_refusal(run("styles", "add", "mine.safetensors"))
    assert foreign.endswith("train the style for this codec, or give the --pack that it belongs to")
    assert "'waves' is not one of your own styles in" in check_refusal(run("styles", "remove", "waves"))
    assert not Path("own").exists()


def test_a_preview_has_the_picture_and_every_style_by_name(run: Run, fake_pack: Path, photo: Pixels) -> None:
    write_picture(Path("photo.png"), photo)
    result = run("styles", "preview", "photo.png", "all.png", "--size", 64, "--across", 2, "--pack", fake_pack)
    assert (result.code, result.out, result.err) == (0, "all.png\n", "")
    sheet = read_picture(Path("all.png")).rgb
    stylizer = Stylizer.load(fake_pack)
    pictures = [photo, *(stylizer.stylize(photo, style.path) for style in stylizer.styles)]
    height = round(photo.shape[0] * 64 / photo.shape[1])
    wanted = [resize(picture, 64, height) for picture in pictures]
    found = [place for place, picture in enumerate(wanted) if _holds(sheet, picture)]
    assert found == list(range(len(wanted)))
    assert sheet.shape[0] >= -(-len(wanted) // 2) * height
    assert error_and_hint(run("styles", "preview", "photo.png", "all.txt", "--pack", fake_pack).err)
    assert error_and_hint(run("styles", "preview", "none.png", "all.png", "--pack", fake_pack).err)


def _holds(sheet: Pixels, part: Pixels) -> bool:
    """Tell whether `part` stands somewhere in `sheet`, pixel by pixel."""
    height, width = part.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(sheet[..., 0], (height, width))
    return bool((windows == part[..., 0]).all(axis=(2, 3)).any())
