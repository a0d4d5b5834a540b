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
    assert set(hashes) == there - {"precache.js", "sw.js", "bundle.json"}
    for name, start in hashes.items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest()[:16] == start


def test_refusals(refused: Refused, page: Path, packed: Workspace, tmp_path: Path) -> None:
    line = refused("bundle", "web", tmp_path / "a", "--dist", tmp_path)
    assert line.startswith(f"the built page is not in {tmp_path}; build it")
    line = refused("bundle", "web", page, "--dist", page)
    assert line == f"{page} is not empty and not a bundle for the web; give another folder as OUT"
    style = packed.pack / "styles" / "waves.safetensors"
    style.write_bytes(style.read_bytes()[:-1])
    line = refused("bundle", "web", tmp_path / "b", "--pack", packed.pack, "--dist", page)
    assert "is damaged or was changed" in line
    assert not (tmp_path / "b").exists()
    assert not list(tmp_path.glob(".b*"))


def test_it_replaces_an_earlier_one_and_nothing_else(run: Run, refused: Refused, page: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    assert run("bundle", "web", out, "--dist", page).code == 0
    (page / "assets" / "page.js").rename(page / "assets" / "newer.js")
    assert run("bundle", "web", out, "--dist", page).code == 0
    listed = {file["file"]: file["sha256"] for file in json.loads((out / "bundle.json").read_text())["files"]}
    there = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    assert set(listed) == set(there) - {"bundle.json"}
    assert {"assets/newer.js", "sw.js", "precache.js"} <= set(listed)
    assert "assets/page.js" not in listed
    assert all(hashlib.sha256(there[name].read_bytes()).hexdigest() == sha256 for name, sha256 in listed.items())
    (out / ".htaccess").write_text("mine")
    line = refused("bundle", "web", out, "--dist", page)
    assert line == f"{out} holds .htaccess, which is not a part of a bundle; give another folder as OUT"
    assert (out / ".htaccess").read_text() == "mine"


def test_what_a_host_reads_stays(run: Run, refused: Refused, page: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    out.mkdir()
    (out / "CNAME").write_text("paint.example\n")
    (page / "CNAME").write_text("of the page")
    (page / ".nojekyll").touch()
    for _ in range(2):
        assert run("bundle", "web", out, "--dist", page).code == 0
        assert (out / "CNAME").read_text() == "paint.example\n"
        assert (out / ".nojekyll").read_bytes() == b""
        for listed in ("bundle.json", "precache.js"):
            text = (out / listed).read_text()
            assert "index.html" in text
            assert "CNAME" not in text
            assert ".nojekyll" not in text
        (page / ".nojekyll").unlink(missing_ok=True)
    (out / "CNAME").unlink()
    (out / "CNAME").symlink_to(page / "CNAME")
    assert f"{out} holds CNAME, which is not a part" in refused("bundle", "web", out, "--dist", page)
    assert (out / "CNAME").is_symlink()


def test_a_bundle_is_a_page_that_may_be_bundled_again(run: Run, page: Path, packed: Workspace, tmp_path: Path) -> None:
    """With another pack, even in its own place."""
    out = tmp_path / "site"
    assert run("bundle", "web", out, "--dist", page).code == 0
    assert run("bundle", "web", out, "--dist", out, "--pack", packed.pack).code == 0
    assert (out / "pack" / "pack.json").read_bytes() == (packed.pack / "pack.json").read_bytes()
    assert (out / "assets" / "page.js").read_text() == "assets/page.js"


def test_a_bundle_for_apps_is_not_replaced(refused: Refused, page: Path, tmp_path: Path) -> None:
    out = tmp_path / "app"
    out.mkdir()
    (out / "bundle.json").write_text('{"format": "nst-mobile-bundle", "format_version": 1}')
    assert "is not empty and not a bundle for the web" in refused("bundle", "web", out, "--dist", page)
