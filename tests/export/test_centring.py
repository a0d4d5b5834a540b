"""Bias correction: channels of a graph in 8 bits have the means that they had, and nothing else of it changes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from nst_export.bundles.centring import centred
from nst_export.bundles.order import Order
from nst_export.bundles.precision import CENTRED_EVERY, quantized
from nst_export.bundles.static_graph import as_model
from nst_export.bundles.writing import write_mobile_bundle
from nst_runtime.contracts.library import NOWHERE, Library
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.sessions import Session
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import Floats

CONVOLUTIONS = ("first", "second", "third")
CHANNELS = 6
BIASED = {"first", "third"}
STEPS_TOO_MUCH = 400


@pytest.fixture(scope="module")
def pictures() -> list[Floats]:
    """Return pictures with parts that differ in brightness, far from 0 on average."""
    random = np.random.default_rng(0)
    return [(random.random((1, 3, 24, 24)) * random.random((1, 3, 1, 1))).astype(np.float32) for _ in range(9)]


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    """Return three convolutions with ReLUs between them; the second has no bias."""
    random = np.random.default_rng(1)
    nodes, tensors, x = [], [], "image"
    for name in CONVOLUTIONS:
        inputs = 3 if name == "first" else CHANNELS
        tensors.append(_constant(f"{name}/kernel", random.normal(0.1, 0.3, (CHANNELS, inputs, 3, 3))))
        if name in BIASED:
            tensors.append(_constant(f"{name}/bias", random.normal(0, 0.2, CHANNELS)))
        given = [tensor.name for tensor in tensors if tensor.name.startswith(f"{name}/")]
        nodes.append(helper.make_node("Conv", [x, *given], [name], name=name, kernel_shape=[3, 3]))
        x = f"{name}/relu"
        nodes.append(helper.make_node("Relu", [name], [x], name=x))
    ports = [("image", [1, 3, 24, 24]), (x, [1, CHANNELS, 18, 18])]
    given, made = (helper.make_tensor_value_info(port, TensorProto.FLOAT, shape) for port, shape in ports)
    return as_model(helper.make_graph(nodes, "test", [given], [made], tensors))


def _constant(name: str, values: np.ndarray) -> onnx.TensorProto:
    return numpy_helper.from_array(values.astype(np.float32), name)


def _means(model: onnx.ModelProto, pictures: Sequence[Floats]) -> dict[str, np.ndarray]:
    """Return the mean of each channel that a convolution of `model` has over `pictures`."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    names = [node.output[0] for node in model.graph.node if node.op_type == "Conv"]
    shown.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = Session(shown.SerializeToString(), {}, RunSettings("cpu", 1), "a graph")
    values = [session.run({"image": picture}, names) for picture in pictures]
    means = ([found.mean(axis=(0, 2, 3), dtype=np.float64) for found in each] for each in zip(*values, strict=True))
    return {name: np.stack(each).mean(axis=0) for name, each in zip(CONVOLUTIONS, means, strict=True)}


def _constants(model: onnx.ModelProto) -> dict[str, onnx.TensorProto]:
    return {tensor.name: tensor for tensor in model.graph.initializer}


def _biases(model: onnx.ModelProto) -> dict[str, tuple[onnx.TensorProto, np.ndarray]]:
    """Return the whole numbers of each bias of `model`, which is in 8 bits, and the size of their steps."""
    constants, makers = _constants(model), {name: node for node in model.graph.node for name in node.output}
    nodes = [node for node in model.graph.node if node.op_type == "Conv"]
    found = {}
    for convolution, node in zip(CONVOLUTIONS, nodes, strict=True):
        if convolution in BIASED:
            whole, scale, *_ = makers[node.input[2]].input
            found[convolution] = constants[whole], numpy_helper.to_array(constants[scale])
    return found


def _shifted(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with biases that are STEPS_TOO_MUCH."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    for tensor, _ in _biases(made).values():
        more = numpy_helper.to_array(tensor) + np.int32(STEPS_TOO_MUCH)
        tensor.CopyFrom(numpy_helper.from_array(more, tensor.name))
    return made


@pytest.mark.parametrize("signed", [False, True])
def test_channels_have_the_means_that_they_had(model: onnx.ModelProto, pictures: list[Floats], signed: bool) -> None:
    """To within a step of the bias, over the pictures that biases are corrected by."""
    made = quantized(model, pictures, signed=signed)
    shown = pictures[::CENTRED_EVERY]
    found, wanted = _means(made, shown), _means(model, shown)
    for name, (_, step) in _biases(made).items():
        assert (np.abs(found[name] - wanted[name]) <= step).all(), name


def test_what_is_too_much_is_taken_away_layer_after_layer(model: onnx.ModelProto, pictures: list[Floats]) -> None:
    """The last layer is given what the corrected ones before it make, so that it is corrected once, not twice."""
    made = quantized(model, pictures, signed=False)
    again = centred(_shifted(made), model, pictures[::CENTRED_EVERY])
    wanted = _biases(made)
    for name, (steps, _) in _biases(again).items():
        np.testing.assert_allclose(
            numpy_helper.to_array(steps), numpy_helper.to_array(wanted[name][0]), atol=1, err_msg=name
        )


def test_a_convolution_without_a_bias_stays_as_it_is(model: onnx.ModelProto, pictures: list[Floats]) -> None:
    """As do all kernels and scales, and the graph around them."""
    made = _shifted(quantized(model, pictures, signed=False))
    again = centred(made, model, pictures)
    assert again.graph.node == made.graph.node
    assert (again.graph.input, again.graph.output) == (made.graph.input, made.graph.output)
    before, after = _constants(made), _constants(again)
    biases = {tensor.name for tensor, _ in _biases(made).values()}
    assert len(biases) == len(BIASED)
    assert {name for name in before if before[name] != after[name]} == biases
    assert before.keys() == after.keys()


def test_the_graphs_that_are_given_are_not_changed(model: onnx.ModelProto, pictures: list[Floats]) -> None:
    made = _shifted(quantized(model, pictures, signed=False))
    before = made.SerializeToString(deterministic=True), model.SerializeToString(deterministic=True)
    again = centred(made, model, pictures)
    assert again != made
    assert (made.SerializeToString(deterministic=True), model.SerializeToString(deterministic=True)) == before


def test_a_style_that_lost_most_stays_above_the_bound(tmp_path: Path) -> None:
    """Without its biases corrected the horse comes out at 19 dB."""
    stylizer = Stylizer(Library(read_pack(DEFAULT_PACK), NOWHERE, NOWHERE), RunSettings("cpu", 1))
    order = Order(("horse",), ((256, 256),), ("nnapi",), ("int8",))
    (found,) = write_mobile_bundle(stylizer, order, tmp_path / "bundle")
    assert found.measured.psnr_db is not None
    assert found.measured.psnr_db >= 28
