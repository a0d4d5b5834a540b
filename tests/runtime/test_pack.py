"""Packs: what pack.json says, and what their files must be."""

import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nst_runtime import Stylizer
from nst_runtime.contracts.files import sha256_of_bytes
from nst_runtime.contracts.packs import Norm, Template, read_pack, write_manifest
from nst_runtime.errors import PackError

NEGATIVE = "styles/negative.safetensors"


def edit(folder: Path, path: tuple[str | int, ...], value: object) -> None:
    """Set the place `path` of pack.json to `value`."""
    content: Any = json.loads((folder / "pack.json").read_text())
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    (folder / "pack.json").write_text(json.dumps(content))


def refusal(folder: Path) -> str:
    """Return why the pack in `folder` is refused."""
    with pytest.raises(PackError) as caught:
        read_pack(folder)
    assert str(folder / "pack.json") in caught.value.message
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600
    return str(caught.value)


def test_the_fake_pack_is_as_the_contract_says(fake_pack: Path) -> None:
    pack = read_pack(fake_pack)
    codec, plain = pack.manifest.codec, pack.manifest.plain
    assert (codec.architecture, codec.multiple_px, codec.minimum_px, codec.padding) == ("fake", 4, 16, "reflect")
    assert (codec.painted.channels, codec.painted.scale_px) == (3, 4)
    assert [style.name for style in pack.manifest.styles] == ["negative", "swapped"]
    assert plain is not None
    assert plain.file == "styles/plain.safetensors"
    assert {(t.part, t.form) for t in pack.manifest.templates} == {
        ("encoder", "direct"),
        ("bank", "direct"),
        ("bank", "staged"),
        ("bank", "folded"),
        ("decoder", "direct"),
    }
    assert codec.norms == {"bank": (Norm("norm", 3, 1e-5, "norm.weight", "norm.bias"),)}
    assert sorted(file.file for file in pack.files) == sorted(
        str(path.relative_to(fake_pack)) for path in fake_pack.rglob("*.*") if path.name != "pack.json"
    )
    for file in pack.files:
        assert len(pack.read(file)) == file.size_bytes == (fake_pack / file.file).stat().st_size
    assert {name: array.shape for name, array in pack.codec_tensors().items()} == {
        "encoder.weight": (3, 3, 1, 1),
        "decoder.weight": (3, 3, 1, 1),
    }


def test_a_manifest_comes_back_byte_for_byte(fake_pack: Path, tmp_path: Path) -> None:
    write_manifest(tmp_path, read_pack(fake_pack).manifest)
    assert (tmp_path / "pack.json").read_bytes() == (fake_pack / "pack.json").read_bytes()
    assert list(json.loads((tmp_path / "pack.json").read_text()))[:3] == ["format", "format_version", "requires"]


scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=9)
training = st.dictionaries(st.text(max_size=9), scalars, max_size=3)
norms = st.builds(
    Norm, st.text(max_size=9), st.integers(1, 512), st.floats(1e-9, 1), st.text(), st.text(), st.integers(0, 99)
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30), training, st.lists(norms, max_size=3).map(tuple))
def test_any_manifest_comes_back(
    fake_pack: Path, tmp_path: Path, name: str, training: dict[str, Any], norms: tuple[Norm, ...]
) -> None:
    manifest = read_pack(fake_pack).manifest
    codec = dataclasses.replace(manifest.codec, training=training, norms={"bank": norms})
    changed = dataclasses.replace(manifest, name=name, codec=codec, plain=None, styles=manifest.styles[:1])
    write_manifest(tmp_path, changed)
    assert read_pack(tmp_path).manifest == changed


