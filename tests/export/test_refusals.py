"""What ``nst-export pack`` refuses, by one line, and that the pack that was there stays."""

import errno
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from nst_export import assemble, folders
from nst_export.graph import Graph
from nst_export.parts import decoder_model
from nst_runtime.contracts.files import sha256_of_file, write_text
from nst_runtime.contracts.workspace import Workspace
from nst_student.checkpoint import BANK_FILE, CODEC_FILE
from nst_student.detailed import DetailedDecoder

from .conftest import Run, save_bank

Refused = Callable[..., str]


def state(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): sha256_of_file(path) for path in folder.rglob("*") if path.is_file()}


def test_wrong_weight(packed: Workspace, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    """One kernel of the decoder a little off is too much."""

    def wrong_model(decoder: DetailedDecoder, metadata: dict[str, str], *, conditional: bool) -> bytes:
        with torch.no_grad():
            decoder.up.taps[3, 1] += 0.02
        try:
            return decoder_model(decoder, metadata, conditional=conditional)
        finally:
            with torch.no_grad():
                decoder.up.taps[3, 1] -= 0.02

    before = state(packed.root)
    monkeypatch.setattr(assemble, "decoder_model", wrong_model)
    line = refused("pack", "--workspace", packed.root)
    assert "decoder at 16×16: torch and onnxruntime differ by" in line
    assert "limit of 1e-04" in line
    assert state(packed.root) == before


def test_wrong_border(packed: Workspace, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    """A border that repeats pixels where the student's mirrors them."""
    true_add = Graph.add

    def wrong_add(self: Graph, operator: str, *inputs: str, **attributes: int | float | str | list[int]) -> str:
        if operator == "Pad":
            attributes["mode"] = "edge"
        return true_add(self, operator, *inputs, **attributes)

    before = state(packed.root)
    monkeypatch.setattr(Graph, "add", wrong_add)
    assert "encoder at 16×16" in refused("pack", "--workspace", packed.root)
    assert state(packed.root) == before


def test_no_checkpoints(tmp_path: Path, refused: Refused) -> None:
    line = refused("pack", "--workspace", tmp_path / "none")
    assert "codec.safetensors" in line
    assert "nst-student train-codec" in line
    assert list(tmp_path.iterdir()) == []


def test_no_banks(workspace: Workspace, tmp_path: Path, refused: Refused) -> None:
    assert "nst-student train-bank" in refused("pack", "--workspace", workspace.root, "--banks", tmp_path)
    assert "there are: scream, waves" in refused("pack", "--workspace", workspace.root, "--style", "udnie")
    assert "no valid style name" in refused("pack", "--workspace", workspace.root, "--style", "../waves")


def test_bank_of_another_codec(workspace: Workspace, refused: Refused) -> None:
    save_bank(workspace, "waves", "0" * 64)
    line = refused("pack", "--workspace", workspace.root)
    assert "was trained for codec 000000000000, not for" in line
    assert not workspace.pack.exists()


def test_bank_of_another_style(workspace: Workspace, refused: Refused) -> None:
    (workspace.root / "banks" / "waves").rename(workspace.root / "banks" / "udnie")
    assert "holds the bank of 'waves'" in refused("pack", "--workspace", workspace.root)


@pytest.mark.parametrize("damage", [b"", b"not a checkpoint at all", None])
@pytest.mark.parametrize("file", [f"codec/{CODEC_FILE}", f"banks/waves/{BANK_FILE}"])
def test_damaged_checkpoint(workspace: Workspace, refused: Refused, file: str, damage: bytes | None) -> None:
    path = workspace.root / file
    path.write_bytes(path.read_bytes()[:-100] if damage is None else damage)
    line = refused("pack", "--workspace", workspace.root)
    assert str(path) in line
    assert "damaged" in line
    assert not workspace.pack.exists()


def test_nan_in_weights(workspace: Workspace, refused: Refused) -> None:
    path = workspace.bank("waves") / BANK_FILE
    data = bytearray(path.read_bytes())
    data[-4:] = b"\x00\x00\xc0\x7f"  # the last weight
    path.write_bytes(bytes(data))
    assert "differ by nan" in refused("pack", "--workspace", workspace.root)
    assert not workspace.pack.exists()


def test_folder_with_other_things(packed: Workspace, refused: Refused, tmp_path: Path) -> None:
    write_text(tmp_path / "diary" / "monday.txt", "dear diary")
    assert "holds monday.txt" in refused("pack", "--workspace", packed.root, "--out", tmp_path / "diary")
    write_text(packed.pack / "banks" / "notes.txt", "mine")
    assert "holds banks/notes.txt" in refused("pack", "--workspace", packed.root)
    assert (packed.pack / "banks" / "notes.txt").read_text() == "mine"
    write_text(tmp_path / "models" / "encoder.onnx", "someone else's")
    assert "no style pack" in refused("pack", "--workspace", packed.root, "--out", tmp_path / "models")


def test_out_is_a_file(workspace: Workspace, refused: Refused, tmp_path: Path) -> None:
    write_text(tmp_path / "file", "mine")
    assert "is a file" in refused("pack", "--workspace", workspace.root, "--out", tmp_path / "file")
    assert "cannot write" in refused("pack", "--workspace", workspace.root, "--out", tmp_path / "file" / "pack")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_unwritable_folder(workspace: Workspace, refused: Refused, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "Permission denied" in refused("pack", "--workspace", workspace.root, "--out", tmp_path / "pack")


def test_folder_that_may_not_be_made(workspace: Workspace, refused: Refused) -> None:
    assert "cannot write the pack /proc/pack" in refused("pack", "--workspace", workspace.root, "--out", "/proc/pack")


def test_disk_fills(packed: Workspace, refused: Refused) -> None:
    """A limit on file sizes, as a full disk would, stops the export in the middle of the first bank."""
    before = state(packed.root)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, limits[1]))
    try:
        line = refused("pack", "--workspace", packed.root)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert os.strerror(errno.EFBIG) in line
    assert state(packed.root) == before


def test_killed_between_the_renames(packed: Workspace, run: Run) -> None:
    """The next export finds the old pack moved away, and puts it back before anything else."""
    before = state(packed.pack)
    packed.pack.rename(packed.root / ".pack.previous")
    (packed.codec / CODEC_FILE).rename(packed.root / "hidden")
    with pytest.raises(KeyboardInterrupt), folders.replacing_pack(packed.pack):
        raise KeyboardInterrupt
    assert state(packed.pack) == before
    assert sorted(path.name for path in packed.root.iterdir()) == ["banks", "codec", "hidden", "pack"]


@pytest.mark.parametrize("content", ["[1, 2]", '{"waves": {"mean": "low"}}', '{"waves": {"mean": true}}', "{"])
def test_metrics_that_are_none(workspace: Workspace, refused: Refused, tmp_path: Path, content: str) -> None:
    write_text(tmp_path / "metrics.json", content)
    assert "metrics.json" in refused("pack", "--workspace", workspace.root, "--metrics", tmp_path / "metrics.json")
