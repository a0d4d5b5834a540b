"""Targets, precisions and what a graph takes and gives, apart, so that a bad order is found before onnx is loaded."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from nst_runtime.contracts.packs import Form

TargetName = Literal["coreml", "nnapi", "qnn", "xnnpack", "generic"]
Precision = Literal["fp32", "fp16", "int8"]
INPUT, OUTPUT = "image", "stylized"

FORMS: Mapping[TargetName, Mapping[Precision, "Form"]] = {
    "coreml": {"fp32": "direct", "fp16": "direct"},
    "nnapi": {"fp32": "direct", "int8": "folded"},
    "qnn": {"fp32": "folded", "fp16": "folded", "int8": "folded"},
    "xnnpack": {"fp32": "folded", "int8": "folded"},
    "generic": {"fp32": "direct", "fp16": "direct", "int8": "folded"},
}
"""The form of the network in each precision that a target takes."""
