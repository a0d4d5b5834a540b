"""Checkpoints: safetensors files that describe themselves."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from nst_runtime.contracts.files import sha256_of_bytes, write_bytes
from nst_runtime.errors import NstError
from nst_student.network import ARCHITECTURES, Architecture, Bank, Decoder, Encoder

FORMAT_VERSION = 1
METADATA_KEY = "nst"
CODEC_FILE, BANK_FILE = "codec.safetensors", "bank.safetensors"
Kind = Literal["codec", "bank"]
ModuleT = TypeVar("ModuleT", bound=nn.Module)


@dataclass(frozen=True)
class Description:
    """What a checkpoint says of itself; `training` holds the recipe, scalars by name."""

    kind: Kind
    architecture: str
    style: str | None = None
    codec_sha256: str | None = None
    training: dict[str, Any] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True)
class Codec:
    """A trained encoder and decoder, and the sha256 of the file they came from, which names them."""

    encoder: Encoder
    decoder: Decoder
    description: Description
    sha256: str

    @property
    def architecture(self) -> Architecture:
        """What the codec's parts, and its banks, are made like."""
        return ARCHITECTURES[self.description.architecture]

    def to(self, device: torch.device) -> "Codec":
        """Return this codec, its networks moved to `device`."""
        self.encoder.to(device)
        self.decoder.to(device)
        return self


@dataclass(frozen=True)
class TrainedBank:
    """A trained bank and what its file says of it."""

    bank: Bank
    description: Description


def save_checkpoint(path: Path, modules: Mapping[str, nn.Module], description: Description) -> None:
    """Write the tensors of `modules`, under their names, and `description` to `path` in one move."""
    tensors = {
        f"{name}.{key}": value.detach().cpu().contiguous()
        for name, module in modules.items()
        for key, value in module.state_dict().items()
    }
    write_bytes(path, save(tensors, {METADATA_KEY: json.dumps(asdict(description), sort_keys=True)}))


def save_bank(path: Path, bank: Bank, description: Description) -> None:
    """Write `bank` and `description` to `path` in one move, its tensors in float16.

    The rounding shows in no picture, and what ships is what was written, bit for bit, in half the room.
    """
    save_checkpoint(path, {"bank": deepcopy(bank).half()}, description)


def load_codec(path: Path) -> Codec:
    """Return the codec in `path`, frozen; raises NstError when the file is missing, damaged or no codec."""
    data, tensors, description = _read(path, "codec")
    architecture = ARCHITECTURES[description.architecture]
    encoder = _filled(architecture.encoder(), "encoder", tensors, path)
    decoder = _filled(architecture.decoder(), "decoder", tensors, path)
    return Codec(encoder, decoder, description, sha256_of_bytes(data))


def load_bank(path: Path, codec: Codec) -> TrainedBank:
    """Return the bank in `path`, frozen; raises NstError when it was trained for another codec than `codec`."""
    _, tensors, description = _read(path, "bank")
    if description.codec_sha256 != codec.sha256:
        raise NstError(
            f"{path} was trained for codec {str(description.codec_sha256)[:12]}, not for {codec.sha256[:12]}; "
            "train it again with nst-student train-bank"
        )
    return TrainedBank(_filled(ARCHITECTURES[description.architecture].bank(), "bank", tensors, path), description)


def first_bank(codec: Codec, seed: int, start: Path | None = None) -> Bank:
    """Return a bank of `codec` to train: the one in `start`, or a new one, whose weights are drawn by `seed`."""
    if start is not None:
        return load_bank(start, codec).bank.train().requires_grad_(True)
    torch.manual_seed(seed)
    return codec.architecture.bank(codec.decoder)


def _read(path: Path, kind: Kind) -> tuple[bytes, dict[str, torch.Tensor], Description]:
    try:
        data = path.read_bytes()
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        description = Description(**json.loads(header["__metadata__"][METADATA_KEY]))
        tensors = load(data)
    except FileNotFoundError as error:
        raise NstError(f"no {kind} at {path}; train one with nst-student train-{kind}") from error
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise NstError(f"{path} is no {kind} checkpoint of nst-student, or it is damaged") from error
    if description.format_version != FORMAT_VERSION:
        raise NstError(f"{path} has format {description.format_version}; this nst-student reads {FORMAT_VERSION}")
    if description.kind != kind:
        raise NstError(f"{path} holds a {description.kind}, not a {kind}")
    if description.architecture not in ARCHITECTURES:
        raise NstError(f"{path}: unknown architecture {description.architecture!r}; known: {', '.join(ARCHITECTURES)}")
    return data, tensors, description


def _filled(module: ModuleT, name: str, tensors: Mapping[str, torch.Tensor], path: Path) -> ModuleT:
    prefix = f"{name}."
    state = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        raise NstError(f"{path} does not hold the tensors of its architecture's {name}") from error
    return module.eval().requires_grad_(False)
