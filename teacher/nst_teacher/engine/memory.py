"""Tell memory that ran out from other faults."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from nst_runtime.errors import NstError

# What torch says on a CPU whose memory is over: its allocator, and oneDNN, which tells nothing more of it.
WITHOUT_MEMORY = "allocate memory", "could not create a primitive"


class NotEnoughMemoryError(NstError):
    """The device's memory does not suffice for what was asked at once; less of it may."""


@contextmanager
def noticing_memory(remedy: str = "use a smaller `size`") -> Iterator[None]:
    """Raise NotEnoughMemoryError, with `remedy` as its hint, where memory runs out; on a CPU, torch is less clear."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise NotEnoughMemoryError("not enough memory on the device", remedy) from error
    except RuntimeError as error:
        if not any(words in str(error) for words in WITHOUT_MEMORY):
            raise
        raise NotEnoughMemoryError("not enough memory", remedy) from error


def release_memory(device: torch.device) -> None:
    """Give back what the allocator keeps for later, so that a smaller batch finds it in one piece."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
