"""Read feature networks' weights from local files, without ever running code from them."""

import pickle
import struct
import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from nst_runtime.errors import NstError

StateDict = dict[str, torch.Tensor]
# What torch, pickle and safetensors raise on files that are damaged, foreign or would run code.
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

_WRAPPED = "model."


def read_weights(path: Path) -> StateDict:
    """Return the tensors of a ``.safetensors`` or torch ``.pth``/``.pt`` file, floats as float32.

    Torch files are read with ``weights_only=True``: a pickle that would run code is refused. Raises NstError when
    the file is missing, damaged or holds something other than tensors.
    """
    if not path.is_file():
        raise NstError(f"no weights file {path}")
    try:
        state = load_file(path) if path.suffix == ".safetensors" else _read_torch(path)
    except _UNREADABLE as error:
        raise NstError(f"{path} is no readable weights file (safetensors, or .pth of tensors alone)") from error
    return {key: value.float() if value.is_floating_point() else value for key, value in state.items()}


def _read_torch(path: Path) -> StateDict:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch remarks on unusual pickles; those that matter raise
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    for wrapping in ("state_dict", "model"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(wrapping), Mapping):
            loaded = loaded[wrapping]
    if not isinstance(loaded, Mapping) or not all(torch.is_tensor(value) for value in loaded.values()):
        raise ValueError("not a state dict")
    return _without_wrapper({str(key).removeprefix("module."): value for key, value in loaded.items()})


def _without_wrapper(state: StateDict) -> StateDict:
    """Return what a robustly trained model's wrapper holds of the model itself (Engstrom et al., "robustness")."""
    inner = {key.removeprefix(_WRAPPED): value for key, value in state.items() if key.startswith(_WRAPPED)}
    return inner or state


def download(fetch: Callable[[], Mapping[str, torch.Tensor]], name: str) -> StateDict:
    """Return torchvision's weights for the network `name` through `fetch`, or say how to do without a download."""
    try:
        with redirect_stdout(sys.stderr):  # where torch's word of the download belongs
            return dict(fetch())
    except _UNREADABLE as error:
        raise NstError(
            f"cannot download the weights of {name}; give a local file with --weights FILE, "
            "or use --network random, which needs none"
        ) from error
