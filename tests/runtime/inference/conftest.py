"""What the tests of inference share."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def scaling() -> bytes:
    """A graph that makes `scaled` and `gray` of an `image`; see `graphs.scaling_graph`."""
    pytest.importorskip("onnx")
    from .graphs import scaling_graph

    return scaling_graph()


@pytest.fixture(scope="session")
def failing() -> bytes:
    """A graph that runs on no image; see `graphs.failing_graph`."""
    pytest.importorskip("onnx")
    from .graphs import failing_graph

    return failing_graph()


@pytest.fixture(scope="session")
def wide() -> bytes:
    """A graph with 256 planes of an image 1×1×h×w in memory at a time; see `graphs.wide_graph`."""
    pytest.importorskip("onnx")
    from .graphs import wide_graph

    return wide_graph(256)


@pytest.fixture
def run_child(tmp_path: Path, scaling: bytes, wide: bytes) -> Run:
    """Return a function that runs Python `code` in a process of its own, with a time limit.

    The code finds `scaling` and `wide` there, `gain` for the former, and `np`, `Session` and `RunSettings`.
    """
    for name, data in {"scaling": scaling, "wide": wide}.items():
        (tmp_path / f"{name}.onnx").write_bytes(data)
    head = (
        "import os, sys, threading, time; import numpy as np; from pathlib import Path\n"
        "from nst_runtime.inference.devices import RunSettings; from nst_runtime.inference import sessions\n"
        f"Session = sessions.Session; folder = Path({str(tmp_path)!r})\n"
        "scaling, wide = ((folder / f'{name}.onnx').read_bytes() for name in ('scaling', 'wide'))\n"
        "gain = {'gain': np.array([[[2]], [[-3]]], np.float32)}; settings = RunSettings('cpu', 2)\n"
    )

    def run(code: str, *, timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", head + code],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env={**os.environ, **environment},
        )

    return run
