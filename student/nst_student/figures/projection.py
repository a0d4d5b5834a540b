"""The picture as a layer has it: its channels mixed to red, green and blue by the best linear map."""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from nst_runtime.pictures.arrays import Pixels, from_unit
from nst_student.figures.responses import Response

RIDGE = 1e-6  # of the channels' mean variance; a channel that is the same throughout then counts for nothing
HIGHEST_DB = 99.0


@dataclass(frozen=True)
class Projection:
    """The picture, uint8 h×w×3 at the layer's size, and its peak signal-to-noise ratio to what it stands for, in dB."""

    picture: Pixels
    psnr_db: float


def project(response: Response, picture: torch.Tensor) -> Projection:
    """Return the picture that is nearest to `picture` 1×3×H×W in [0, 1] of all that are linear in the layer's channels.

    At each pixel of the layer, three weighted sums of its channels and a constant: the weights are the least squares'
    against `picture` averaged down to the layer's size, so that they are told what the picture looks like, and only how
    it lies in the layer is the layer's. Works for a layer of any architecture, where leaving out those that come after
    would need one that goes on without them (Srinath, Yin, Verma, fig. 10, which does not say how it reconstructs).
    """
    height, width = response.value.shape[2:]
    wanted = F.adaptive_avg_pool2d(picture, (height, width))
    channels, colors = (values[0].detach().double().flatten(1) for values in (response.value, wanted))
    mean = colors.mean(dim=1, keepdim=True)
    inputs = channels - channels.mean(dim=1, keepdim=True)
    products = inputs @ inputs.T
    ridge = (RIDGE * products.diagonal().mean()).clamp_min(1e-12) * torch.eye(len(inputs)).to(inputs)
    found = torch.linalg.solve(products + ridge, inputs @ (colors - mean).T).T @ inputs + mean
    image = found.float().view_as(wanted).clamp(0, 1)
    return Projection(from_unit(image.cpu().numpy()), psnr_db(image, wanted))


def psnr_db(picture: torch.Tensor, wanted: torch.Tensor) -> float:
    """Return the peak signal-to-noise ratio of `picture` to `wanted`, both in [0, 1], at most 99 dB."""
    error = float(F.mse_loss(picture, wanted))
    return min(HIGHEST_DB, -10 * float(torch.tensor(max(error, 1e-12)).log10()))
