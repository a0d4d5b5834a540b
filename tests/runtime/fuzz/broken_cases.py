"""Cases that fail, each in its own way: what the pool must see and name."""

import os
import time
from pathlib import Path

KINDS = ("sound", "error", "memory", "crash", "hang")
SECONDS = 1


def check(kind: str, number: int, folder: Path) -> None:
    """Fail as `kind` says, at case 1 alone; `folder` is not used."""
    if number != 1 or kind == "sound":
        return
    if kind == "error":
        raise TypeError("a fault")
    if kind == "memory":
        bytearray(2_000_000_000)
    elif kind == "crash":
        os.abort()
    else:
        time.sleep(60)
