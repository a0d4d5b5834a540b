"""What targets take of the shipped pack's network, before and after the rewrites; and rewrites that find nothing."""

from typing import get_args

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from nst_export.bundles.checks import nnapi_limits
from nst_export.bundles.merged import merged
from nst_export.bundles.names import TargetName
from nst_export.bundles.precision import quantized, resized
from nst_export.bundles.rewrites.borders import slice_borders
from nst_export.bundles.rewrites.clipping import clip_by_minimum
from nst_export.bundles.rewrites.norms import average_norms
from nst_export.bundles.rewrites.products import convolve_products
from nst_export.bundles.rewrites.shuffles import shuffle_by_depth
from nst_export.bundles.rewrites.upscaling import repeat_by_depth
from nst_export.bundles.static_graph import Rewrite, StaticGraph, as_model
from nst_export.bundles.targets import TARGETS, placements, rewritten
from nst_runtime.contracts.library import NOWHERE, Library
from nst_runtime.contracts.packs import DEFAULT_PACK, Form, read_pack
from nst_runtime.errors import NstError
from nst_runtime.inference.beside import typical_picture
from nst_runtime.inference.chain import Parts
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.look_statistics import LookStatistics
from nst_runtime.inference.sessions import Session
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import Floats

REWRITES: dict[Rewrite, str] = {
    convolve_products: "Gemm",
    shuffle_by_depth: "Transpose",
    repeat_by_depth: "Resize",
    average_norms: "InstanceNormalization",
    slice_borders: "Pad",
    clip_by_minimum: "Clip",
}
# Partitions, nodes that are placed, and all nodes, of the merged templates as they are.
BEFORE = {
    "coreml": [("MLProgram", 14, 71, 86), ("NeuralNetwork", 13, 74, 86)],
    "nnapi": [("NNAPI", 13, 74, 86)],
    "qnn": [("QNN", 3, 72, 74)],
    "xnnpack": [("XNNPACK", 14, 36, 74)],
}


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer(Library(read_pack(DEFAULT_PACK), NOWHERE, NOWHERE), RunSettings("cpu", 1))


@pytest.fixture(scope="module")
def waves(stylizer: Stylizer) -> tuple[Parts, LookStatistics]:
    return stylizer.network.parts("waves"), stylizer.measure(typical_picture(), "waves")


def _run(model: onnx.ModelProto, image: Floats) -> Floats:
    return Session(model.SerializeToString(), {}, RunSettings("cpu", 1), "a graph").run({"image": image})[0]


@pytest.mark.parametrize("form", ["direct", "folded"])
def test_each_rewrite_computes_the_same_without_its_operator(waves: tuple[Parts, LookStatistics], form: Form) -> None:
    parts, statistics = waves
    model = merged(parts, form, 40, 72, statistics)
    image = np.random.default_rng(0).random((1, 3, 40, 72), np.float32)
    wanted = _run(model, image)
    assert wanted.std() > 0.1
    graph = StaticGraph(model)
    for rewrite, operator in REWRITES.items():
        assert bool(graph.of(operator)) != (operator == "InstanceNormalization" and form == "folded")
        rewrite(graph)
        made = graph.model()
        assert operator not in {node.op_type for node in made.graph.node}
        np.testing.assert_allclose(_run(made, image), wanted, atol=3e-5, err_msg=str(rewrite))
    assert not nnapi_limits(graph.model())


@pytest.mark.parametrize("name", BEFORE)
def test_accelerators_take_pieces_of_the_templates_and_all_after(
    waves: tuple[Parts, LookStatistics], name: TargetName
) -> None:
    target = TARGETS[name]
    parts, statistics = waves
    model = merged(parts, target.forms["fp32"], 64, 64, statistics)
    found = [check(model) for check in target.checks]
    assert [(p.format, p.partitions, p.placed, p.nodes) for p in found] == BEFORE[name]
    after = placements(rewritten(model, target), name, "fp32")
    assert target.shares_memory or all(placement.is_whole for placement in after)