SHAPE = ("templates", 1, "weights", 0, "shape")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("styles", 1, "name"), "negative", "a style's name comes twice"),
        (("plain", "name"), "negative", "a style's name comes twice"),
        (("plain", "name"), "even", "'plain' is the name of the style under `plain`, and of no other"),
        (("plain",), None, None),
        (("styles", 1, "name"), "../x", "styles[1]: '../x' is not a valid style name"),
        (("styles", 0, "file"), "../secret", "styles[0]: '../secret' is not a path inside the pack"),
        (("templates", 0, "file"), "/etc/passwd", "templates[0]: '/etc/passwd' is not a path inside the pack"),
        (("codec", "weights", "file"), "a/../../b", "codec.weights: 'a/../../b' is not a path inside the pack"),
        (("templates", 0, "size_bytes"), 0, "templates[0]: size_bytes 0 is not in 1–64000000"),
        (("templates", 0, "size_bytes"), 64_000_001, "size_bytes 64000001 is not in"),
        (("codec", "weights", "sha256"), "00", "codec.weights: '00' is not a sha256"),
        (("codec", "sha256"), "A" * 64, "is not a sha256"),
        (("codec", "multiple_px"), 0, "codec: multiple_px must be at least 1"),
        (("codec", "multiple_px"), 17, "codec: multiple_px must be at least 1 and at most minimum_px"),
        (("codec", "minimum_px"), 5000, "at most 4096"),
        (("codec", "padding"), "zeros", "codec.padding must be one of 'reflect'"),
        (("codec", "painted", "scale_px"), 0, "scale_px, overlap and step must be in 1–4096"),
        (("codec", "painted", "step"), 5000, "scale_px, overlap and step must be in 1–4096"),
        (("codec", "norms", "bank", 0, "eps"), 0, "codec.norms.bank[0]: the norm norm has no channels, a negative"),
        (("codec", "norms", "bank", 0, "channels"), 0, "has no channels"),
        (("codec", "norms", "bank", 0, "bias_start"), -1, "a negative start"),
        (("codec", "norms", "bank"), {}, "codec.norms.bank must be a list"),
        (("styles",), {}, "styles must be a list"),
        (("templates", 2, "form"), "direct", "a template comes twice"),
        (("templates", 1, "inputs", 0, "shape"), [1, 3.5], "templates[1].inputs[0].shape[1] must be a text, a number"),
        (SHAPE, [50_000, 50_000], "of weight is not one of at most 16000000"),
        (SHAPE, [2**62, 2**62], "of weight is not one of at most 16000000"),
        (SHAPE, [0, 2**62], "of weight is not one of at most 16000000"),
        (SHAPE, [-1], "of weight is not one of at most 16000000"),
        (SHAPE, [True], "templates[1].weights[0].shape[0] must be a whole number"),
        (("codec", "norms", "bank", 0, "eps"), 10**400, "eps must be a number below 1e308"),
        (("styles", 0, "name"), "x" * 100_000, "is damaged: styles[0]: 'xxxx"),
        (("styles", 0, "name"), "a\nb", r"'a\nb' is not a valid style name"),
    ],
)
def test_edited_manifests(pack_copy: Path, path: tuple[str | int, ...], value: object, message: str | None) -> None:
    edit(pack_copy, path, value)
    if message is None:
        read_pack(pack_copy)
    else:
        assert message in refusal(pack_copy)


def test_the_plain_style_has_its_place(pack_copy: Path) -> None:
    content = json.loads((pack_copy / "pack.json").read_text())
    content["styles"].append(content.pop("plain"))
    (pack_copy / "pack.json").write_text(json.dumps(content))
    assert "'plain' is the name of the style under `plain`" in refusal(pack_copy)


def test_what_a_pack_may_grow(pack_copy: Path, fake_pack: Path) -> None:
    """Templates of parts, forms and precisions that this version does not know, and keys anywhere, are for others."""
    content = json.loads((pack_copy / "pack.json").read_text())
    bank = content["templates"][1]
    content["templates"] += [{**bank, "precision": "float16"}, {**bank, "form": "tiled"}, {**bank, "part": "upscaler"}]
    content["codec"]["painted"]["colors"] = content["styles"][0]["tags"] = content["templates"][0]["opset"] = [1, {}]
    (pack_copy / "pack.json").write_text(json.dumps(content))
    grown, pack = read_pack(pack_copy), read_pack(fake_pack)
    assert grown.manifest.codec == pack.manifest.codec
    assert grown.manifest.templates[:5] == pack.manifest.templates
    for form in ("direct", "staged", "folded"):
        assert grown.template("bank", form) == pack.template("bank", form)


def test_templates_by_part_and_form(pack_copy: Path) -> None:
    pack = read_pack(pack_copy)
    assert pack.template("bank", "folded").file == "bank.folded.onnx"
    assert pack.template("decoder", "folded").file == "decoder.direct.onnx"  # without norms, all forms are one
    edit(pack_copy, ("templates", 3, "form"), "other")
    with pytest.raises(PackError, match=r"pack has no template of the bank in the form folded; get the pack again"):
        read_pack(pack_copy).template("bank", "folded")
    edit(pack_copy, ("templates", 1, "precision"), "float16")
    with pytest.raises(PackError, match="no template of the bank in the form direct"):
        Stylizer.load(pack_copy, 1).network.bank("negative")


def test_format_1_is_refused_with_what_to_do(pack_copy: Path) -> None:
    """A pack of programs, as they were before: a bank is an ONNX graph there."""
    old = {"format": "nst-style-pack", "format_version": 1, "name": "default", "codec": {}, "styles": [{"bank": {}}]}
    (pack_copy / "pack.json").write_text(json.dumps(old))
    assert "is of the old format 1; this version reads 2; write the pack again with nst-export" in refusal(pack_copy)


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
    style = pack.manifest.styles[0]
    for size in (style.size_bytes - 1, style.size_bytes + 1):
        with pytest.raises(PackError, match="its size or sha256"):
            pack.read(dataclasses.replace(style, size_bytes=size))


