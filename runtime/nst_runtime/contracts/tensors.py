"""Safetensors files: arrays by name and a JSON text, checked before anything is believed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nst_runtime.contracts.files import Json, parse_json, sha256_of_bytes
from nst_runtime.contracts.names import shown
from nst_runtime.errors import NstError, PackError

METADATA_KEY = "nst"
HEADER_LIMIT_BYTES = 1_000_000

Tensor = npt.NDArray[np.float32]
Tensors = Mapping[str, Tensor]
_DTYPES = {"F16": np.float16, "F32": np.float32, "U8": np.uint8}


def halved(array: Tensor) -> npt.NDArray[Any]:
    """Return `array` in float16 if that holds the same numbers, else as it is."""
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    return half if np.array_equal(half.astype(np.float32), array) else array


def save_arrays(arrays: Mapping[str, npt.NDArray[Any]], metadata: object) -> bytes:
    """Return a safetensors file of `arrays` whose metadata is the JSON text of `metadata` under METADATA_KEY."""
    from safetensors.numpy import save  # noqa: PLC0415 (readers of lists need none)

    text = json.dumps(metadata, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return bytes(save({name: np.asarray(a, order="C") for name, a in arrays.items()}, {METADATA_KEY: text}))


def load_arrays(data: bytes, where: str, again: str) -> dict[str, npt.NDArray[Any]]:
    """Return the tensors of the safetensors file `data`: float16 and float32 as float32, finite; uint8 as it is.

    Raises PackError, whose hint is `again`, when it is damaged or holds numbers that are not finite; tensors of other
    types are left out.
    """
    from safetensors import SafetensorError, deserialize  # noqa: PLC0415

    try:
        found = deserialize(data)  # type: ignore[no-untyped-call]
        arrays = {name: _to_array(entry) for name, entry in found if entry["dtype"] in _DTYPES}
    except (SafetensorError, ValueError) as error:
        raise PackError(f"{where} is damaged, or not a safetensors file ({shown(str(error))})", again) from error
    for name, array in arrays.items():
        if array.dtype == np.float32 and not np.isfinite(array).all():
            raise PackError(f"{where} is damaged: {shown(name)} holds numbers that are not finite", again)
    return arrays


def _to_array(entry: Mapping[str, Any]) -> npt.NDArray[Any]:
    array = np.frombuffer(entry["data"], _DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return array.astype(np.float32) if array.dtype == np.float16 else array


def read_metadata(data: bytes, where: str, again: str) -> Json:
    """Return the JSON under METADATA_KEY in the head of the safetensors file `data`; raises PackError without one."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or not 2 <= length <= min(HEADER_LIMIT_BYTES, len(data) - 8):
        raise PackError(f"{where} is damaged, or not a safetensors file", again)
    try:
        head = parse_json(data[8 : 8 + length], where)
        metadata = head.get("__metadata__") if isinstance(head, dict) else None
        text = metadata.get(METADATA_KEY) if isinstance(metadata, dict) else None
        content = parse_json(text.encode(), f"the metadata of {where}") if isinstance(text, str) else None
    except NstError as error:
        raise PackError(error.message, again) from error
    except UnicodeEncodeError as error:
        raise PackError(f"the metadata of {where} is not Unicode text", again) from error
    if content is None:
        raise PackError(f"{where} is not a file of ours: its metadata says nothing under {METADATA_KEY!r}", again)
    return content


def read_bytes(path: Path, limit_bytes: int, *, whole: bool = True) -> bytes:
    """Return the bytes of `path`, or the first `limit_bytes` of them if not `whole`; raises PackError."""
    try:
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
    except FileNotFoundError as error:
        raise PackError(f"no file {path}", "check its path") from error
    except OSError as error:
        raise PackError(f"cannot read {path}: {error.strerror or error}", "check its path and rights") from error
    if whole and len(data) > limit_bytes:
        raise PackError(f"{path} is larger than {limit_bytes} bytes, and so not a file of ours", "give another file")
    return data[:limit_bytes]


def check_file(data: bytes, size_bytes: int, sha256: str) -> bool:
    """Tell whether `data` has the size and the hash that a manifest declares."""
    return len(data) == size_bytes and sha256_of_bytes(data) == sha256
