"""The committed fake pack is what its script writes; bytes may depend on the installed onnx, what they say may not."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nst_runtime.contracts.packs import CODEC_FILE
from nst_runtime.contracts.styles import read_style
from nst_runtime.contracts.tensors import load_arrays


@pytest.fixture(scope="module")
def written(fake_pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnx")
    folder = tmp_path_factory.mktemp("written") / "pack"
    subprocess.run([sys.executable, fake_pack.parent / "make_fake_pack.py", folder], check=True)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def manifest(folder: Path) -> dict[str, Any]:
    """Return pack.json without the hashes and sizes of files."""
    hashed = {"sha256", "size_bytes"}
    text = (folder / "pack.json").read_text()
    content: dict[str, Any] = json.loads(
        text, object_hook=lambda found: {k: v for k, v in found.items() if "file" not in found or k not in hashed}
    )
    return content


def test_the_script_writes_the_committed_files(fake_pack: Path, written: Path) -> None:
    assert names(written) == names(fake_pack)
    assert manifest(written) == manifest(fake_pack)
    assert sum((fake_pack / name).stat().st_size for name in names(fake_pack)) < 14_000


def test_the_templates_say_the_same(fake_pack: Path, written: Path) -> None:
    onnx = pytest.importorskip("onnx")
    for template in ("encoder.direct", "bank.direct", "bank.staged", "bank.folded", "decoder.direct"):
        a, b = (
            onnx.load(folder / f"{template}.onnx", load_external_data=False).graph for folder in (fake_pack, written)
        )
        for part in ("node", "input", "output", "initializer"):
            assert list(getattr(a, part)) == list(getattr(b, part)), (template, part)
        assert sum(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in a.initializer) >= 1


def test_the_numbers_are_the_same(fake_pack: Path, written: Path) -> None:
    for style in ("negative", "swapped", "plain"):
        a, b = (read_style(folder / "styles" / f"{style}.safetensors") for folder in (fake_pack, written))
        assert (a.record, a.preview) == (b.record, b.preview)
        assert {name: array.tolist() for name, array in a.tensors.items()} == {
            name: array.tolist() for name, array in b.tensors.items()
        }
        assert a.statistics["norm"].variance.tolist() == b.statistics["norm"].variance.tolist()
    first, second = (
        {name: array.tolist() for name, array in load_arrays((folder / CODEC_FILE).read_bytes(), "x", "").items()}
        for folder in (fake_pack, written)
    )
    assert first == second
