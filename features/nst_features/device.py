"""Choose where tensors live."""

from typing import Literal

import torch

from nst_runtime.errors import NstError

DeviceName = Literal["auto", "cpu", "cuda"]


def pick_device(name: DeviceName = "auto") -> torch.device:
    """Return the device called `name`; ``auto`` is CUDA where there is one, else the CPU.

    Raises NstError when CUDA is asked for and cannot be used: nothing falls back in silence.
    """
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise NstError("--device cuda: torch sees no CUDA device; use --device cpu or install a CUDA build of torch")
    return torch.device("cuda" if available and name != "cpu" else "cpu")
