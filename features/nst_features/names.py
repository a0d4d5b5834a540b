"""The choices that settings have for feature networks, by name; this module is light and loads no torch."""

from typing import Literal, get_args

NetworkName = Literal["vgg16", "vgg19", "squeezenet1_1", "resnet50", "resnet50_random", "random"]
NETWORK_NAMES: tuple[NetworkName, ...] = get_args(NetworkName)
DeviceName = Literal["auto", "cpu", "cuda"]
Precision = Literal["fp32", "tf32", "bf16"]
NormalisationName = Literal["torchvision", "caffe"]
PoolingName = Literal["max", "average", "l2"]
POOLING_NAMES: tuple[PoolingName, ...] = get_args(PoolingName)
PaddingName = Literal["reflect", "zeros", "replicate-first", "reflect-first"]
PADDING_NAMES: tuple[PaddingName, ...] = get_args(PaddingName)
