"""Bias correction: a graph of 8 bits whose channels have, on average, the values they had before.

Rounding a kernel changes every value of a channel alike, by as much as its input is far from 0. Where norms are folded
into the kernels nothing takes that out again, and it grows from layer to layer. So each bias gives back what its
channel has too much, on pictures like those of the calibration (Nagel et al., "Data-free quantization through weight
equalization and bias correction", 2019, sec. 4.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.sessions import Session
from nst_runtime.pictures.arrays import Floats

Means = npt.NDArray[np.float64]
BIAS = 2  # its place among the inputs of a convolution


@dataclass(frozen=True)
class _Bias:
    """A bias in 8 bits: whole numbers `steps` of the sizes `scale`."""

    steps: onnx.TensorProto
    scale: Means

    def less(self, excess: Means) -> None:
        """Take `excess` away, one value a channel."""
        steps = numpy_helper.to_array(self.steps) - np.round(excess / self.scale)
        self.steps.CopyFrom(numpy_helper.from_array(steps.astype(np.int32), self.steps.name))


def centred(quantized: onnx.ModelProto, model: onnx.ModelProto, pictures: Sequence[Floats]) -> onnx.ModelProto:
    """Return `quantized`, which is `model` in 8 bits (QDQ), with biases corrected on `pictures`, 1×3×H×W each.

    From the first convolution to the last, so that each has before it what is corrected already.
    """
    made = onnx.ModelProto()
    made.CopyFrom(quantized)
    pairs = list(zip(_convolutions(made), _convolutions(model), strict=True))
    wanted = _means(model, [before.output[0] for _, before in pairs], pictures)
    for (node, _), mean in zip(pairs, wanted, strict=True):
        if len(node.input) > BIAS:
            (found,) = _means(made, [node.output[0]], pictures)
            _bias(made, node.input[BIAS]).less(found - mean)
    return made


def _convolutions(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    return [node for node in model.graph.node if node.op_type == "Conv"]


def _bias(model: onnx.ModelProto, name: str) -> _Bias:
    """Return the bias that is `name` once its whole numbers have been multiplied."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    (node,) = (node for node in model.graph.node if name in node.output)
    return _Bias(constants[node.input[0]], numpy_helper.to_array(constants[node.input[1]]).astype(np.float64))


def _means(model: onnx.ModelProto, names: Sequence[str], pictures: Sequence[Floats]) -> list[Means]:
    """Return the mean over `pictures` of each channel of the values `names`."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    del shown.graph.output[:]
    shown.graph.output.extend(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names)
    session = Session(shown.SerializeToString(), {}, RunSettings("cpu", 1), "a graph to be corrected")
    of_pictures = [session.run({model.graph.input[0].name: picture}) for picture in pictures]
    return [
        np.mean([values.mean(axis=(0, 2, 3), dtype=np.float64) for values in each], axis=0)
        for each in zip(*of_pictures, strict=True)
    ]
