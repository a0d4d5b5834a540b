"""Train one bank for a codec that stays as it is."""

from enum import StrEnum

import torch

from nst_student.balance import ContentBalance
from nst_student.batches import Batches
from nst_student.checkpoint import Codec
from nst_student.loop import StepFunction, Terms
from nst_student.network import Bank
from nst_student.objective import PerceptualObjective, pixel_loss


class Objective(StrEnum):
    """What a bank learns from: the teacher's pixels, the judges' losses, or both."""

    PIXELS = "pixels"
    PERCEPTUAL = "perceptual"
    HYBRID = "hybrid"


def pixel_step(codec: Codec, bank: Bank, pairs: Batches, batch: int, device: torch.device) -> StepFunction:
    """Return the paper's second step: squared error to the teacher's picture (sec. III.D, eq. 4)."""

    def step(number: int) -> Terms:
        photo, target = (pictures.to(device) for pictures in pairs.batch(number, batch))
        loss = pixel_loss(stylise(codec, bank, photo), target)
        return {"loss": loss, "pixels": loss}

    return step


def perceptual_step(
    codec: Codec,
    bank: Bank,
    style: str,
    objective: PerceptualObjective,
    balance: ContentBalance,
    batches: Batches,
    *,
    batch: int,
    pixel_weight: float,
    device: torch.device,
) -> StepFunction:
    """Return a step by the judges' losses; with pairs, plus `pixel_weight` times the squared error."""

    def step(number: int) -> Terms:
        photo, *targets = (member.to(device) for member in batches.batch(number, batch))
        output = stylise(codec, bank, photo)
        terms = objective(output, photo, {style: balance.weight(style)})[style]
        balance.observe(style, terms["content"].detach(), number)
        if targets:
            terms["pixels"] = pixel_loss(output, targets[0])
            terms["loss"] = terms["loss"] + pixel_weight * terms["pixels"]
        return terms

    return step


def stylise(codec: Codec, bank: Bank, photo: torch.Tensor) -> torch.Tensor:
    """Return `photo` N×3×H×W by `bank`, not yet clipped; gradients reach the bank alone."""
    with torch.no_grad():
        code = codec.encoder(photo)
    image: torch.Tensor = codec.decoder(*bank(*code))
    return image
