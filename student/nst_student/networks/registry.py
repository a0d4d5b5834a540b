"""Architectures by name: a codec shared by all styles and a bank per style, in each the same three parts.

``decoder(*bank(*encoder(photo)))`` is the picture, ``decoder.reconstruct(*encoder(photo))`` the photograph. What goes
from part to part is a tuple of tensors, in the order and by the meaning of the shipped graphs' ports.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch

from nst_student.networks.detailed import DetailedBank, DetailedDecoder, DetailedEncoder
from nst_student.networks.paper import PaperBank, PaperDecoder, PaperEncoder
from nst_student.networks.unet import UNetBank, UNetDecoder, UNetEncoder, UNetPlan, plain_bank
from nst_student.recipes.settings import ArchitectureName

Code = tuple[torch.Tensor, ...]
Encoder = PaperEncoder | DetailedEncoder | UNetEncoder
Bank = PaperBank | DetailedBank | UNetBank
Decoder = PaperDecoder | DetailedDecoder | UNetDecoder


@dataclass(frozen=True)
class Architecture:
    """A kind of codec and banks: how a new one of each part is made, and of how many pixels sides are multiples.

    No side may be shorter than `minimum_px`. `plain` returns the decoder's bank of no style, with which the codec gives
    the photograph back, where it has one.
    """

    name: ArchitectureName
    encoder: Callable[[], Encoder]
    decoder: Callable[[], Decoder]
    blank_bank: Callable[[], Bank]
    multiple_px: int = 4
    minimum_px: int = 16
    plain: Callable[[Decoder], Bank] | None = None

    def bank(self, decoder: Decoder | None = None) -> Bank:
        """Return a new bank near identity, that starts from what `decoder` offers, if one is given."""
        bank = self.blank_bank()
        state = bank.state_dict()
        offered = {} if decoder is None else decoder.first_weights()
        bank.load_state_dict({**state, **{name: value for name, value in offered.items() if name in state}})
        return bank


def _plain_of_detailed(decoder: Decoder) -> Bank:
    if not isinstance(decoder, DetailedDecoder):
        raise TypeError(f"a {type(decoder).__name__} is not of this architecture")
    return decoder.plain


def _plain_of_unet(decoder: Decoder) -> Bank:
    if not isinstance(decoder, UNetDecoder):
        raise TypeError(f"a {type(decoder).__name__} is not of this architecture")
    return plain_bank(decoder.start).half().float()  # the photograph does not go through what is rounded


def _unet(name: ArchitectureName, plan: UNetPlan, multiple_px: int = 8, minimum_px: int = 16) -> Architecture:
    encoder, decoder, bank = partial(UNetEncoder, plan), partial(UNetDecoder, plan), partial(UNetBank, plan)
    return Architecture(name, encoder, decoder, bank, multiple_px, minimum_px, _plain_of_unet)


# `srinath` is the paper's. In `conditional` (Dumoulin et al., "A learned representation for artistic style", 2017) each
# bank also has the scales and biases of the decoder's instance norms: in the paper's they are shared, and with them the
# contrast and the mean of every channel that a picture is painted with. In `detailed` banks work at two sizes, and what
# they paint has half the picture's. In `unet` they work at three and see far, and the codec has no norms. The
# others are trials of it, each with one thing changed (docs/training.md).
ARCHITECTURES: dict[str, Architecture] = {
    plan.name: plan
    for plan in (
        Architecture("srinath", PaperEncoder, PaperDecoder, PaperBank),
        Architecture("conditional", PaperEncoder, PaperDecoder, partial(PaperBank, conditional=True)),
        Architecture("detailed", DetailedEncoder, DetailedDecoder, DetailedBank, plain=_plain_of_detailed),
        _unet("unet", UNetPlan()),
        _unet("unet_pooled", UNetPlan(pooled=True)),
        _unet("unet_wide", UNetPlan(width=96, blocks=4)),
        _unet("unet_dense", UNetPlan(width=40, blocks=3, dense=True)),
        _unet("unet_sixteenth", UNetPlan(blocks=4, deeper=4), multiple_px=16, minimum_px=32),
        _unet("unet_shared", UNetPlan(shared_deep=True)),
    )
}
