"""A stylizer that is an ONNX graph of anybody's: one picture in, one picture out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nst_runtime.errors import NstError
from nst_runtime.inference.machine import usable_cpus
from nst_runtime.inference.sessions import load_onnxruntime
from nst_runtime.pictures.arrays import Floats, Pixels, from_network, resize, to_network, to_unit

MULTIPLE_PX = 16
ONE_PICTURE = "one float picture of three channels, 1×3×H×W or 1×H×W×3"
_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class OnnxStylizer:
    """The graph in a file; the object is a function from a photograph to the stylised picture, uint8 H×W×3 both.

    Its input is 1×3×H×W or 1×H×W×3, its output the same, both from 0 to `peak` (1 or 255). A photograph is mirrored at
    the bottom and right up to multiples of 16 px, or resized, and its picture back, where the graph fixes a size.
    """

    def __init__(self, path: Path, peak: float = 1.0) -> None:
        """Open the graph at `path`; raises NstError when it is not one, or takes anything but a picture."""
        self.path = path
        self.peak = np.float32(peak)
        self._session = _open(path)
        taken = self._session.get_inputs()
        if len(taken) != 1 or taken[0].type not in _TYPES or len(taken[0].shape) != 4:
            raise NstError(f"{path} takes {_described(taken)}, not {ONE_PICTURE}")
        self._input = taken[0].name
        self._type = _TYPES[taken[0].type]
        self._channels_last, self._fixed = _layout(path, taken[0].shape)

    @property
    def note(self) -> str:
        """What a person should know of the measurement; empty for a graph that takes every size."""
        if self._fixed == (None, None):
            return ""
        size = "×".join("any" if side is None else str(side) for side in reversed(self._fixed))
        return f"{self.path} takes pictures of {size} px only: photographs are resized to that, its pictures back"

    def __call__(self, photo: Pixels) -> Pixels:
        """Return `photo` stylised; raises NstError when the graph does not run or gives no picture of that size."""
        height, width = photo.shape[:2]
        rows, columns = (fixed or side for fixed, side in zip(self._fixed, (height, width), strict=True))
        if self._fixed == (None, None):
            return from_network(self._run(to_network(photo, MULTIPLE_PX)), height, width)
        return resize(from_network(self._run(to_unit(resize(photo, columns, rows))), rows, columns), width, height)

    def _run(self, image: Floats) -> Floats:
        order, back = ((0, 2, 3, 1), (0, 3, 1, 2)) if self._channels_last else ((0, 1, 2, 3), (0, 1, 2, 3))
        given = (image * self.peak).transpose(order).astype(self._type)
        try:
            result: npt.NDArray[Any] = self._session.run(None, {self._input: given})[0]
        except Exception as error:  # onnxruntime's own errors share no base class but Exception
            raise NstError(f"{self.path} does not run on {_sides(given.shape)} ({_first_line(error)})") from error
        if result.shape != given.shape:
            shapes = f"{_sides(result.shape)} of {_sides(given.shape)}"
            raise NstError(f"{self.path} makes {shapes}, which is not a picture of the same shape")
        return np.ascontiguousarray(result.astype(np.float32).transpose(back) / self.peak)


def _open(path: Path) -> Any:  # noqa: ANN401 (onnxruntime has no types)
    if not path.is_file():
        raise NstError(f"no ONNX file at {path}", "check the path; a command has {input} and {output} in it")
    onnxruntime = load_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = usable_cpus()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # as above
        raise NstError(f"{path} is not a graph that onnxruntime can run ({_first_line(error)})") from error


def _layout(path: Path, shape: Sequence[object]) -> tuple[bool, tuple[int | None, int | None]]:
    """Return whether channels come last, and the height and width the graph fixes; None for a symbolic side."""
    batch, *_ = sides = [side if isinstance(side, int) and side > 0 else None for side in shape]
    if batch not in (None, 1) or 3 not in (sides[1], sides[3]):
        raise NstError(f"{path} takes {_sides(shape)}, not {ONE_PICTURE}")
    channels_last = sides[1] != 3
    return channels_last, (sides[1], sides[2]) if channels_last else (sides[2], sides[3])


def _described(nodes: Sequence[Any]) -> str:
    return ", ".join(f"{node.name} {_sides(node.shape)} {node.type}" for node in nodes) or "nothing"


def _sides(shape: Sequence[object]) -> str:
    return "×".join("?" if side is None else str(side) for side in shape)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
