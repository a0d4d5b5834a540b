"""Packs, styles, pairs and codecs alike: the version first, then what a file requires; unknown keys are ignored."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nst_runtime.contracts.packs import read_pack
from nst_runtime.contracts.pairs import Network, PairManifest, StyleSource, read_pairs, write_pairs
from nst_runtime.contracts.styles import read_record, read_style
from nst_runtime.contracts.tensors import load_arrays, read_metadata, save_arrays
from nst_runtime.errors import NstError

HASH = "0123456789abcdef" * 4


@dataclass(frozen=True)
class Kind:
    """A kind of file: its place, how its JSON is taken out and put in, what reads it, and how it is made again."""

    path: Path
    version: int
    take: Callable[[Path], dict[str, Any]]
    put: Callable[[Path, object], None]
    read: Callable[[], object]
    again: str


def take_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def put_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content))


def take_metadata(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = read_metadata(path.read_bytes(), "x", "")
    return content


def put_metadata(path: Path, content: object) -> None:
    path.write_bytes(save_arrays(load_arrays(path.read_bytes(), "x", ""), content))


def a_pack(fake_pack: Path, folder: Path) -> Kind:
    shutil.copytree(fake_pack, folder, dirs_exist_ok=True)
    return Kind(folder / "pack.json", 2, take_json, put_json, lambda: read_pack(folder), "nst-export pack")


def a_style(fake_pack: Path, folder: Path) -> Kind:
    path = Path(shutil.copy(fake_pack / "styles" / "negative.safetensors", folder / "negative.safetensors"))
    return Kind(path, 1, take_metadata, put_metadata, lambda: read_style(path).record, "nst-student train-bank")


def a_style_s_head(fake_pack: Path, folder: Path) -> Kind:
    path = Path(shutil.copy(fake_pack / "styles" / "negative.safetensors", folder / "negative.safetensors"))
    return Kind(path, 1, take_metadata, put_metadata, lambda: read_record(path), "nst-student train-bank")


def pairs(_: Path, folder: Path) -> Kind:
    manifest = PairManifest(StyleSource("waves", "wave.jpg", HASH), {}, HASH, Network("random", None), ())
    write_pairs(folder, manifest)
    read = lambda: read_pairs(folder)  # noqa: E731
    return Kind(folder / "pairs.json", 1, take_json, put_json, read, "nst-teacher generate")


def a_codec(_: Path, folder: Path) -> Kind:
    pytest.importorskip("torch")
    from nst_student.networks.checkpoint import CodecRecord, load_codec, save_codec
    from nst_student.networks.paper import PaperDecoder, PaperEncoder

    path = folder / "codec.safetensors"
    save_codec(path, PaperEncoder(), PaperDecoder(), CodecRecord("srinath"))
    return Kind(path, 1, take_metadata, put_metadata, lambda: load_codec(path).record, "nst-student train-codec")


@pytest.fixture(params=[a_pack, a_style, a_style_s_head, pairs, a_codec])
def kind(request: pytest.FixtureRequest, fake_pack: Path, tmp_path: Path) -> Kind:
    made: Kind = request.param(fake_pack, tmp_path)
    return made


def refusal(kind: Kind, **changes: object) -> NstError:
    """Return the error that `kind` gives with `changes`; a value of ``...`` takes the key away."""
    content = {**kind.take(kind.path), **changes}
    kind.put(kind.path, {key: value for key, value in content.items() if value is not ...})
    with pytest.raises(NstError) as caught:
        kind.read()
    assert "\n" not in str(caught.value)
    assert len(caught.value.message) < 600
    assert str(kind.path) in caught.value.message
    return caught.value


def test_unknown_keys_are_ignored_and_an_empty_list_of_requirements_is_none(kind: Kind) -> None:
    before = kind.read()
    content = kind.take(kind.path)
    kind.put(kind.path, {**content, "requires": [], "grown": {"a": [1, {"b": None}]}})
    assert kind.read() == before
    kind.put(kind.path, {key: value for key, value in content.items() if key != "requires"})
    assert kind.read() == before


@pytest.mark.parametrize("name", ["masks", "x" * 10_000, "a\nb"])
def test_an_unknown_requirement_asks_for_an_upgrade(kind: Kind, name: str) -> None:
    error = refusal(kind, requires=[name])
    assert f"requires {name[:1]}" in error.message
    assert "which this version does not know" in error.message
    assert error.hint == "upgrade with pip install -U nst-stylebank"


@pytest.mark.parametrize("requires", ["masks", [1], None, {"masks": 1}, [["masks"]]])
def test_requirements_that_are_not_names(kind: Kind, requires: object) -> None:
    assert refusal(kind, requires=requires).message.endswith('is damaged: its "requires" is not a list of names')


def test_a_newer_format_asks_for_an_upgrade(kind: Kind) -> None:
    newer = kind.version + 1
    error = refusal(kind, format_version=newer)
    assert error.message.endswith(f"is of the newer format {newer}; this version reads {kind.version}")
    assert error.hint == "upgrade with pip install -U nst-stylebank"


def test_an_older_format_says_how_it_is_made_again(kind: Kind) -> None:
    """There are old packs alone."""
    error = refusal(kind, format_version=kind.version - 1)
    old = "is of the old format 1; this version reads 2" if kind.version == 2 else "unknown format_version 0"
    assert old in error.message
    assert kind.again in error.hint


@pytest.mark.parametrize("version", [..., None, 0, -1, True, 1.0, "2", [2], "x" * 10_000])
def test_versions_that_are_none_say_how_it_is_made_again(kind: Kind, version: object) -> None:
    error = refusal(kind, format_version=version)
    shown = None if version is ... else version
    assert f"has the unknown format_version {shown!r}"[:120] in error.message
    assert kind.again in error.hint


@pytest.mark.parametrize("form", [..., "nst", None, 1, ["nst-style"]])
def test_another_format(kind: Kind, form: object) -> None:
    error = refusal(kind, format=form)
    assert "is not a" in error.message
    assert 'its "format" is not "nst-' in error.message
    assert error.hint.startswith("give a ")


def test_the_version_comes_before_everything_else(kind: Kind) -> None:
    """A newer file may look in any way."""
    content = {"format": kind.take(kind.path)["format"], "format_version": 99, "requires": 3}
    kind.put(kind.path, content)
    with pytest.raises(NstError, match="newer format 99"):
        kind.read()


@pytest.mark.parametrize("content", [[], "text", 3, None, True])
def test_what_is_not_an_object(kind: Kind, content: object) -> None:
    kind.put(kind.path, content)
    with pytest.raises(NstError, match=r"is not a|says nothing"):
        kind.read()
