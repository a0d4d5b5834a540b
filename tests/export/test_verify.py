"""``nst-export verify``: what it proves and what it finds."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from nst_export.parity import LIMIT
from nst_runtime.contracts.workspace import Workspace
from nst_student.networks.checkpoint import CODEC_FILE, load_codec

from ..runtime.running import Run
from .conftest import save_bank, save_workspace

Refused = Callable[..., str]


def test_whole_pack(run: Run, packed: Workspace) -> None:
    result = run("verify", packed.pack, "--workspace", packed.root, "--json")
    told = json.loads(result.out)
    assert result.code == 0
    assert result.err.startswith("note: loading torch and onnx\n")
    assert told["styles"] == ["scream", "waves"]
    assert 0 < told["max_difference"] < LIMIT / 3


def test_pack_without_its_checkpoints(
    run: Run, packed: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    packed.root.rename(tmp_path / "elsewhere")
    result = run("verify", tmp_path / "elsewhere" / "pack")
    assert (result.code, result.out.strip()) == (0, str(tmp_path / "elsewhere" / "pack"))
    assert "not compared with what was trained" in result.err


def test_checkpoints_of_another_training(refused: Refused, packed: Workspace, tmp_path: Path) -> None:
    other = save_workspace(tmp_path / "other", seed=9)
    line = refused("verify", packed.pack, "--workspace", other.root)
    assert "nst-export pack" in line


def test_bank_trained_again(refused: Refused, packed: Workspace) -> None:
    save_bank(packed, "waves", load_codec(packed.codec / CODEC_FILE).sha256)
    line = refused("verify", packed.pack, "--workspace", packed.root)
    assert "bank waves at 16×16: torch and onnxruntime differ by" in line


@pytest.mark.parametrize(
    "file", ["encoder.direct.onnx", "bank.folded.onnx", "codec.safetensors", "styles/scream.safetensors"]
)
def test_edited_graph(refused: Refused, packed: Workspace, file: str) -> None:
    path = packed.pack / file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    assert f"{path} is damaged or was changed" in refused("verify", packed.pack)


def test_missing_pack(refused: Refused, tmp_path: Path) -> None:
    assert "no such folder" in refused("verify", tmp_path / "none")


def test_bank_of_another_pack(run: Run, refused: Refused, packed: Workspace, tmp_path: Path) -> None:
    """A bank that belongs to another codec, its size and hash put into the manifest by hand."""
    other = save_workspace(tmp_path / "other", seed=9)
    assert run("pack", "--workspace", other.root).code == 0
    mine, theirs = (json.loads((w.pack / "pack.json").read_text()) for w in (packed, other))
    mine["styles"][1] = theirs["styles"][1]
    (packed.pack / "pack.json").write_text(json.dumps(mine))
    name = "styles/waves.safetensors"
    (packed.pack / name).write_bytes((other.pack / name).read_bytes())
    assert "was trained for codec" in refused("verify", packed.pack)
