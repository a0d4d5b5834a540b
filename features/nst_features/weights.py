"""Read feature networks' weights from local files or torchvision's downloads, without ever running code from a file."""

import pickle
import struct
import sys
import warnings
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import get_args

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from nst_features.known_weights import DOWNLOADS, KnownWeights, look_up
from nst_features.names import NetworkName, NormalisationName
from nst_features.weights_folder import find_registered, find_weights, own_weights_folder
from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.errors import NstError

StateDict = dict[str, torch.Tensor]
METADATA_KEY = "normalisation"
"""The key of a safetensors file's metadata that says how its weights want pixels normalised."""

# What torch, pickle and safetensors raise on files that are damaged, foreign or would run code: torch's readers trust
# the file, so that anything may come of a few wrong bytes.
_UNREADABLE = (
    SafetensorError,
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    struct.error,
)
# What a download raises: no connection, a refusal, a wrong hash, a full disk, a damaged file in torch's cache.
_UNREACHABLE = (OSError, HTTPException, RuntimeError, pickle.UnpicklingError, EOFError)
_SAFETENSORS_START = 8  # bytes of the header's length, after which its JSON begins
_WRAPPED = "model."


class ForeignWeightsError(ValueError):
    """Tensors are not those of the network that is built of them; the message says why."""


@dataclass(frozen=True)
class Weights:
    """The tensors of a network (floats as float32), how they want pixels normalised, and the file or address."""

    tensors: StateDict
    normalisation: NormalisationName
    source: str


def load_weights(network: NetworkName, path: Path | None, normalisation: NormalisationName | None = None) -> Weights:
    """Return the weights of `network` from the file or registered name `path`, or for None torchvision's.

    torchvision's are looked for in the user's folder of weights before they are downloaded. The normalisation is what
    is known of the file by its hash (nst_features.known_weights), else what its metadata say, else the one asked for,
    else torchvision's; the file's name says nothing. Raises NstError when the file is missing, damaged or known to be
    of another network, when another normalisation is asked for than the file has, or when the download is not possible.
    """
    if path is None:
        return _load_usual(DOWNLOADS[network], normalisation)
    path = find_weights(path)
    tensors = read_weights(path)
    known = look_up(sha256_of_file(path))
    if known is not None and known.network != network:
        raise NstError(
            f"{path} holds weights of {known.network}, not of {network}", f"set `network` to {known.network}"
        )
    told = read_normalisation(path) if known is None else known.normalisation
    return Weights(tensors, settle(told, normalisation, str(path)), str(path))


def _load_usual(row: KnownWeights, normalisation: NormalisationName | None) -> Weights:
    settled = settle(row.normalisation, normalisation, row.url)
    there = find_registered(row, (own_weights_folder(),))
    if there is None:
        return Weights(_download(row), settled, row.url)
    return Weights(read_weights(there), settled, str(there))


def settle(told: NormalisationName | None, asked: NormalisationName | None, what: str) -> NormalisationName:
    """Return the normalisation that `what` is `told` to want, or else the one `asked` for, or else torchvision's.

    Raises NstError when both are there and differ.
    """
    if told is not None and asked is not None and told != asked:
        raise NstError(
            f"{what} wants pixels normalised for {told}, not for {asked}", "leave `weights_normalisation` out"
        )
    return told or asked or "torchvision"


def read_normalisation(path: Path) -> NormalisationName | None:
    """Return what the metadata of the file `path` say, None where it has none; raises NstError for another word."""
    if not _is_safetensors(path):
        return None
    with safe_open(path, "pt") as file:
        word = (file.metadata() or {}).get(METADATA_KEY)
    known: dict[str, NormalisationName] = {name: name for name in get_args(NormalisationName)}
    if word is not None and word not in known:
        raise NstError(
            f"the metadata of {path} has {METADATA_KEY} {word!r}; there are {', '.join(known)}",
            "write the file again with one of them, or without that key",
        )
    return None if word is None else known[word]


def read_weights(path: Path) -> StateDict:
    """Return the tensors of a safetensors or torch (``.pth``, ``.pt``) file, floats as float32.

    Torch files are read with ``weights_only=True``: a pickle that would run code is refused. Raises NstError when
    the file is missing, damaged or holds something other than tensors.
    """
    if not path.is_file():
        raise NstError(f"no weights file {path}", "check the path, or leave `weights` out to download them")
    try:
        loaded = load_file(path) if _is_safetensors(path) else _read_torch(path)
    except _UNREADABLE as error:
        raise NstError(
            f"{path} is not a readable weights file: {_reason(error)}",
            "give a safetensors file, or a .pth file that holds tensors alone",
        ) from error
    state = _unwrapped(loaded)
    if state is None:
        raise NstError(
            f"{path} is not a readable weights file: it holds more than tensors by name",
            "give a safetensors file, or a .pth file that holds tensors alone",
        )
    return {key: value.float() if value.is_floating_point() else value for key, value in state.items()}


def _is_safetensors(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(_SAFETENSORS_START + 1)[_SAFETENSORS_START:] == b"{"


def _read_torch(path: Path) -> object:
    with warnings.catch_warnings(), path.open("rb") as file:  # by its path, torch would go by the name's ending
        warnings.simplefilter("ignore")  # torch remarks on unusual pickles; those that matter raise
        return torch.load(file, map_location="cpu", weights_only=True)


def _unwrapped(loaded: object) -> StateDict | None:
    """Return the state dict in what a file holds: itself, or what wraps it in a checkpoint; None if there is none."""
    for wrapping in ("state_dict", "model"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(wrapping), Mapping):
            loaded = loaded[wrapping]
    if not isinstance(loaded, Mapping) or not all(torch.is_tensor(value) for value in loaded.values()):
        return None
    return _without_wrapper({str(key).removeprefix("module."): value for key, value in loaded.items()})


def _without_wrapper(state: StateDict) -> StateDict:
    """Return what a robustly trained model's wrapper holds of the model itself (Engstrom et al., "robustness")."""
    inner = {key.removeprefix(_WRAPPED): value for key, value in state.items() if key.startswith(_WRAPPED)}
    return inner or state


def _download(row: KnownWeights) -> StateDict:
    """Return the weights that torchvision downloads, or has downloaded before."""
    try:
        with redirect_stdout(sys.stderr):  # where torch's word of the download belongs
            return dict(torch.hub.load_state_dict_from_url(row.url, check_hash=True))
    except _UNREACHABLE as error:
        raise NstError(
            f"cannot download the weights of {row.network} from {row.url}: {_reason(error)}",
            "download that file elsewhere and give it as `weights` (`network` random needs none, but it is for tests "
            "alone: it paints blown-out blocks)",
        ) from error


def _reason(error: BaseException) -> str:
    """Return the first sentence of what a library says, in short; what torch says of pickles is a page of advice."""
    if isinstance(error, pickle.UnpicklingError):
        return "it is damaged, or holds something other than tensors"
    sentence = str(error).strip().split("\n")[0].split(". ")[0].rstrip(".")
    return sentence[:200] or ("it ends too early" if isinstance(error, EOFError) else type(error).__name__)