@pytest.mark.slow
@pytest.mark.parametrize("side", [512, 1024])
def test_all_styles_are_placed_whole_at_sizes_of_pictures(stylizer: Stylizer, side: int) -> None:
    for style in stylizer.styles if side == 512 else stylizer.styles[:1]:
        parts, statistics = stylizer.network.parts(style.name), stylizer.measure(typical_picture(), style.name)
        models = {form: merged(parts, form, side, side, statistics) for form in ("direct", "folded")}
        for name in get_args(TargetName):
            placements(rewritten(models[TARGETS[name].forms["fp32"]], TARGETS[name]), name, "fp32")


def test_a_network_that_is_not_taken_is_refused_with_numbers(waves: tuple[Parts, LookStatistics]) -> None:
    model = merged(waves[0], "direct", 64, 64)
    with pytest.raises(NstError, match=r"nnapi takes 74 of 86 nodes of this pack's network, in 13 pieces") as caught:
        placements(model, "nnapi", "fp32")
    assert caught.value.hint.startswith("choose the `target` generic, or install a newer onnxruntime")


def test_a_clip_that_nnapi_has_not_is_refused_though_the_checker_takes_it(
    waves: tuple[Parts, LookStatistics],
) -> None:
    graph = StaticGraph(merged(waves[0], "direct", 64, 64))
    for rewrite in list(REWRITES)[:-1]:
        rewrite(graph)
    with pytest.raises(NstError, match="nnapi does not take a node of this pack's network: Clip to another range"):
        placements(graph.model(), "nnapi", "fp32")


def _model(nodes: list[onnx.NodeProto], shape: list[int], out: list[int], **constants: np.ndarray) -> onnx.ModelProto:
    ports = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in (("image", shape), ("y", out))]
    tensors = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    return as_model(helper.make_graph(nodes, "test", ports[:1], ports[1:], tensors))


@pytest.mark.parametrize("pads", [[0, 0, 2, 1, 0, 0, 0, 3], [0, 0, 0, 2, 0, 0, 0, 0]])
def test_borders_of_any_width(pads: list[int]) -> None:
    model = _model(
        [helper.make_node("Pad", ["image", "pads"], ["y"], mode="reflect")],
        [1, 2, 5, 6],
        [1, 2, 5 + pads[2] + pads[6], 6 + pads[3] + pads[7]],
        pads=np.array(pads, np.int64),
    )
    graph = StaticGraph(model)
    slice_borders(graph)
    image = np.arange(60, dtype=np.float32).reshape(1, 2, 5, 6)
    assert not graph.of("Pad")
    np.testing.assert_array_equal(_run(graph.model(), image), _run(model, image))


def test_moves_that_are_not_a_shuffle_stay() -> None:
    """A turn of rows and columns has the shape of one if it is square, and is another thing."""
    kernel = np.ones((4, 1, 1, 1), np.float32)
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["x"]),
        helper.make_node("Transpose", ["x"], ["z"], perm=[0, 1, 3, 2]),
        helper.make_node("Reshape", ["z", "sides"], ["y"]),
    ]
    model = _model(nodes, [1, 1, 4, 4], [1, 1, 8, 8], kernel=kernel, sides=np.array([1, 1, 8, 8], np.int64))
    graph = StaticGraph(model)
    shuffle_by_depth(graph)
    assert [node.op_type for node in graph.nodes] == ["Conv", "Transpose", "Reshape"]


