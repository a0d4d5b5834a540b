"""Train the codec: to reconstruct, as the paper does, or jointly with several banks, as StyleBank does."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import torch
from torch import nn
from torch.func import functional_call, vmap

from nst_features.device import send
from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.styles import StyleRecord
from nst_runtime.contracts.workspace import Workspace
from nst_student.data.batches import Batches
from nst_student.losses.balance import ContentBalance
from nst_student.losses.disturbance import Disturbed, disturb, steadiness_loss
from nst_student.losses.objective import PerceptualObjective, pixel_loss
from nst_student.networks.checkpoint import CODEC_FILE, Codec, CodecRecord, load_codec, save_codec
from nst_student.networks.registry import ARCHITECTURES, Bank, Code
from nst_student.networks.style_files import finish_style
from nst_student.networks.unet import UNetBank, UNetDecoder, UNetEncoder
from nst_student.recipes.settings import JointWeights
from nst_student.training.bank import style_factors
from nst_student.training.step import Step, Terms


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
        self._share()

    def bank(self, style: str) -> Bank:
        """Return the bank of `style`."""
        bank = self.banks[style]
        if not isinstance(bank, Bank):
            raise TypeError(f"{style} has no bank")
        return bank

    def _share(self) -> None:
        """Give all banks the first one's of those parameters that they have in common, if there are any."""
        banks = [bank for bank in self.banks.values() if isinstance(bank, UNetBank)]
        for bank in banks[1:]:
            for name in bank.shared():
                place, _, leaf = name.rpartition(".")
                setattr(bank.get_submodule(place), leaf, banks[0].get_parameter(name))

    def stylise(self, photo: torch.Tensor, style: str) -> torch.Tensor:
        """Return `photo` N×3×H×W stylised, not yet clipped."""
        image: torch.Tensor = self.decoder(*self.bank(style)(*self.encoder(photo)))
        return image

    def stylise_all(self, code: Code) -> torch.Tensor:
        """Return pictures of the encoder's `code`, as many in each style, one style after the other."""
        banks = [self.bank(style) for style in self.banks]
        count = len(code[0]) // len(banks)
        paint = _paint_at_once if code[0].is_cuda else _paint_in_turn
        parts = [member.view(len(banks), count, *member.shape[1:]) for member in code]
        image: torch.Tensor = self.decoder(*(_batch(member, count) for member in paint(banks, parts)))
        return image

    def remember_banks(self) -> None:
        """Let the decoder offer the mean of the banks as the start of new ones, where it offers banks."""
        if isinstance(self.decoder, UNetDecoder) and len(self.banks):
            states = [bank.state_dict() for bank in self.banks.values()]
            means = {name: torch.stack([state[name] for state in states]).mean(dim=0) for name in states[0]}
            self.decoder.start.load_state_dict(means)

    def keep_pixels(self) -> None:
        """Train no further what turns pixels into details and back, where banks can paint with it as it is."""
        if isinstance(self.encoder, UNetEncoder) and isinstance(self.decoder, UNetDecoder):
            self.encoder.down1.requires_grad_(False)
            self.decoder.up.requires_grad_(False)

    def reconstruct(self, photo: torch.Tensor) -> torch.Tensor:
        """Return `photo` through the codec alone."""
        image: torch.Tensor = self.decoder.reconstruct(*self.encoder(photo))
        return image


