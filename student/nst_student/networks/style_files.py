"""Banks as style files: what a training ends with, and what a further one begins with."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from nst_runtime.contracts.styles import Statistics, StyleFile, StyleRecord, read_style, write_style
from nst_runtime.errors import NstError
from nst_student.networks.checkpoint import Codec, filled
from nst_student.networks.previews import paint_preview
from nst_student.networks.registry import ARCHITECTURES, Bank
from nst_student.networks.unet import UNetBank


@dataclass(frozen=True)
class TrainedBank:
    """A trained bank, frozen, and the style file that it is."""

    bank: Bank
    file: StyleFile


def style_of(bank: Bank, record: StyleRecord) -> StyleFile:
    """Return `bank`, its numbers as they are, as the style file of `record`, without statistics and preview."""
    return StyleFile(record, {name: value.detach().cpu().float().numpy() for name, value in bank.state_dict().items()})


def rounded(bank: Bank) -> Bank:
    """Return a copy of `bank` for files: its numbers rounded to float16.

    That shows in no picture, and what ships is what was written, bit for bit, in half the room.
    """
    return deepcopy(bank).half().float().eval().requires_grad_(False)


def finish_style(path: Path, codec: Codec, bank: Bank, record: StyleRecord, photos: torch.Tensor) -> None:
    """Write the style file of a finished training: numbers, typical statistics of `photos` N×3×H×W, and a preview."""
    device = next(codec.encoder.parameters()).device
    final = rounded(bank).to(device)
    statistics = typical_statistics(codec, final, photos.to(device))
    style = replace(style_of(final, record), statistics=statistics, preview=paint_preview(codec, final))
    write_style(path, style)


def load_bank(path: Path, codec: Codec) -> TrainedBank:
    """Return the bank in the style file `path`, frozen; raises NstError when it is for another codec than `codec`."""
    if not path.exists():
        raise NstError(f"no style file at {path}", "train one with nst-student train-bank")
    style = read_style(path)
    if style.record.codec_sha256 != codec.sha256:
        raise NstError(
            f"{path} was trained for codec {style.record.codec_sha256[:12]}, not for {codec.sha256[:12]}",
            "train it again with nst-student train-bank",
        )
    return TrainedBank(bank_of(style, codec.record.architecture, path), style)


def bank_of(style: StyleFile, architecture: str, path: Path) -> Bank:
    """Return the bank of `style`, which is of `architecture`, frozen; raises NstError when it does not fit."""
    tensors = {name: torch.from_numpy(np.array(value)) for name, value in style.tensors.items()}
    return filled(ARCHITECTURES[architecture].bank(), "", tensors, path)


def first_bank(codec: Codec, seed: int, start: Path | None = None) -> Bank:
    """Return a bank of `codec` to train: the one in `start`, or a new one, whose weights are drawn by `seed`.

    What it has in common with the codec's other banks stays as it is.
    """
    torch.manual_seed(seed)
    bank = codec.architecture.bank(codec.decoder) if start is None else load_bank(start, codec).bank
    bank.train().requires_grad_(True)
    for name in bank.shared() if isinstance(bank, UNetBank) else ():
        bank.get_parameter(name).requires_grad_(False)
    return bank


def typical_statistics(codec: Codec, bank: Bank, photos: torch.Tensor) -> dict[str, Statistics]:
    """Return mean and variance before each norm of `bank`: of each of `photos` N×3×H×W, then the mean of all."""
    seen: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
    with torch.inference_mode(), _watching(bank, seen):
        bank(*codec.encoder(photos))
    return {
        name: Statistics(mean.float().cpu().numpy(), variance.float().cpu().numpy())
        for name, (mean, variance) in seen.items()
    }


@contextmanager
def _watching(bank: nn.Module, seen: dict[str, tuple[torch.Tensor, torch.Tensor]]) -> Iterator[None]:
    def watch(name: str) -> torch.utils.hooks.RemovableHandle:
        def note(_: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            variance, mean = torch.var_mean(inputs[0].double(), dim=(2, 3), correction=0)
            seen[name] = (mean.mean(dim=0), variance.mean(dim=0))

        return norms[name].register_forward_pre_hook(note)

    norms = {name: module for name, module in bank.named_modules() if isinstance(module, nn.InstanceNorm2d)}
    handles = [watch(name) for name in norms]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
