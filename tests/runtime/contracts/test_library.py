"""The search path: a pack's styles, then one's own, then the workspace's; a new style never hides a built-in one."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from nst_runtime import Stylizer
from nst_runtime.contracts.library import NOWHERE, Library, open_library, own_styles_folder
from nst_runtime.contracts.packs import DEFAULT_PACK, PackManifest, StyleEntry, read_pack, write_manifest
from nst_runtime.contracts.styles import SUFFIX, StyleFile, style_bytes, write_style
from nst_runtime.errors import NstError, PackError

MakeStyle = Callable[..., StyleFile]
FOREIGN = "ab" * 32


def put(folder: Path, style: StyleFile, name: str | None = None) -> Path:
    """Write `style` into `folder`, under its own name or under `name`, and return the path."""
    path = folder / f"{name or style.record.name}{SUFFIX}"
    write_style(path, style)
    return path


def listed(library: Library) -> list[tuple[str, str]]:
    return [(style.name, style.origin) for style in library.styles()]


def test_the_path_s_order(library: Library, make_style: MakeStyle) -> None:
    assert listed(library) == [("negative", "pack"), ("swapped", "pack")]
    for folder, name in ((library.workspace, "b"), (library.workspace, "a"), (library.own, "d"), (library.own, "c")):
        put(folder, make_style(name))
    others = [("c", "own"), ("d", "own"), ("a", "workspace"), ("b", "workspace")]
    assert listed(library) == [("negative", "pack"), ("swapped", "pack"), *others]
    assert library.hidden() == ()


def test_a_new_style_never_hides_an_earlier_one_and_that_is_said(library: Library, make_style: MakeStyle) -> None:
    own = [put(library.own, make_style(name)) for name in ("negative", "c", "plain")]
    workspace = [put(library.workspace, make_style(name)) for name in ("c", "negative", "e")]
    assert listed(library) == [("negative", "pack"), ("swapped", "pack"), ("c", "own"), ("e", "workspace")]
    assert [style.path for style in library.hidden()] == [own[0], own[2], workspace[0], workspace[1]]
    assert library.find("negative").path == library.pack.folder / "styles" / "negative.safetensors"
    assert library.find("c").path == own[1]
    assert library.read("plain").tensors["weight"].ravel().tolist() == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert library.read(own[2]).tensors["weight"].ravel().tolist() == [0] * 9


def test_the_name_is_the_file_s(library: Library, make_style: MakeStyle) -> None:
    put(library.own, make_style("waves"), name="mine")
    assert library.find("mine").record().name == "waves"
    with pytest.raises(PackError, match="no style 'waves'"):
        library.find("waves")


def test_styles_for_another_codec_stay_out_and_hide_nothing(library: Library, make_style: MakeStyle) -> None:
    other = put(library.own, make_style("c", codec_sha256=FOREIGN))
    put(library.own, make_style("d", codec_sha256=FOREIGN))
    mine = put(library.workspace, make_style("c"))
    assert listed(library)[2:] == [("c", "workspace")]
    assert library.find("c").path == mine
    assert library.hidden() == ()
    for way, path in ((library.find, "d"), (library.read, "d"), (library.find, other), (library.add, other)):
        with pytest.raises(PackError) as caught:
            way(path)
        assert f"for codec abababababab, the codec of {library.pack.folder} is a9fc0cd00cec" in caught.value.message
        assert str(library.own) in caught.value.message
        assert "give the `pack` that it belongs to" in caught.value.hint


def test_files_that_are_not_styles_stay_out(library: Library, make_style: MakeStyle, tmp_path: Path) -> None:
    library.own.mkdir()
    good = style_bytes(make_style())
    for name, data in {"cut": good[:99], "text": b"text", "empty": b"", "codec": b"\x08" + bytes(7)}.items():
        (library.own / f"{name}{SUFFIX}").write_bytes(data)
    for name in ("Even", "a b", "", ".hidden", "x" * 65):
        (library.own / f"{name}{SUFFIX}").write_bytes(good)
    (library.own / f"folder{SUFFIX}").mkdir()
    (library.own / "even.bin").write_bytes(good)
    (library.own / f"gone{SUFFIX}").symlink_to(tmp_path / "nowhere")
    assert listed(library) == [("negative", "pack"), ("swapped", "pack")]
    assert library.hidden() == ()
    with pytest.raises(PackError, match=r"own/cut\.safetensors is damaged"):
        library.find("cut")


@pytest.mark.parametrize("folder", [NOWHERE, Path("/proc/self/mem"), Path(__file__)])
def test_folders_that_are_none(library: Library, folder: Path) -> None:
    changed = replace(library, own=folder, workspace=folder)
    assert listed(changed) == [("negative", "pack"), ("swapped", "pack")]


def test_unknown_names_get_the_nearest_and_all_there_are(library: Library, make_style: MakeStyle) -> None:
    put(library.own, make_style("mosaic"))
    with pytest.raises(PackError) as caught:
        library.find("mosiac")
    assert caught.value.message == "no style 'mosiac'; there are negative, swapped, mosaic"
    assert caught.value.hint == "did you mean 'mosaic'? nst-runtime styles list shows them all"
    for name in ("", "zzz"):
        with pytest.raises(PackError) as caught:
            library.find(name)
        assert caught.value.hint == "nst-runtime styles list shows them all"


def test_a_style_by_its_path(library: Library, make_style: MakeStyle, monkeypatch: pytest.MonkeyPatch) -> None:
    library.own.parent.joinpath("deep").mkdir()
    path = put(library.own.parent / "deep", make_style("negative"), name="Any Name")
    bare = shutil.copy(path, path.with_suffix(""))
    for style in (path, str(path), Path(bare), str(bare)):
        found = library.find(style)
        assert (found.name, found.path, found.origin) == ("negative", Path(style), "file")
    monkeypatch.chdir(path.parent)
    assert library.find("Any Name.safetensors").origin == "file"
    assert library.read("./Any Name").tensors["norm.bias"].tolist() == [0.5] * 3
    with pytest.raises(PackError, match="no style 'Any Name'"):
        library.find("Any Name")
    with pytest.raises(PackError, match=r"no file other\.safetensors"):
        library.find("other.safetensors")


def test_adding_keeps_the_bytes_and_the_built_in_styles(library: Library, make_style: MakeStyle) -> None:
    file = put(library.own.parent / "elsewhere", make_style("even"))
    added = library.add(file)
    assert (added.name, added.path, added.origin) == ("even", library.own / "even.safetensors", "own")
    assert added.path.read_bytes() == file.read_bytes()
    assert library.add(file) == added  # the same bytes again are fine
    assert library.add(file, "second").path == library.own / "second.safetensors"
    assert [name for name, _ in listed(library)] == ["negative", "swapped", "even", "second"]


@pytest.mark.parametrize("name", ["negative", "plain", "even"])
def test_adding_refuses_names_that_are_taken(library: Library, make_style: MakeStyle, name: str) -> None:
    library.add(put(library.own.parent / "elsewhere", make_style("even")))
    before = {path: path.read_bytes() for path in library.own.iterdir()}
    file = put(library.own.parent / "elsewhere", make_style(name, offset=0.25))
    with pytest.raises(NstError) as caught:
        library.add(file)
    assert f"there is a style '{name}' already, at " in caught.value.message
    remove = "remove that one first (nst-runtime styles remove even), or " if name == "even" else ""
    assert caught.value.hint == f"{remove}give it another `name`"
    assert {path: path.read_bytes() for path in library.own.iterdir()} == before
    library.add(file, "other")
    assert library.read("other").tensors["bias"].tolist() == [0.25] * 3
    for invalid in ("../x", "X", "a/b"):
        with pytest.raises(NstError, match="is not a valid style name"):
            library.add(file, invalid)


def test_the_workspace_takes_no_name_away(library: Library, make_style: MakeStyle) -> None:
    put(library.workspace, make_style("even"))
    library.add(put(library.own.parent / "elsewhere", make_style("even", offset=0.25)))
    assert listed(library)[2:] == [("even", "own")]
    assert [style.origin for style in library.hidden()] == ["workspace"]


def test_only_one_s_own_styles_are_removed(library: Library, make_style: MakeStyle) -> None:
    put(library.workspace, make_style("w"))
    for name in ("a", "b"):
        put(library.own, make_style(name))
    assert library.remove("a") == library.own / "a.safetensors"
    assert [name for name, _ in listed(library)] == ["negative", "swapped", "b", "w"]
    for name in ("negative", "w", "a"):
        with pytest.raises(NstError, match=rf"'{name}' is not one of your own styles in .*own; there are b$"):
            library.remove(name)
    with pytest.raises(NstError, match="is not a valid style name"):
        library.remove("../workspace/w")
    assert (library.workspace / "w.safetensors").exists()


def test_the_own_folder_can_be_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_STYLES", str(tmp_path / "here"))
    assert own_styles_folder() == open_library().own == tmp_path / "here"
    monkeypatch.setenv("NST_STYLES", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert own_styles_folder().name == "styles"
    assert own_styles_folder().parent.name == "nst-stylebank"
    if os.name == "posix" and own_styles_folder().is_relative_to(tmp_path):
        assert own_styles_folder() == tmp_path / "data" / "nst-stylebank" / "styles"


def test_the_whole_path_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photo: npt.NDArray[np.uint8]
) -> None:
    """With a style added and one in the workspace, all built-in ones are still there."""
    monkeypatch.setenv("NST_STYLES", str(tmp_path / "own"))
    built_in = read_pack(DEFAULT_PACK).manifest.styles
    waves = DEFAULT_PACK / "styles" / "waves.safetensors"
    open_library().add(waves, "mine")
    (tmp_path / "workspace" / "styles").mkdir(parents=True)
    shutil.copy(waves, tmp_path / "workspace" / "styles" / "here.safetensors")
    monkeypatch.chdir(tmp_path)
    stylizer = Stylizer.load(threads=1)
    assert [style.name for style in stylizer.styles] == [*(style.name for style in built_in), "mine", "here"]
    assert len(built_in) >= 12
    for name in ("mine", "here"):
        np.testing.assert_array_equal(stylizer.stylize(photo, name), stylizer.stylize(photo, "waves"))
    elsewhere = Stylizer.load(threads=1, workspace=tmp_path / "none")
    assert [style.name for style in elsewhere.styles][-1] == "mine"


def test_a_pack_s_styles_are_checked_like_any_other(pack_copy: Path, make_style: MakeStyle, tmp_path: Path) -> None:
    """A style of another codec in a pack that says it is its own spoils no other."""
    manifest = read_pack(pack_copy).manifest
    data = style_bytes(make_style("negative", codec_sha256=FOREIGN))
    (pack_copy / "styles" / "negative.safetensors").write_bytes(data)
    library = Library(read_pack(pack_copy), tmp_path / "own", tmp_path / "workspace")
    with pytest.raises(PackError, match="damaged or was changed"):
        library.read("negative")
    from nst_runtime.contracts.files import sha256_of_bytes

    entry = StyleEntry("styles/negative.safetensors", sha256_of_bytes(data), len(data), "negative")
    changed = PackManifest("fake", manifest.codec, manifest.templates, (entry, *manifest.styles[1:]), manifest.plain)
    write_manifest(pack_copy, changed)
    library = Library(read_pack(pack_copy), tmp_path / "own", tmp_path / "workspace")
    with pytest.raises(PackError, match=r"negative\.safetensors was trained for codec abababababab"):
        library.read("negative")
    assert library.read("swapped").record.name == "swapped"
