"""Train one bank for a codec that stays as it is."""

import torch

from nst_features.device import send
from nst_student.data.batches import Batches
from nst_student.losses.balance import ContentBalance
from nst_student.losses.disturbance import Disturbed, disturb, steadiness_loss
from nst_student.losses.objective import PerceptualObjective, pixel_loss
from nst_student.networks.checkpoint import Codec
from nst_student.networks.registry import Bank
from nst_student.training.step import Step, Terms


def pixel_step(codec: Codec, bank: Bank, pairs: Batches, batch: int) -> Step:
    """Return the paper's second step: squared error to the teacher's picture (sec. III.D, eq. 4)."""

    def judge(photo: torch.Tensor, target: torch.Tensor) -> Terms:
        loss = pixel_loss(stylise(codec, bank, photo), target)
        return {"loss": loss, "pixels": loss}

    return Step(lambda number: pairs.batch(number, batch), judge)


def perceptual_step(
    codec: Codec,
    bank: Bank,
    objective: PerceptualObjective,
    balance: ContentBalance,
    batches: Batches,
    *,
    batch: int,
    seed: int,
    pixel_weight: float,
    steady_weight: float,
    hard_style: float = 1.0,
) -> Step:
    """Return a step by the judges' losses; with pairs, plus `pixel_weight` times the squared error.

    With a `steady_weight` disturbed photographs must give the same picture. The style losses of hard pictures count
    `hard_style` times.
    """

    def draw(number: int) -> tuple[torch.Tensor, ...]:
        photo, *targets = batches.batch(number, batch)
        change = tuple(disturb(photo, (seed, 2, number))) if steady_weight else ()
        factors = style_factors(batches, number, batch, hard_style)
        return (photo, send(balance.gain(number), photo.device), factors, *change, *targets)

    def judge(photo: torch.Tensor, gain: torch.Tensor, factors: torch.Tensor, *more: torch.Tensor) -> Terms:
        change, targets = (more[:3], more[3:]) if steady_weight else ((), more)
        output = stylise(codec, bank, photo)
        judged = objective(output, photo, balance.weights(), factors)
        balance.observe(judged["content"].detach(), gain)
        terms = {name: values[0] for name, values in judged.items()}
        if change:
            again = stylise(codec, bank, change[0])
            terms["steady"] = steadiness_loss(output, again, Disturbed(*change)).mean()
            terms["loss"] = terms["loss"] + steady_weight * terms["steady"]
        if targets:
            terms["pixels"] = pixel_loss(output, targets[0])
            terms["loss"] = terms["loss"] + pixel_weight * terms["pixels"]
        return terms

    return Step(draw, judge)


def style_factors(batches: Batches, step: int, count: int, hard_style: float) -> torch.Tensor:
    """Return by what the style losses of the pictures of `step` are multiplied: hard ones' by `hard_style`."""
    return torch.where(batches.are_hard(step, count), hard_style, 1.0)


def stylise(codec: Codec, bank: Bank, photo: torch.Tensor) -> torch.Tensor:
    """Return `photo` N×3×H×W by `bank`, not yet clipped; gradients reach the bank alone."""
    with torch.no_grad():
        code = codec.encoder(photo)
    image: torch.Tensor = codec.decoder(*bank(*code))
    return image
