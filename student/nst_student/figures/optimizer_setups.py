"""What trains the banks of a comparison of optimizers: the teacher's pairs, or photographs that networks judge."""

from collections.abc import Sequence

import torch

from nst_runtime.pictures.arrays import Pixels
from nst_student.data.batches import Batches
from nst_student.data.pairs import PixelPair, WholePairs
from nst_student.data.photos import square_crops
from nst_student.figures.compare import MakeSetup, Setup
from nst_student.losses.balance import hold_content
from nst_student.losses.judges import Judging
from nst_student.networks.checkpoint import Codec
from nst_student.networks.registry import Bank
from nst_student.recipes.settings import StudentSettings, StyleSource
from nst_student.training.bank import perceptual_step, pixel_step


def setup_by_pixels(
    codec: Codec, pairs: Sequence[PixelPair], settings: StudentSettings, device: torch.device
) -> tuple[Batches, MakeSetup]:
    """Return the teacher's pairs and the paper's second step on them."""
    training = settings.training
    batches = WholePairs(list(pairs), training.seed, codec.architecture.multiple_px, device)
    return batches, lambda bank: Setup(pixel_step(codec, bank, batches, training.batch))


def setup_by_judges(
    codec: Codec, source: StyleSource, photos: Sequence[Pixels], settings: StudentSettings, device: torch.device
) -> tuple[Batches, MakeSetup]:
    """Return crops of `photos` and the judges' step on them; each bank has a content weight of its own.

    Raises NstError for weights or layers that are not there, and for a size that crops cannot have.
    """
    training, perceptual = settings.training, settings.perceptual
    crops = square_crops(photos, training.crop_px, training.seed, device)
    objective = Judging(perceptual.judges, perceptual.weights, [source], device).objective(crops)

    def make_setup(bank: Bank) -> Setup:
        balance = hold_content(objective, perceptual.content_target, 1, training.steps, device)
        step = perceptual_step(
            codec, bank, objective, balance, crops,
            batch=training.batch, seed=training.seed, pixel_weight=0.0, steady_weight=settings.joint.steady,
        )  # fmt: skip
        return Setup(step, {"content_balance": balance.log_weights})

    return crops, make_setup