def test_pixels_that_something_else_takes_too_are_not_reordered() -> None:
    """The convolution's channels are the other one's as well: a new order would be wrong there."""
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["x"]),
        helper.make_node(
            "Resize",
            ["x", "", "scales"],
            ["z"],
            mode="nearest",
            nearest_mode="floor",
            coordinate_transformation_mode="asymmetric",
        ),
        helper.make_node("Resize", ["x", "", "scales"], ["w"], mode="linear"),
        helper.make_node("Add", ["z", "w"], ["y"]),
    ]
    scales = np.array([1, 1, 2, 2], np.float32)
    model = _model(nodes, [1, 1, 4, 4], [1, 4, 8, 8], kernel=np.ones((4, 1, 1, 1), np.float32), scales=scales)
    graph = StaticGraph(model)
    repeat_by_depth(graph)
    assert len(graph.of("Resize")) == 2


def test_channels_that_something_else_takes_too_keep_their_order() -> None:
    """A shuffle of them stays as it is, be it two transpositions."""
    sides = [np.array(shape, np.int64) for shape in ([2, 2, 2, 3, 3], [1, 2, 6, 6])]
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["x"]),
        helper.make_node("Reshape", ["x", "a"], ["cells"]),
        helper.make_node("Transpose", ["cells"], ["turned"], perm=[0, 3, 1, 4, 2]),
        helper.make_node("Reshape", ["turned", "b"], ["pixels"]),
        helper.make_node("GlobalAveragePool", ["x"], ["means"]),
        helper.make_node("Slice", ["means", "zero", "two", "one"], ["first"]),
        helper.make_node("Add", ["pixels", "first"], ["y"]),
    ]
    kernel = np.arange(8, dtype=np.float32).reshape(8, 1, 1, 1)
    numbers = {name: np.array([value], np.int64) for name, value in (("zero", 0), ("one", 1), ("two", 2))}
    model = _model(nodes, [1, 1, 3, 3], [1, 2, 6, 6], kernel=kernel, a=sides[0], b=sides[1], **numbers)
    graph = StaticGraph(model)
    shuffle_by_depth(graph)
    image = np.random.default_rng(0).random((1, 1, 3, 3), np.float32)
    np.testing.assert_allclose(_run(graph.model(), image), _run(model, image), atol=1e-6)


def test_xnnpack_wants_all_convolutions_to_be_its_own(waves: tuple[Parts, LookStatistics]) -> None:
    """One in two groups of several channels is not: it has plain ones, and those of one channel a group."""
    graph = StaticGraph(rewritten(merged(waves[0], "folded", 64, 64, waves[1]), TARGETS["xnnpack"]))
    conv = next(node for node in graph.of("Conv") if graph.constants[node.input[1]].shape == (64, 64, 1, 1))
    conv.input[1] = graph.constant(np.ascontiguousarray(graph.constants[conv.input[1]][:, :32]))
    next(attribute for attribute in conv.attribute if attribute.name == "group").i = 2
    with pytest.raises(NstError, match="xnnpack takes"):
        placements(graph.model(), "xnnpack", "fp32")


def test_xnnpack_wants_eight_bits_with_a_sign(waves: tuple[Parts, LookStatistics]) -> None:
    """As the weights have one: with other values not one convolution would be its own."""
    graph = rewritten(merged(waves[0], "folded", 64, 64, waves[1]), TARGETS["xnnpack"])
    pictures = [np.random.default_rng(0).random((1, 3, 64, 64), np.float32)]
    (found,) = placements(resized(quantized(graph, pictures, signed=True), graph), "xnnpack", "int8")
    assert (found.convolutions_placed, found.placed, found.nodes) == (23, 23, 191)
    with pytest.raises(NstError, match="xnnpack takes 0 of 191 nodes"):
        placements(resized(quantized(graph, pictures, signed=False), graph), "xnnpack", "int8")


def test_xnnpack_takes_what_clips_a_convolution_with_it_and_means(waves: tuple[Parts, LookStatistics]) -> None:
    (found,) = placements(
        rewritten(merged(waves[0], "folded", 64, 64, waves[1]), TARGETS["xnnpack"]), "xnnpack", "fp32"
    )
    assert (found.convolutions_placed, found.placed, found.nodes) == (23, 37, 64)  # 11 ReLUs, a Clip, 2 means
