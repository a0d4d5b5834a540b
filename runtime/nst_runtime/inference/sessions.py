"""Turn a pack's graphs into onnxruntime sessions, after checking that they are what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from nst_runtime.errors import NstError, PackError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onnxruntime import InferenceSession, SessionOptions

Floats = npt.NDArray[np.float32]
Part = Literal["encoder", "bank", "decoder"]

PROVIDER = "CPUExecutionProvider"
Names = tuple[str, ...]
Signature = tuple[Names, Names]
# The inputs and outputs of each part. By architecture: the paper's; one whose banks have the decoder's instance norms;
# those whose banks paint at half the picture's size.
_SIGNATURES: dict[Part, tuple[Signature, ...]] = {
    "encoder": ((("image",), ("features",)), (("image",), ("features", "details"))),
    "bank": (
        (("features",), ("stylised",)),
        (("features",), ("stylised", "norms")),
        (("features", "details"), ("painted",)),
    ),
    "decoder": (
        (("features",), ("image",)),
        (("features", "norms"), ("image",)),
        (("painted",), ("image",)),
    ),
}
_FLOAT = "tensor(float)"


class Graph:
    """One part of the network, ready to run; safe to call from several threads."""

    def __init__(self, part: Part, session: InferenceSession, signature: Signature) -> None:
        self.inputs, self.outputs = signature
        self._part = part
        self._session = session

    def __call__(self, *arrays: Floats) -> list[Floats]:
        """Return the graph's outputs for its inputs, float32 `arrays`, the first of them 1×C×H×W.

        Raises NstError when memory runs out.
        """
        try:
            result: list[Floats] = self._session.run(self.outputs, dict(zip(self.inputs, arrays, strict=True)))
        except MemoryError as error:
            raise NstError(_too_large(arrays[0])) from error
        except Exception as error:  # onnxruntime's own errors share no base class but Exception
            if "alloc" in str(error).lower():
                raise NstError(_too_large(arrays[0])) from error
            raise PackError(
                f"the pack's {self._part} does not run ({_first_line(error)}); get the pack anew"
            ) from error
        return result


def open_graph(part: Part, data: bytes, expected: Mapping[str, str], *, where: str, threads: int | None) -> Graph:
    """Return the ONNX graph `data` (its `part` of the network) as a Graph that runs on the CPU with `threads` threads.

    `expected` is what the graph's own metadata must say (``nst.…`` keys); `where` names the graph in errors. Raises
    PackError when it is no valid graph, says otherwise, or has other inputs and outputs; NstError when onnxruntime is
    missing or does not run on the provider asked for.
    """
    session = _open_session(data, threads, where)
    if session.get_providers()[:1] != [PROVIDER]:
        raise NstError(f"onnxruntime does not run {where} on {PROVIDER} but on {session.get_providers()}")
    _check_metadata(session.get_modelmeta().custom_metadata_map, expected, where)
    return Graph(part, session, _find_signature(session, part, where))


def _open_session(data: bytes, threads: int | None, where: str) -> InferenceSession:
    try:
        import onnxruntime  # noqa: PLC0415 (0.15 s that `import nst_runtime` does not take)
    except ImportError as error:
        raise NstError(f"needs onnxruntime: pip install 'nst-stylebank[cpu]' ({_first_line(error)})") from error
    try:
        return onnxruntime.InferenceSession(data, _options(onnxruntime.SessionOptions(), threads), providers=[PROVIDER])
    except Exception as error:  # onnxruntime's own errors share no base class but Exception
        raise PackError(f"{where} is no graph that onnxruntime can run ({_first_line(error)}); get it anew") from error


def _options(options: SessionOptions, threads: int | None) -> SessionOptions:
    """Set `options` for a chain of sessions and pictures of many sizes.

    Pools do not spin, lest the idle threads of one slow the next one; memory is not planned by the size seen first,
    which takes far more of it (at 1920×1080 a peak of 455 MB against 282) and saves no time.
    """
    if threads is not None:
        options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False
    options.log_severity_level = 4
    return options


def _check_metadata(found: Mapping[str, str], expected: Mapping[str, str], where: str) -> None:
    for key, value in expected.items():
        if found.get(key) != value:
            raise PackError(
                f"{where} does not belong here: its {key} is {_short(found.get(key))}, not {_short(value)}; "
                "export the pack again"
            )


def _find_signature(session: InferenceSession, part: Part, where: str) -> Signature:
    sides = session.get_inputs(), session.get_outputs()
    found = tuple(node.name for node in sides[0]), tuple(node.name for node in sides[1])
    if found not in _SIGNATURES[part] or any(node.type != _FLOAT for side in sides for node in side):
        described = " -> ".join(", ".join(f"{node.name} {node.type}" for node in side) for side in sides)
        expected = " or ".join(" -> ".join(map(", ".join, signature)) for signature in _SIGNATURES[part])
        raise PackError(f"{where} has the inputs and outputs {described}; expected {expected} of floats")
    return found


def _short(value: str | None) -> str:
    if value is None:
        return "missing"
    return value[:12] if len(value) == 64 else repr(value)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _too_large(array: Floats) -> str:
    return f"not enough memory for a picture of this size ({'×'.join(map(str, array.shape))} values); make it smaller"
