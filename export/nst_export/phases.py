"""Weights of convolutions that compute a 2×2 cell of pixels at once.

A channel of a picture can be kept as four channels of half the size, its *phases*: those of the pixels (2i, 2j),
(2i, 2j+1), (2i+1, 2j) and (2i+1, 2j+1), in this order, as depth-to-space (CRD) and pixel shuffle have them. A
convolution to or from phases holds the same products as the plain one and zeros besides; it has four times the
channels, which is what processors' vector units want when the plain one has fewer than 16.
"""

import torch
from torch.nn import functional as F


def to_phases(weight: torch.Tensor, stride: int) -> torch.Tensor:
    """Return the kernel, stride 2·`stride`, whose outputs are the phases of those of `weight` at stride `stride`.

    `weight` is C_out×C_in×k×k, the result 4·C_out×C_in×(k+stride)×(k+stride).
    """
    width_out, width_in, size, _ = weight.shape
    shifts = [(y, stride - y, x, stride - x) for y in (0, stride) for x in (0, stride)]
    phases = [F.pad(weight, (left, right, top, bottom)) for top, bottom, left, right in shifts]
    return torch.stack(phases, dim=1).reshape(4 * width_out, width_in, size + stride, size + stride)


def from_phases(weight: torch.Tensor) -> torch.Tensor:
    """Return the kernel, half the stride, that takes the phases of what `weight`, of even stride, takes.

    `weight` is C_out×C_in×k×k, the result C_out×4·C_in×⌈k/2⌉×⌈k/2⌉.
    """
    odd = weight.shape[-1] % 2
    return F.pixel_unshuffle(F.pad(weight, (0, odd, 0, odd)), 2)


def join_phases(weight: torch.Tensor) -> torch.Tensor:
    """Return `weight` with outputs, phases of phases as `to_phases` makes of a kernel that gives phases, as 4×4 cells.

    An output of the kernel that was given lies at (p, q) in a 2×2 cell, its own phases at (a, b): at (2a+p, 2b+q) of
    the 4×4 cell, whose 16 pixels a depth-to-space of block size 4 puts in their places.
    """
    _, *kernel = weight.shape
    channel, p, q, a, b = range(5)
    cells = weight.reshape(-1, 2, 2, 2, 2, *kernel)
    return cells.permute(channel, a, p, b, q, 5, 6, 7).flatten(0, 4)
