"""Run the examples as a person does."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

EXAMPLES = Path(__file__).parents[2] / "examples"
Pixels = npt.NDArray[np.uint8]
Started = subprocess.Popen[bytes]
Start = Callable[..., Started]


@dataclass(frozen=True)
class Result:
    """What an example left behind."""

    code: int
    out: bytes
    err: str


Run = Callable[..., Result]
