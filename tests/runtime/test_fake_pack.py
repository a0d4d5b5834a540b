import subprocess
import sys
from pathlib import Path

import pytest


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_script_writes_the_committed_pack(fake_pack: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    subprocess.run([sys.executable, fake_pack.parent / "make_fake_pack.py", tmp_path / "pack"], check=True)
    assert contents(tmp_path / "pack") == contents(fake_pack)
    assert sum(map(len, contents(fake_pack).values())) < 10_000
