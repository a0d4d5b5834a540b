"""Architectures by name: a codec shared by all styles and a bank per style, in each the same three parts.

``decoder(*bank(*encoder(photo)))`` is the picture, ``decoder.reconstruct(*encoder(photo))`` the photograph. What goes
from part to part is a tuple of tensors, in the order and by the meaning of the shipped graphs' ports.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch

from nst_student.detailed import DetailedBank, DetailedDecoder, DetailedEncoder
from nst_student.paper import PaperBank, PaperDecoder, PaperEncoder
from nst_student.unet import UNetBank, UNetDecoder, UNetEncoder

MINIMUM_PX = 16

ArchitectureName = Literal["srinath", "conditional", "detailed", "unet"]
Code = tuple[torch.Tensor, ...]
Encoder = PaperEncoder | DetailedEncoder | UNetEncoder
Bank = PaperBank | DetailedBank | UNetBank
Decoder = PaperDecoder | DetailedDecoder | UNetDecoder


@dataclass(frozen=True)
class Architecture:
    """A kind of codec and banks: how a new one of each part is made, and of how many pixels sides are multiples.

    In a `conditional` one banks give the decoder's norms, too.
    """

    name: ArchitectureName
    encoder: Callable[[], Encoder]
    decoder: Callable[[], Decoder]
    blank_bank: Callable[[], Bank]
    multiple_px: int = 4
    conditional: bool = False

    def bank(self, decoder: Decoder | None = None) -> Bank:
        """Return a new bank near identity, that starts from what `decoder` offers, if one is given."""
        bank = self.blank_bank()
        state = bank.state_dict()
        offered = {} if decoder is None else decoder.first_weights()
        bank.load_state_dict({**state, **{name: value for name, value in offered.items() if name in state}})
        return bank


# `srinath` is the paper's. In `conditional` (Dumoulin et al., "A learned representation for artistic style", 2017) each
# bank also has the scales and biases of the decoder's instance norms: in the paper's they are shared, and with them the
# contrast and the mean of every channel that a picture is painted with. In `detailed` banks work at two sizes, and what
# they paint has half the picture's. In `unet` they work at three and see far, and the codec has no norms.
ARCHITECTURES: dict[str, Architecture] = {
    plan.name: plan
    for plan in (
        Architecture("srinath", PaperEncoder, PaperDecoder, PaperBank),
        Architecture("conditional", PaperEncoder, PaperDecoder, partial(PaperBank, conditional=True), conditional=True),
        Architecture("detailed", DetailedEncoder, DetailedDecoder, DetailedBank),
        Architecture("unet", UNetEncoder, UNetDecoder, UNetBank, multiple_px=8),
    )
}
