"""Train the codec: to reconstruct, as the paper does, or jointly with several banks, as StyleBank does."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from nst_runtime.workspace import Workspace
from nst_student.balance import ContentBalance
from nst_student.checkpoint import Description, load_codec, save_checkpoint
from nst_student.loop import StepFunction, Terms
from nst_student.network import ARCHITECTURES, Bank, Decoder, Encoder
from nst_student.objective import PerceptualObjective, pixel_loss
from nst_student.photos import Crops

# A reconstruction's squared error is some hundred times smaller than a perceptual loss of shares.
RECONSTRUCTION_WEIGHT = 20.0


class Generator(nn.Module):
    """Encoder, decoder and the banks of the styles trained with them."""

    def __init__(self, architecture: str, styles: Sequence[str], seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        plan = ARCHITECTURES[architecture]
        self.architecture = architecture
        self.encoder, self.decoder = Encoder(plan), Decoder(plan)
        self.banks = nn.ModuleDict({style: Bank(plan) for style in styles})

    def stylise(self, photo: torch.Tensor, style: str) -> torch.Tensor:
        """Return `photo` N×3×H×W stylised, not yet clipped."""
        image: torch.Tensor = self.decoder(self.banks[style](self.encoder(photo)))
        return image

    def reconstruct(self, photo: torch.Tensor) -> torch.Tensor:
        """Return `photo` through the codec alone."""
        image: torch.Tensor = self.decoder(self.encoder(photo))
        return image


def reconstruction_step(generator: Generator, photos: Crops, batch: int, device: torch.device) -> StepFunction:
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
    photos: Crops,
    *,
    batch: int,
    reconstruct_every: int,
    device: torch.device,
) -> StepFunction:
    """Return StyleBank's step (Chen et al. 2017, sec. 3.3): styles in turn, and now and then a reconstruction."""
    styles = list(generator.banks)

    def step(number: int) -> Terms:
        (photo,) = (crops.to(device) for crops in photos.batch(number, batch))
        rounds, place = divmod(number, reconstruct_every) if reconstruct_every else (0, number)
        if reconstruct_every and place == reconstruct_every - 1:
            error = pixel_loss(generator.reconstruct(photo), photo)
            return {"loss": RECONSTRUCTION_WEIGHT * error, "reconstruction": error}
        style = styles[(number - rounds) % len(styles)]
        terms = objective(generator.stylise(photo, style), photo, style, content_factor=balance.weight(style))
        balance.observe(style, terms["content"].detach(), terms["style"].detach())
        named = {f"{style}/{name}": value for name, value in terms.items()}
        return {"loss": terms["loss"], **named}

    return step


def save_generator(generator: Generator, workspace: Workspace, training: dict[str, object]) -> Path:
    """Write the codec, then the banks trained with it, and return the codec's path."""
    path = workspace.codec / "codec.safetensors"
    modules = {"encoder": generator.encoder, "decoder": generator.decoder}
    save_checkpoint(path, modules, Description("codec", generator.architecture, training=training))
    sha256 = load_codec(path).sha256
    for style, bank in generator.banks.items():
        description = Description("bank", generator.architecture, style, sha256, training)
        save_checkpoint(workspace.bank(style) / "bank.safetensors", {"bank": bank}, description)
    return path
