"""Damaged packs are loaded and painted with: refused, or a picture."""

import json
import os
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from nst_runtime import Stylizer
from nst_runtime.contracts.files import sha256_of_bytes
from nst_runtime.errors import NstError

from .json_mutations import change, to_text
from .mutations import mutate

FAKE_PACK = Path(__file__).parents[1] / "fake_pack"
_MANIFEST = json.loads((FAKE_PACK / "pack.json").read_bytes())
_PHOTO = np.random.default_rng(1).integers(0, 256, (16, 20, 3), dtype=np.uint8)
Damage = Callable[[random.Random, Path], None]


def manifest_bytes(r: random.Random, pack: Path) -> None:
    _rewrite(pack / "pack.json", mutate(r, (pack / "pack.json").read_bytes()))


def manifest_content(r: random.Random, pack: Path) -> None:
    content = _MANIFEST
    for _ in range(r.choice((1, 1, 2))):
        content = change(r, content)
    _rewrite(pack / "pack.json", to_text(r, content))


def graphs(r: random.Random, pack: Path) -> None:
    """Damage the graphs that are run, and make their hashes right again, so that onnxruntime sees them."""
    content = json.loads(json.dumps(_MANIFEST))
    used = [entry for entry in content["templates"] if entry["form"] == "direct"]
    _put(pack, content, r.choice(used), lambda data: mutate(r, data))


def numbers(r: random.Random, pack: Path) -> None:
    """Damage the codec's or a style's numbers, and make their hashes right again."""
    content = json.loads(json.dumps(_MANIFEST))
    _put(pack, content, r.choice([content["codec"]["weights"], *content["styles"]]), lambda data: mutate(r, data))


def files(r: random.Random, pack: Path) -> None:
    """Exchange, link, empty or take away files of the pack; the manifest stays, or its hashes follow."""
    content = json.loads(json.dumps(_MANIFEST))
    entries = [content["codec"]["weights"], *content["templates"], *content["styles"], content["plain"]]
    first, second = r.sample(entries, 2)
    step = r.choice(("exchange", "outside", "folder", "gone", "empty", "path", "loop", "pipe"))
    path = pack / first["file"]
    if step == "exchange":
        for key in ("file", "sha256", "size_bytes"):
            first[key], second[key] = second[key], first[key]
    elif step == "path":
        first["file"] = r.choice(
            ("../fake_pack/codec.safetensors", str(FAKE_PACK / first["file"]), ".", "styles", "a//b")
        )
    else:
        path.unlink()
        if step == "outside":
            path.symlink_to(FAKE_PACK / first["file"])
        elif step == "loop":
            path.symlink_to(path)
        elif step == "folder":
            path.mkdir()
        elif step == "empty":
            path.touch()
        elif step == "pipe" and hasattr(os, "mkfifo"):
            os.mkfifo(path)
    _rewrite(pack / "pack.json", json.dumps(content).encode())


DAMAGES: dict[str, Damage] = {
    "pack-manifest-bytes": manifest_bytes,
    "pack-manifest-content": manifest_content,
    "pack-graphs": graphs,
    "pack-numbers": numbers,
    "pack-files": files,
}
KINDS = tuple(DAMAGES)


def check(kind: str, number: int, folder: Path) -> None:
    """Load the damaged pack and paint with it; raises what a person should never see."""
    pack = folder / "pack"
    shutil.rmtree(pack, ignore_errors=True)
    shutil.copytree(FAKE_PACK, pack)
    DAMAGES[kind](random.Random(f"{kind} {number}"), pack)
    with suppress(NstError):
        stylizer = Stylizer.load(pack, threads=1, workspace=folder / "none", device="cpu")
        for name in ("negative", "plain"):
            with suppress(NstError):
                painted = stylizer.stylize(_PHOTO, name)
                assert painted.shape == _PHOTO.shape


def _put(pack: Path, content: object, entry: dict[str, Any], damage: Callable[[bytes], bytes]) -> None:
    path = pack / entry["file"]
    data = damage(path.read_bytes())
    _rewrite(path, data)
    entry["sha256"], entry["size_bytes"] = sha256_of_bytes(data), len(data)
    _rewrite(pack / "pack.json", json.dumps(content).encode())


def _rewrite(path: Path, data: bytes) -> None:
    path.write_bytes(data)
