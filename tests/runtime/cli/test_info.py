"""`nst-runtime info`: software, machine, pack."""

import json
import re
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from nst_runtime import __version__
from nst_runtime.contracts.styles import read_style, write_style

from ..running import Run


def test_info_as_json(run: Run, fake_pack: Path) -> None:
    overview = json.loads(run("info", "--pack", fake_pack, "--threads", 3, "--json").out)
    assert overview["codec_sha256"].startswith("a9fc0cd00cec")
    assert overview["versions"]["nst-runtime"] == __version__
    assert overview["versions"]["pillow"] == version("pillow")
    assert (overview["device"], overview["threads"], overview["styles"]) == ("cpu", 3, ["negative", "swapped"])
    assert "cpu" in overview["devices"]
    sizes = {path.relative_to(fake_pack).as_posix(): path.stat().st_size for path in fake_pack.rglob("*.*")}
    del sizes["pack.json"]
    assert {check["file"]: check["size_bytes"] for check in overview["files"]} == sizes
    assert {check["error"] for check in overview["files"]} == {""}


def test_info_as_a_table(run: Run, fake_pack: Path, tmp_path: Path) -> None:
    result = run("info", "--pack", fake_pack)
    rows = dict(re.split("  +", line, maxsplit=1) for line in result.out.splitlines())
    assert (result.code, result.err) == (0, "")
    assert rows["codec"] == "fake a9fc0cd00cec"
    assert rows["device"] == "cpu"
    assert rows["files"].endswith("bytes, all as the manifest says")
    assert (rows["own styles"], rows["workspace"]) == (str(tmp_path / "own"), "workspace/styles")


def test_telemetry_is_off_unless_asked_for(run: Run, fake_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    assert json.loads(run("info", "--pack", fake_pack, "--json").out)["telemetry"] == "off"
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    said = json.loads(run("info", "--pack", fake_pack, "--json").out)["telemetry"]
    assert said == "as ORT_DISABLE_TELEMETRY=0 says"


def test_every_bad_file_is_named(run: Run, pack_copy: Path) -> None:
    (pack_copy / "styles" / "swapped.safetensors").write_bytes(b"")
    (pack_copy / "decoder.direct.onnx").unlink()
    result = run("info", "--pack", pack_copy)
    assert result.code == 1
    first, *rest = result.err.splitlines()
    assert first == "error: 2 of 9 files of the pack are damaged"
    assert ["lacks its file decoder.direct.onnx" in rest[0], "swapped.safetensors is damaged" in rest[1]] == [
        True,
        True,
    ]
    assert ", 7 of them as the manifest says" in result.out
    assert "device           none; " in result.out


def test_styles_that_are_left_out_are_named(run: Run, fake_pack: Path) -> None:
    negative = read_style(fake_pack / "styles" / "negative.safetensors")
    write_style(Path("own/far.safetensors"), replace(negative, record=replace(negative.record, codec_sha256="ab" * 32)))
    Path("workspace/styles").mkdir(parents=True)
    Path("workspace/styles/cut.safetensors").write_bytes(b"x" * 20)
    left_out = json.loads(run("info", "--pack", fake_pack, "--json").out)["left_out"]
    assert [Path(path).name for path in left_out] == ["far.safetensors", "cut.safetensors"]
    assert ["trained for codec abababababab" in left_out[path] for path in left_out] == [True, False]
    assert "left out" in run("info", "--pack", fake_pack).out


def test_a_device_that_is_not_there(run: Run, fake_pack: Path) -> None:
    overview = json.loads(run("info", "--pack", fake_pack, "--device", "webgpu", "--json").out)
    assert overview["device"] is None
    assert "does not have the device webgpu" in overview["device_note"]
