"""``nst-export bundle web``: the built page with any pack, and its list for use offline."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from nst_runtime.contracts.workspace import Workspace

from ..runtime.running import Run

Refused = Callable[..., str]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A built page with another pack in it."""
    folder = tmp_path / "dist"
    for name in (
        "index.html",
        "precache.js",
        "sw.js",
        "assets/page.js",
        "pack/pack.json",
        "pack/styles/old.safetensors",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_page_and_pack(run: Run, page: Path, packed: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "site"
    result = run("bundle", "web", out, "--pack", packed.pack, "--dist", page)
    assert (result.code, result.out.strip()) == (0, str(out))
    assert result.err.startswith("note: 2 styles, ")
    assert (out / "assets" / "page.js").read_text() == "assets/page.js"
    assert (out / "pack" / "pack.json").read_bytes() == (packed.pack / "pack.json").read_bytes()
    assert sorted(path.name for path in (out / "pack" / "styles").iterdir() if path.stem != "plain") == [
        "scream.safetensors",
        "waves.safetensors",
    ]


def test_list_names_each_file_with_its_hash(run: Run, page: Path, packed: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "site"
    run("bundle", "web", out, "--pack", packed.pack, "--dist", page)
    text = (out / "precache.js").read_text()
    hashes = json.loads(text.removeprefix("self.PRECACHE = ").removesuffix(";\n"))
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert set(hashes) == there - {"precache.js", "sw.js"}
    for name, start in hashes.items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest()[:16] == start


def test_refusals(refused: Refused, page: Path, packed: Workspace, tmp_path: Path) -> None:
    assert "does not hold the built page" in refused("bundle", "web", tmp_path / "a", "--dist", tmp_path)
    assert "is there already; give a new folder" in refused("bundle", "web", page, "--dist", page)
    style = packed.pack / "styles" / "waves.safetensors"
    style.write_bytes(style.read_bytes()[:-1])
    line = refused("bundle", "web", tmp_path / "b", "--pack", packed.pack, "--dist", page)
    assert "is damaged or was changed" in line
    assert not (tmp_path / "b").exists()
    assert not list(tmp_path.glob(".b*"))
