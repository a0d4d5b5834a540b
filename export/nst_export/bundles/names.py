"""The names of targets and precisions, apart, so that a command's help need not load what computes."""

from typing import Literal

TargetName = Literal["coreml", "nnapi", "qnn", "xnnpack", "generic"]
Precision = Literal["fp32", "fp16", "int8"]
