"""Reflection padding by one pixel that keeps the channels-last layout and has a gradient without atomic additions.

torch's own turns bfloat16 feature maps into another layout and back on a card, and adds up their gradients one by one.
"""

import torch
from torch.autograd.function import FunctionCtx, once_differentiable


class _ReflectOne(torch.autograd.Function):
    @staticmethod
    def forward(ctx: FunctionCtx, x: torch.Tensor) -> torch.Tensor:
        count, channels, height, width = x.shape
        layout = torch.channels_last if x.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format
        padded = torch.empty(
            (count, channels, height + 2, width + 2), dtype=x.dtype, device=x.device, memory_format=layout
        )
        padded[:, :, 1:-1, 1:-1] = x
        padded[:, :, 0, 1:-1], padded[:, :, -1, 1:-1] = x[:, :, 1], x[:, :, -2]
        padded[:, :, :, 0], padded[:, :, :, -1] = padded[:, :, :, 2], padded[:, :, :, -3]
        return padded

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, gradient: torch.Tensor) -> torch.Tensor:
        inner = gradient[:, :, 1:-1, 1:-1].clone(memory_format=torch.preserve_format)
        for row, beyond in ((1, gradient[:, :, 0]), (-2, gradient[:, :, -1])):
            inner[:, :, row] += beyond[:, :, 1:-1]
            inner[:, :, row, 1] += beyond[:, :, 0]
            inner[:, :, row, -2] += beyond[:, :, -1]
        inner[:, :, :, 1] += gradient[:, :, 1:-1, 0]
        inner[:, :, :, -2] += gradient[:, :, 1:-1, -1]
        return inner


def reflect_one(x: torch.Tensor) -> torch.Tensor:
    """Return `x` N×C×h×w, both sides at least 2 px, with one reflected pixel around it: N×C×(h+2)×(w+2)."""
    padded: torch.Tensor = _ReflectOne.apply(x)
    return padded
