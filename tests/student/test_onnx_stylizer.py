"""ONNX graphs of anybody's as stylizers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_student.evaluation.onnx_stylizer import OnnxStylizer

from .conftest import clouds

Shape = Sequence[int | str | None]
FREE = ("n", 3, "h", "w")


def write_graph(path: Path, shape: Shape, white: float, kind: int = TensorProto.FLOAT) -> Path:
    """Write a graph that paints the negative of pictures from 0 to `white`."""
    peak = helper.make_tensor("white", kind, [], [white])
    graph = helper.make_graph(
        [helper.make_node("Sub", ["white", "image"], ["negative"])],
        "negative",
        [helper.make_tensor_value_info("image", kind, shape)],
        [helper.make_tensor_value_info("negative", kind, shape)],
        [peak],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def photo() -> Pixels:
    return clouds(0, 75)[:50]


@pytest.mark.parametrize("shape", [FREE, (1, 3, None, None), ("n", "h", "w", 3)])
@pytest.mark.parametrize("white", [1, 255])
def test_a_graph_paints_in_either_layout_and_range(tmp_path: Path, shape: Shape, white: int) -> None:
    stylizer = OnnxStylizer(write_graph(tmp_path / "g.onnx", shape, white), peak=white)
    assert np.array_equal(stylizer(photo()), 255 - photo())
    assert stylizer.note == ""


def test_a_graph_in_half_precision_paints_too(tmp_path: Path) -> None:
    stylizer = OnnxStylizer(write_graph(tmp_path / "g.onnx", FREE, 1, TensorProto.FLOAT16))
    assert np.abs(stylizer(photo()).astype(int) - (255 - photo())).max() <= 1


def test_a_graph_of_one_size_has_photos_resized(tmp_path: Path) -> None:
    stylizer = OnnxStylizer(write_graph(tmp_path / "g.onnx", (1, 3, 100, 150), 1))
    painted = stylizer(photo())
    assert painted.shape == (50, 75, 3)
    assert np.abs(painted.astype(int) - (255 - photo())).max() <= 12  # resampled there and back
    assert "takes pictures of 150×100 px only" in stylizer.note


@pytest.mark.parametrize(
    ("shape", "kind", "said"),
    [
        ((1, 1, "h", "w"), TensorProto.FLOAT, "not one float picture of three channels"),
        ((4, 3, "h", "w"), TensorProto.FLOAT, "not one float picture of three channels"),
        ((3, "h", "w"), TensorProto.FLOAT, "not one float picture"),
        (FREE, TensorProto.DOUBLE, "not one float picture"),
    ],
)
def test_a_graph_that_takes_no_picture_is_refused(tmp_path: Path, shape: Shape, kind: int, said: str) -> None:
    path = write_graph(tmp_path / "g.onnx", shape, 1, kind)
    with pytest.raises(NstError, match=said) as caught:
        OnnxStylizer(path)
    assert "\n" not in str(caught.value)


def test_no_graph_and_no_file_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "g.onnx").write_text("no graph")
    with pytest.raises(NstError, match="is not a graph that onnxruntime can run") as caught:
        OnnxStylizer(tmp_path / "g.onnx")
    assert "\n" not in str(caught.value)
    with pytest.raises(NstError, match="no ONNX file at"):
        OnnxStylizer(tmp_path / "none.onnx")


def test_a_graph_that_makes_another_size_is_refused(tmp_path: Path) -> None:
    pool = helper.make_graph(
        [helper.make_node("AveragePool", ["image"], ["half"], kernel_shape=[2, 2], strides=[2, 2])],
        "half",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, FREE)],
        [helper.make_tensor_value_info("half", TensorProto.FLOAT, ("n", 3, "a", "b"))],
    )
    onnx.save(
        helper.make_model(pool, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "half.onnx"
    )
    with pytest.raises(NstError, match="makes 1×3×32×40 of 1×3×64×80"):
        OnnxStylizer(tmp_path / "half.onnx")(photo())
