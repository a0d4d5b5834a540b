"""Change a loaded network's pooling and padding: the papers differ in both."""

from typing import Literal

import torch
from torch import nn
from torch.nn import functional as F

from nst_features.names import PaddingName, PoolingName

_Mode = Literal["zeros", "reflect", "replicate"]
_MODES: dict[PaddingName, tuple[_Mode, _Mode]] = {  # of the first convolution, and of the others
    "reflect": ("reflect", "reflect"),
    "zeros": ("zeros", "zeros"),
    "replicate-first": ("replicate", "zeros"),
    "reflect-first": ("reflect", "zeros"),
}
SMALLEST_SQUARE = 1e-12  # keeps the root's slope finite where a window is all zeros


class RootMeanSquarePool(nn.Module):
    """L2 pooling: the root of the mean square of each window, so that a constant stays what it is."""

    def __init__(self, kernel_px: int, stride_px: int, padding_px: int, *, ceil_mode: bool) -> None:
        super().__init__()
        self.kernel_px, self.stride_px, self.padding_px, self.ceil_mode = kernel_px, stride_px, padding_px, ceil_mode

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return N×C×h×w of `x` N×C×H×W."""
        mean = F.avg_pool2d(
            x.square(), self.kernel_px, self.stride_px, self.padding_px, self.ceil_mode, count_include_pad=False
        )
        return (mean + SMALLEST_SQUARE).sqrt()


def set_pooling(network: nn.Module, pooling: PoolingName) -> None:
    """Replace every max pooling of `network` by `pooling`, of the same window and stride.

    Gatys et al. (2016), sec. 2: average pooling in place of max pooling "yields slightly more appealing results".
    """
    if pooling == "max":
        return
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.MaxPool2d):
                setattr(module, name, _like(child, pooling))


def _like(pool: nn.MaxPool2d, pooling: PoolingName) -> nn.Module:
    kernel, stride, padding = (int(value) for value in (pool.kernel_size, pool.stride, pool.padding))  # type: ignore[arg-type]
    if pooling == "average":
        return nn.AvgPool2d(kernel, stride, padding, ceil_mode=pool.ceil_mode, count_include_pad=False)
    return RootMeanSquarePool(kernel, stride, padding, ceil_mode=pool.ceil_mode)


def set_padding(network: nn.Module, padding: PaddingName) -> None:
    """Choose what the convolutions of `network` see beyond the border.

    ``reflect`` and ``zeros`` hold for every convolution; ``replicate-first`` and ``reflect-first`` for the first alone,
    the others get the zeros they were trained with (a replicated border in the first keeps edges clean).
    """
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    for index, convolution in enumerate(convolutions):
        convolution.padding_mode = _MODES[padding][min(index, 1)]