def test_damaged_longer_missing_and_linked_files(pack_copy: Path, tmp_path: Path) -> None:
    pack = read_pack(pack_copy)
    file = pack_copy / NEGATIVE
    data = file.read_bytes()
    flipped = bytes([data[0] ^ 1]) + data[1:], data[:-1] + bytes([data[-1] ^ 128])
    for changed in (*flipped, data + b"\0", data[:-1], data[:10], b""):
        file.write_bytes(changed)
        with pytest.raises(PackError, match=r"styles/negative\.safetensors is damaged or was changed .*; get the pack"):
            pack.read(pack.manifest.styles[0])
    file.unlink()
    with pytest.raises(PackError, match=r"lacks its file styles/negative\.safetensors; get the pack again"):
        pack.read(pack.manifest.styles[0])
    shutil.move(pack_copy / "styles", tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "negative.safetensors").write_bytes(data)
    (pack_copy / "styles").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PackError, match="lies outside"):
        pack.read(pack.manifest.styles[0])


def test_a_pack_may_be_a_link_itself(pack_copy: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(pack_copy)
    pack = read_pack(tmp_path / "link")
    assert len(pack.read(pack.manifest.styles[0])) == pack.manifest.styles[0].size_bytes


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_not_a_file_is_not_opened(pack_copy: Path, make: Callable[[Path], None]) -> None:
    (pack_copy / "codec.safetensors").unlink()
    make(pack_copy / "codec.safetensors")  # to open a named pipe would take for ever
    with pytest.raises(PackError, match=r"lacks its file codec\.safetensors; get the pack again"):
        read_pack(pack_copy).codec_tensors()


@pytest.mark.parametrize("name", ["codec.safetensors", "encoder.direct.onnx", "decoder.direct.onnx"])
def test_a_damaged_codec_is_found_on_loading(pack_copy: Path, name: str) -> None:
    (pack_copy / name).write_bytes((pack_copy / name).read_bytes()[:-1])
    with pytest.raises(PackError, match=rf"{name} is damaged or was changed"):
        Stylizer.load(pack_copy, 1)


def put(folder: Path, index: int, data: bytes, **changes: object) -> None:
    """Put `data` in place of a template's file and make the manifest agree, as someone with ill will would."""
    manifest = read_pack(folder).manifest
    template = manifest.templates[index]
    (folder / template.file).write_bytes(data)
    facts = {"sha256": sha256_of_bytes(data), "size_bytes": len(data), **changes}
    changed: list[Template] = list(manifest.templates)
    changed[index] = dataclasses.replace(template, **facts)  # type: ignore[arg-type]
    write_manifest(folder, dataclasses.replace(manifest, templates=tuple(changed)))


@pytest.mark.parametrize("data", [b"x", b"\x08\x08", b"\0" * 100])
def test_templates_that_are_not_graphs(pack_copy: Path, data: bytes) -> None:
    put(pack_copy, 0, data)
    with pytest.raises(
        PackError, match=r"encoder\.direct\.onnx (is not a graph that onnxr|has other inputs)"
    ) as caught:
        Stylizer.load(pack_copy, 1)
    assert "\n" not in str(caught.value)


def test_templates_whose_ports_differ_from_the_manifest(pack_copy: Path) -> None:
    manifest = read_pack(pack_copy).manifest
    put(pack_copy, 1, (pack_copy / "bank.direct.onnx").read_bytes(), inputs=manifest.templates[0].inputs)
    with pytest.raises(PackError, match=r"bank\.direct\.onnx has other inputs and outputs than its manifest says"):
        Stylizer.load(pack_copy, 1).network.bank("negative")
    put(pack_copy, 0, (pack_copy / "decoder.direct.onnx").read_bytes(), weights=manifest.templates[4].weights)
    with pytest.raises(PackError, match=r"encoder\.direct\.onnx has other inputs and outputs than its manifest says"):
        Stylizer.load(pack_copy, 1)


@pytest.mark.parametrize(("kept", "more"), [(0, 0), (3, 0), (4, 1)])
def test_templates_that_want_other_weights_than_the_manifest_says(
    pack_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int, more: int
) -> None:
    """Nothing in the working directory takes a missing weight's place."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.bin").write_bytes(bytes(4096))
    templates = read_pack(pack_copy).manifest.templates
    weights = (*templates[1].weights[:kept], *templates[0].weights[:more])
    put(pack_copy, 1, (pack_copy / "bank.direct.onnx").read_bytes(), weights=weights)
    with pytest.raises(PackError, match=r"bank\.direct\.onnx is not a graph|its encoder\.weight is missing") as caught:
        Stylizer.load(pack_copy, 1).network.bank("negative")
    assert str(pack_copy) in caught.value.message
    assert "\n" not in str(caught.value)