def _paint_in_turn(banks: Sequence[Bank], parts: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return what each of S `banks` makes of its part of a code, whose members are S×N×C×h×w, stacked alike."""
    painted = [bank(*members) for bank, members in zip(banks, zip(*parts, strict=True), strict=True)]
    return [torch.stack(members) for members in zip(*painted, strict=True)]


def _paint_at_once(banks: Sequence[Bank], parts: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return what _paint_in_turn does, each layer computed for all banks together.

    A bank's layers are so small that a card takes longer to begin with each than to compute it.
    """
    names = [name for name, _ in banks[0].named_parameters()]
    stacked = {name: torch.stack([bank.get_parameter(name) for bank in banks]) for name in names}

    def paint(parameters: dict[str, torch.Tensor], *members: torch.Tensor) -> Code:
        painted: Code = functional_call(banks[0], parameters, members)
        return painted

    return list(vmap(paint)(stacked, *parts))


def _batch(values: torch.Tensor, count: int) -> torch.Tensor:
    """Return `values` of S banks as one batch; a bank's norms, S×C in all, are one vector for `count` pictures."""
    return values.repeat_interleave(count, dim=0) if values.dim() == 2 else values.flatten(0, 1)


def reconstruction_step(generator: Generator, photos: Batches, batch: int) -> Step:
    """Return the step of the paper's first training: image in, image out, no bank (sec. III.C, eq. 3)."""

    def judge(photo: torch.Tensor) -> Terms:
        loss = pixel_loss(generator.reconstruct(photo), photo)
        return {"loss": loss, "reconstruction": loss}

    return Step(lambda number: photos.batch(number, batch), judge)


def joint_step(
    generator: Generator,
    objective: PerceptualObjective,
    balance: ContentBalance,
    photos: Batches,
    weights: JointWeights,
    *,
    batch: int,
    seed: int,
    hard_style: float = 1.0,
) -> Step:
    """Return a step of StyleBank's joint training (Chen et al. 2017, sec. 3.3).

    Every step sees `batch` crops in each of the styles, so that the codec follows them all; StyleBank takes one style
    a step, whose gradients pull the codec to and fro. Every step reconstructs as well, and with a weight for it paints
    disturbed crops, which must come out the same. The style losses of hard pictures count `hard_style` times.
    """
    styles = list(generator.banks)

    def draw(number: int) -> tuple[torch.Tensor, ...]:
        count = batch * len(styles)
        (photo,) = photos.batch(number, count)
        change = disturb(photo, (seed, 2, number)) if weights.steady else ()
        factors = style_factors(photos, number, count, hard_style)
        return (photo, send(balance.gain(number), photo.device), factors, *change)

    def judge(photo: torch.Tensor, gain: torch.Tensor, factors: torch.Tensor, *change: torch.Tensor) -> Terms:
        code = generator.encoder(photo)
        images = generator.stylise_all(code)
        judged = objective(images, photo, balance.weights(), factors)
        balance.observe(judged["content"].detach(), gain)
        if change:
            again = generator.stylise_all(generator.encoder(change[0]))
            judged["steady"] = steadiness_loss(images, again, Disturbed(*change)).view(len(styles), -1).mean(dim=1)
            judged["loss"] = judged["loss"] + weights.steady * judged["steady"]
        reconstruction = pixel_loss(generator.decoder.reconstruct(*code), photo)
        loss = judged.pop("loss").mean() + weights.reconstruction * reconstruction
        found = {f"{style}/{name}": values[i] for name, values in judged.items() for i, style in enumerate(styles)}
        return {"loss": loss, "reconstruction": reconstruction, **found}

    return Step(draw, judge)


def save_generator(
    generator: Generator,
    workspace: Workspace,
    training: dict[str, object],
    photos: torch.Tensor,
    infos: Mapping[str, StyleInfo] = MappingProxyType({}),
) -> Path:
    """Write the codec, then the styles trained with it, and return the codec's path.

    `photos` N×3×H×W are for the styles' statistics, `infos` what their files say of them, by name.
    """
    path = workspace.codec / CODEC_FILE
    generator.remember_banks()
    save_codec(path, generator.encoder, generator.decoder, CodecRecord(generator.architecture, training))
    codec = load_codec(path)
    for style in generator.banks:
        record = StyleRecord(
            style,
            codec.sha256,
            generator.architecture,
            infos.get(style, StyleInfo(style)),
            recipe="joint",
            training=training,
        )
        finish_style(workspace.style(style), codec, generator.bank(style), record, photos)
    return path
