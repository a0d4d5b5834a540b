"""Choose where tensors live."""

import torch

from nst_features.names import DeviceName, Precision
from nst_runtime.errors import DeviceError


def pick_device(name: DeviceName = "auto") -> torch.device:
    """Return the device called `name`; ``auto`` is CUDA where there is one, else the CPU.

    Raises DeviceError when CUDA is asked for and cannot be used: nothing falls back in silence.
    """
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise DeviceError("torch sees no CUDA device", "set `device` to cpu, or install a CUDA build of torch")
    return torch.device("cuda" if available and name != "cpu" else "cpu")


def set_arithmetic(precision: Precision) -> None:
    """Let CUDA multiply float32 in TF32 (10 bits of mantissa) for ``tf32``, and in full for the others; process-wide.

    torch by itself takes TF32 for convolutions alone. On a processor ``tf32`` is ``fp32``.
    """
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    torch.backends.cudnn.allow_tf32 = precision == "tf32"


def send(values: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Return `values`, which lie in the host's memory, on `device`; nobody waits for them, or for work before them.

    A card copies from memory that is not pinned only when all before it is done, while the host stands still.
    """
    return values.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else values.to(device)
