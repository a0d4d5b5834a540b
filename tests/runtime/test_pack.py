import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nst_runtime.contracts.packs import GraphFile, PackManifest, read_pack, write_manifest
from nst_runtime.errors import PackError


def edit(folder: Path, path: tuple[str | int, ...], value: object) -> None:
    """Set the place `path` of pack.json to `value`."""
    content: Any = json.loads((folder / "pack.json").read_text())
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    (folder / "pack.json").write_text(json.dumps(content))


def test_the_fake_pack_is_as_the_contract_says(fake_pack: Path) -> None:
    pack = read_pack(fake_pack)
    codec, style = pack.manifest.codec, pack.style("plain")
    assert (codec.architecture, codec.multiple_px, codec.minimum_px) == ("fake", 4, 16)
    assert [s.name for s in pack.manifest.styles] == ["negative", "plain", "swapped"]
    assert (style.title, style.artist, style.licence) == ("Fake plain", "nobody", "Apache-2.0")
    assert style.metrics == {"mean": 1.0}
    assert len(pack.read_graph(style.bank)) == style.bank.size_bytes == (fake_pack / style.bank.file).stat().st_size


def test_a_manifest_comes_back_byte_for_byte(fake_pack: Path, tmp_path: Path) -> None:
    write_manifest(tmp_path, read_pack(fake_pack).manifest)
    assert (tmp_path / "pack.json").read_bytes() == (fake_pack / "pack.json").read_bytes()


metrics = st.dictionaries(st.text(max_size=9), st.floats(allow_nan=False, allow_infinity=False), max_size=3)
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=9)
training = st.dictionaries(st.text(max_size=9), scalars, max_size=3)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30), metrics, training)
def test_any_manifest_comes_back(
    fake_pack: Path, tmp_path: Path, title: str, metrics: dict[str, float], training: dict[str, Any]
) -> None:
    manifest = read_pack(fake_pack).manifest
    style = dataclasses.replace(manifest.styles[0], title=title, metrics=metrics, training=training)
    changed = PackManifest(title, manifest.codec, (style,))
    write_manifest(tmp_path, changed)
    assert read_pack(tmp_path).manifest == changed


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("format",), "nst-pairs", 'no manifest of a style pack (its "format" is not "nst-style-pack")'),
        (
            ("format_version",),
            2,
            "the pack is of a newer format 2; this nst-runtime reads 1: upgrade with pip install -U nst-stylebank",
        ),
        (("format_version",), 0, "unknown format_version 0"),
        (("format_version",), True, "unknown format_version True"),
        (("format_version",), "1", "unknown format_version '1'"),
        (("author",), "x", "unknown key author"),
        (("styles", 1, "strength"), 1, "unknown key styles[1].strength"),
        (("styles", 1, "name"), "negative", "a style's name comes twice"),
        (("styles", 1, "name"), "../x", "styles[1]: '../x' is no valid style name"),
        (("styles", 0, "bank", "file"), "../secret", "styles[0].bank: '../secret' is no path inside the pack"),
        (("codec", "encoder", "size_bytes"), 0, "codec.encoder: size_bytes 0 is not in 1–64000000"),
        (("codec", "encoder", "size_bytes"), 64_000_001, "size_bytes 64000001 is not in"),
        (("codec", "encoder", "sha256"), "00", "codec.encoder: '00' is no sha256"),
        (("codec", "sha256"), "00", "codec: '00' is no sha256"),
        (("codec", "multiple_px"), 0, "codec: multiple_px must be at least 1"),
        (("codec", "multiple_px"), 17, "codec: multiple_px must be at least 1 and at most minimum_px"),
        (("codec", "minimum_px"), 5000, "at most 4096"),
        (("styles", 0, "metrics"), {"mean": "low"}, "styles[0].metrics.mean must be a number"),
        (("styles",), {}, "styles must be a list"),
    ],
)
def test_edited_manifests(pack_copy: Path, path: tuple[str | int, ...], value: object, message: str) -> None:
    edit(pack_copy, path, value)
    with pytest.raises(PackError) as caught:
        read_pack(pack_copy)
    assert message in str(caught.value)
    assert str(pack_copy / "pack.json") in str(caught.value)


def test_manifests_that_are_missing_cut_off_or_huge(pack_copy: Path, tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"no style pack at .*nowhere \(no such folder\); give the folder"):
        read_pack(tmp_path / "nowhere")
    with pytest.raises(PackError, match=r"it has no pack\.json"):
        read_pack(tmp_path)
    data = (pack_copy / "pack.json").read_bytes()
    (pack_copy / "pack.json").write_bytes(data[: len(data) // 2])
    with pytest.raises(PackError, match="not valid JSON"):
        read_pack(pack_copy)
    (pack_copy / "pack.json").write_bytes(data + b" " * 1_000_000)
    with pytest.raises(PackError, match="larger than 1000000 bytes"):
        read_pack(pack_copy)


def test_the_declared_size_counts_beside_the_hash(pack_copy: Path) -> None:
    pack = read_pack(pack_copy)
    bank = pack.style("plain").bank
    for size in (bank.size_bytes - 1, bank.size_bytes + 1):
        with pytest.raises(PackError, match="its size or sha256"):
            pack.read_graph(dataclasses.replace(bank, size_bytes=size))


@pytest.mark.parametrize("kept", [0, 10, -1])
def test_truncated_graphs(pack_copy: Path, kept: int) -> None:
    pack = read_pack(pack_copy)
    bank = pack.style("plain").bank
    data = (pack_copy / bank.file).read_bytes()
    (pack_copy / bank.file).write_bytes(data[:kept])
    with pytest.raises(PackError, match=r"banks/plain\.onnx is damaged or was changed"):
        pack.read_graph(bank)


def test_edited_longer_missing_and_linked_graphs(pack_copy: Path, tmp_path: Path) -> None:
    pack = read_pack(pack_copy)
    bank = pack.style("plain").bank
    file = pack_copy / bank.file
    data = file.read_bytes()
    for changed in (bytes([data[0] ^ 1]) + data[1:], data[:-1] + bytes([data[-1] ^ 128]), data + b"\0"):
        file.write_bytes(changed)
        with pytest.raises(PackError, match="damaged or was changed"):
            pack.read_graph(bank)
    file.unlink()
    with pytest.raises(PackError, match=r"lacks its file banks/plain\.onnx; get the pack anew"):
        pack.read_graph(bank)
    shutil.move(pack_copy / "banks", tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "plain.onnx").write_bytes(data)
    (pack_copy / "banks").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PackError, match="lies outside"):
        pack.read_graph(bank)


def test_a_graph_that_is_a_folder(pack_copy: Path) -> None:
    with pytest.raises(PackError, match=r"cannot read .*banks: Is a directory"):
        read_pack(pack_copy).read_graph(GraphFile("banks", "0" * 64, 1))


def test_unknown_styles_are_answered_with_those_there_are(fake_pack: Path) -> None:
    pack = read_pack(fake_pack)
    with pytest.raises(
        PackError, match=r"no style 'plian' in .*; did you mean 'plain'\? it has: negative, plain, swap"
    ):
        pack.style("plian")
    with pytest.raises(PackError, match=r"no style '' in .*pack; it has: negative, plain, swapped$"):
        pack.style("")
