"""Codec checkpoints: safetensors files that describe themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import nn

from nst_runtime.contracts.files import sha256_of_bytes, write_bytes
from nst_runtime.contracts.records import to_json
from nst_runtime.contracts.tensors import read_metadata, save_arrays
from nst_runtime.contracts.versions import read_headed
from nst_runtime.errors import NstError
from nst_student.networks.registry import ARCHITECTURES, Architecture, Decoder, Encoder

FORMAT = "nst-codec"
FORMAT_VERSION = 1
CODEC_FILE = "codec.safetensors"
AGAIN = "train a codec with nst-student train-codec"
ModuleT = TypeVar("ModuleT", bound=nn.Module)


@dataclass(frozen=True)
class CodecRecord:
    """What a codec's checkpoint says of itself; `training` holds the recipe, scalars by name."""

    architecture: str
    training: Mapping[str, Any] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    format: str = FORMAT
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True)
class Codec:
    """A trained encoder and decoder, and the sha256 of the file they came from, which names them."""

    encoder: Encoder
    decoder: Decoder
    record: CodecRecord
    sha256: str

    @property
    def architecture(self) -> Architecture:
        """What the codec's parts, and its banks, are made like."""
        return ARCHITECTURES[self.record.architecture]

    def to(self, device: torch.device) -> "Codec":
        """Return this codec, its networks moved to `device`."""
        self.encoder.to(device)
        self.decoder.to(device)
        return self


def save_codec(path: Path, encoder: nn.Module, decoder: nn.Module, record: CodecRecord) -> None:
    """Write the tensors of `encoder` and `decoder`, and `record`, to `path` in one move."""
    arrays = {
        f"{name}.{key}": value.detach().cpu().float().numpy()
        for name, module in (("encoder", encoder), ("decoder", decoder))
        for key, value in module.state_dict().items()
    }
    write_bytes(path, save_arrays(arrays, to_json(record)))


def load_codec(path: Path) -> Codec:
    """Return the codec in `path`, frozen; raises NstError when the file is missing, damaged or not a codec."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NstError(f"no codec at {path}", AGAIN) from error
    except OSError as error:
        raise NstError(f"cannot read {path}: {error.strerror or error}") from error
    record = _read_record(data, path)
    try:
        tensors = load(data)
    except SafetensorError as error:
        raise NstError(f"{path} is damaged ({error})", AGAIN) from error
    architecture = ARCHITECTURES[record.architecture]
    encoder = filled(architecture.encoder(), "encoder.", tensors, path)
    return Codec(encoder, filled(architecture.decoder(), "decoder.", tensors, path), record, sha256_of_bytes(data))


def _read_record(data: bytes, path: Path) -> CodecRecord:
    record = read_headed(
        CodecRecord,
        read_metadata(data, str(path), AGAIN),
        form=FORMAT,
        version=FORMAT_VERSION,
        what="a codec",
        where=str(path),
        again=AGAIN,
        mend=AGAIN,
    )
    if record.architecture not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise NstError(f"{path} is of the unknown architecture {record.architecture!r}; there are {known}")
    return record


def filled(module: ModuleT, prefix: str, tensors: Mapping[str, torch.Tensor], path: Path) -> ModuleT:
    """Return `module`, frozen, with the tensors of `path` whose names begin with `prefix`; raises NstError."""
    state = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        raise NstError(f"{path} does not hold the tensors of its architecture's {type(module).__name__}") from error
    return module.eval().requires_grad_(False)
