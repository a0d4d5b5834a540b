"""What ``nst-export pack`` refuses, by one line, and that the pack that was there stays."""

import errno
import os
import resource
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from nst_export import assemble
from nst_export.templates import layers
from nst_export.templates.graph import Graph, Value
from nst_export.templates.kernels import Kernel
from nst_runtime.contracts import folders
from nst_runtime.contracts.files import sha256_of_file, write_text
from nst_runtime.contracts.packs import read_pack
from nst_runtime.contracts.styles import read_record
from nst_runtime.contracts.tensors import Tensor, save_arrays
from nst_runtime.contracts.workspace import Workspace
from nst_student.networks.checkpoint import CODEC_FILE

from ..runtime.running import Run
from .conftest import save_bank

Refused = Callable[..., str]


def state(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): sha256_of_file(path) for path in folder.rglob("*") if path.is_file()}


def test_wrong_weight(packed: Workspace, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    """One kernel of the decoder a little off is too much."""

    def wrong_save(arrays: Mapping[str, Tensor], metadata: object) -> bytes:
        wrong = np.float32(0.02) * (np.arange(5) == 1)
        return save_arrays(
            {**arrays, "decoder.up.taps": arrays["decoder.up.taps"] + wrong.astype(np.float32)}, metadata
        )

    before = state(packed.root)
    monkeypatch.setattr(assemble, "save_arrays", wrong_save)
    line = refused("pack", "--workspace", packed.root)
    assert "decoder at 16×16: torch and onnxruntime differ by" in line
    assert "limit of 1e-04" in line
    assert state(packed.root) == before


def test_wrong_folding(packed: Workspace, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that nothing but tiles and clips would use is proven, too."""
    true_scaled = layers._scaled

    def wrong_scaled(graph: Graph, kernel: Kernel, a: Value) -> Kernel:
        return true_scaled(graph, kernel, Value(graph.add("Abs", a.name), a.shape))

    monkeypatch.setattr(layers, "_scaled", wrong_scaled)
    line = refused("pack", "--workspace", packed.root)
    assert "encoder, folded at 52×64: torch and onnxruntime differ by" in line


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
    assert "nst-student train-bank" in refused("pack", "--workspace", workspace.root, "--styles", tmp_path)
    assert "there are: scream, waves" in refused("pack", "--workspace", workspace.root, "--style", "udnie")
    assert "not a valid style name" in refused("pack", "--workspace", workspace.root, "--style", "../waves")


def test_bank_of_another_codec(workspace: Workspace, refused: Refused) -> None:
    save_bank(workspace, "waves", "0" * 64)
    line = refused("pack", "--workspace", workspace.root)
    assert "was trained for codec 000000000000, not for" in line
    assert not workspace.pack.exists()


def test_a_renamed_style_file_is_called_as_it_is_named(workspace: Workspace, run: Run) -> None:
    workspace.style("waves").rename(workspace.style("udnie"))
    assert run("pack", "--workspace", workspace.root).code == 0
    assert [style.name for style in read_pack(workspace.pack).manifest.styles] == ["scream", "udnie"]
    assert read_record(workspace.pack / "styles/udnie.safetensors").name == "udnie"


@pytest.mark.parametrize("damage", [b"", b"not a checkpoint at all", None])
@pytest.mark.parametrize("file", [f"codec/{CODEC_FILE}", "styles/waves.safetensors"])
def test_damaged_checkpoint(workspace: Workspace, refused: Refused, file: str, damage: bytes | None) -> None:
    path = workspace.root / file
    path.write_bytes(path.read_bytes()[:-100] if damage is None else damage)
    line = refused("pack", "--workspace", workspace.root)
    assert str(path) in line
    assert "damaged" in line
    assert not workspace.pack.exists()


def test_nan_in_weights(workspace: Workspace, refused: Refused) -> None:
    path = workspace.style("waves")
    data = bytearray(path.read_bytes())
    data[-2:] = b"\x00\x7e"  # the last weight, in float16
    path.write_bytes(bytes(data))
    assert "holds numbers that are not finite" in refused("pack", "--workspace", workspace.root)
    assert not workspace.pack.exists()


def test_folder_with_other_things(packed: Workspace, refused: Refused, tmp_path: Path) -> None:
    write_text(tmp_path / "diary" / "monday.txt", "dear diary")
    assert "holds monday.txt" in refused("pack", "--workspace", packed.root, "--out", tmp_path / "diary")
    write_text(packed.pack / "styles" / "notes.txt", "mine")
    assert "holds styles/notes.txt" in refused("pack", "--workspace", packed.root)
    assert (packed.pack / "styles" / "notes.txt").read_text() == "mine"
    write_text(tmp_path / "models" / "encoder.onnx", "someone else's")
    assert "not a style pack" in refused("pack", "--workspace", packed.root, "--out", tmp_path / "models")


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
    assert sorted(path.name for path in packed.root.iterdir()) == ["codec", "hidden", "pack", "styles"]


@pytest.mark.parametrize("content", ["[1, 2]", '{"waves": {"mean": "low"}}', '{"waves": {"mean": true}}', "{"])
def test_metrics_that_are_none(workspace: Workspace, refused: Refused, tmp_path: Path, content: str) -> None:
    write_text(tmp_path / "metrics.json", content)
    assert "metrics.json" in refused("pack", "--workspace", workspace.root, "--metrics", tmp_path / "metrics.json")
