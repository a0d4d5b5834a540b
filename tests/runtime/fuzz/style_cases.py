"""Damaged style files and files of statistics are read: refused, or sound."""

import json
import random
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

from nst_runtime.contracts.packs import read_pack
from nst_runtime.contracts.styles import parse_style, read_record, read_style, style_bytes
from nst_runtime.errors import NstError
from nst_runtime.inference.chain import Parts
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.look_statistics import LookStatistics, load_statistics, look_statistics, save_statistics

from .json_mutations import change, to_text
from .mutations import mutate

FAKE_PACK = Path(__file__).parents[1] / "fake_pack"
KINDS = ("style-bytes", "style-head", "style-record", "statistics-bytes", "statistics-content")
_GOOD = (FAKE_PACK / "styles" / "negative.safetensors").read_bytes()
_BODY = 8 + int.from_bytes(_GOOD[:8], "little")


def make(kind: str, number: int, statistics: bytes = b"") -> bytes:
    """Return the damaged file number `number` of a `kind`; `statistics` is a sound file of them."""
    r = random.Random(f"{kind} {number}")
    subject, damage = kind.split("-")
    if damage == "bytes":
        return mutate(r, _GOOD if subject == "style" else statistics)
    if subject == "statistics":
        return to_text(r, change(r, json.loads(statistics)))
    head = json.loads(_GOOD[8:_BODY])
    if damage == "record":
        record = to_text(r, change(r, json.loads(head["__metadata__"]["nst"])))
        head["__metadata__"]["nst"] = record.decode()
        text = json.dumps(head).encode()
    else:
        for _ in range(r.choice((1, 1, 2))):
            head = change(r, head)
        text = to_text(r, head)
    return len(text).to_bytes(8, "little") + text + _GOOD[_BODY:]


def check(kind: str, number: int, folder: Path) -> None:
    """Read the damaged file; raises what a person should never see."""
    path = folder / "file"
    if kind.startswith("statistics"):
        path.write_bytes(make(kind, number, _statistics(folder)))
        with suppress(NstError):
            assert isinstance(load_statistics(path, _parts(), "auto"), LookStatistics)
        return
    data = make(kind, number)
    path.write_bytes(data)
    with suppress(NstError):
        read_record(path)
    with suppress(NstError):
        style = read_style(path)
        assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in style.tensors.values())
        again = parse_style(style_bytes(style), "what was written")
        assert again.record == style.record
        assert again.tensors.keys() == style.tensors.keys()


@cache
def _parts() -> Parts:
    pack = read_pack(FAKE_PACK)
    tensors = read_style(FAKE_PACK / "styles" / "negative.safetensors").tensors
    return Parts(pack, pack.codec_tensors(), tensors, RunSettings("cpu", 1))


@cache
def _statistics(folder: Path) -> bytes:
    path = folder / "statistics"
    typical = read_style(FAKE_PACK / "styles" / "negative.safetensors").statistics
    save_statistics(look_statistics(_parts(), typical, "auto"), path)
    load_statistics(path, _parts(), "auto")
    return path.read_bytes()
