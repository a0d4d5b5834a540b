"""Train the codec: to reconstruct, as the paper does, or jointly with several banks, as StyleBank does."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from nst_runtime.workspace import Workspace
from nst_student.balance import ContentBalance
from nst_student.batches import Batches
from nst_student.checkpoint import BANK_FILE, CODEC_FILE, Codec, Description, load_codec, save_bank, save_checkpoint
from nst_student.loop import StepFunction, Terms
from nst_student.network import ARCHITECTURES, Bank, Code
from nst_student.objective import PerceptualObjective, pixel_loss

# A reconstruction's squared error is some hundred times smaller than a perceptual loss of shares.
RECONSTRUCTION_WEIGHT = 10.0


class Generator(nn.Module):
    """Encoder, decoder and the banks of the styles trained with them."""

    def __init__(self, architecture: str, styles: Sequence[str], seed: int, start: Codec | None = None) -> None:
        """Begin with random weights from `seed`, or with the codec `start`."""
        super().__init__()
        torch.manual_seed(seed)
        plan = ARCHITECTURES[architecture]
        self.architecture = architecture
        self.encoder, self.decoder = plan.encoder(), plan.decoder()
        if start is not None:
            self.encoder.load_state_dict(start.encoder.state_dict())
            self.decoder.load_state_dict(start.decoder.state_dict())
        self.banks = nn.ModuleDict({style: plan.bank(self.decoder) for style in styles})

    def bank(self, style: str) -> Bank:
        """Return the bank of `style`."""
        bank = self.banks[style]
        if not isinstance(bank, Bank):
            raise TypeError(f"{style} has no bank")
        return bank

    def stylise(self, photo: torch.Tensor, style: str) -> torch.Tensor:
        """Return `photo` N×3×H×W stylised, not yet clipped."""
        image: torch.Tensor = self.decoder(*self.bank(style)(*self.encoder(photo)))
        return image

    def stylise_all(self, code: Code) -> torch.Tensor:
        """Return pictures of the encoder's `code`, as many in each style, one style after the other."""
        banks = [self.bank(style) for style in self.banks]
        parts = zip(*(member.chunk(len(banks)) for member in code), strict=True)
        painted = zip(*(bank(*part) for bank, part in zip(banks, parts, strict=True)), strict=True)
        count = len(code[0]) // len(banks)
        image: torch.Tensor = self.decoder(
            *(torch.cat([_batch(value, count) for value in member]) for member in painted)
        )
        return image

    def reconstruct(self, photo: torch.Tensor) -> torch.Tensor:
        """Return `photo` through the codec alone."""
        image: torch.Tensor = self.decoder.reconstruct(*self.encoder(photo))
        return image


def _batch(value: torch.Tensor, count: int) -> torch.Tensor:
    """Return `value` as a batch; a bank's norms are one vector for `count` pictures."""
    return value.expand(count, -1) if value.dim() == 1 else value


def reconstruction_step(generator: Generator, photos: Batches, batch: int, device: torch.device) -> StepFunction:
    """Return the step of the paper's first training: image in, image out, no bank (sec. III.C, eq. 3)."""

    def step(number: int) -> Terms:
        (photo,) = (crops.to(device) for crops in photos.batch(number, batch))
        loss = pixel_loss(generator.reconstruct(photo), photo)
        return {"loss": loss, "reconstruction": loss}

    return step


def joint_step(
    generator: Generator,
    objective: PerceptualObjective,
    balance: ContentBalance,
    photos: Batches,
    *,
    batch: int,
    reconstruct_every: int,
    device: torch.device,
) -> StepFunction:
    """Return a step of StyleBank's joint training (Chen et al. 2017, sec. 3.3).

    Every step sees `batch` crops in each of the styles, so that the codec follows them all; StyleBank takes one style
    a step, whose gradients pull the codec to and fro. Every `reconstruct_every`th step reconstructs as well.
    """
    styles = list(generator.banks)

    def step(number: int) -> Terms:
        (photo,) = (crops.to(device) for crops in photos.batch(number, batch * len(styles)))
        code = generator.encoder(photo)
        images = generator.stylise_all(code)
        found: dict[str, torch.Tensor] = {}
        judged = objective(images, photo, {style: balance.weight(style) for style in styles})
        loss = torch.stack([terms.pop("loss") for terms in judged.values()]).mean()
        for style, terms in judged.items():
            balance.observe(style, terms["content"].detach(), number)
            found |= {f"{style}/{name}": value for name, value in terms.items()}
        if reconstruct_every and number % reconstruct_every == 0:
            found["reconstruction"] = pixel_loss(generator.decoder.reconstruct(*code), photo)
            loss = loss + RECONSTRUCTION_WEIGHT * found["reconstruction"]
        return {"loss": loss, **found}

    return step


def save_generator(generator: Generator, workspace: Workspace, training: dict[str, object]) -> Path:
    """Write the codec, then the banks trained with it, and return the codec's path."""
    path = workspace.codec / CODEC_FILE
    modules = {"encoder": generator.encoder, "decoder": generator.decoder}
    save_checkpoint(path, modules, Description("codec", generator.architecture, training=training))
    sha256 = load_codec(path).sha256
    for style in generator.banks:
        description = Description("bank", generator.architecture, style, sha256, training)
        save_bank(workspace.bank(style) / BANK_FILE, generator.bank(style), description)
    return path
