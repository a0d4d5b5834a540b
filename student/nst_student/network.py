"""Architectures by name: a codec shared by all styles and a bank per style, in each the same three parts.

``decoder(*bank(*encoder(photo)))`` is the picture, ``decoder.reconstruct(*encoder(photo))`` the photograph. What goes
from part to part is a tuple of tensors, in the order and by the meaning of the shipped graphs' ports.
"""

from dataclasses import dataclass
from typing import Literal

import torch

from nst_student.detailed import DetailedBank, DetailedDecoder, DetailedEncoder
from nst_student.paper import PaperBank, PaperDecoder, PaperEncoder

MULTIPLE_PX = 4
MINIMUM_PX = 16

ArchitectureName = Literal["srinath", "conditional", "detailed"]
Code = tuple[torch.Tensor, ...]
Encoder = PaperEncoder | DetailedEncoder
Bank = PaperBank | DetailedBank
Decoder = PaperDecoder | DetailedDecoder


@dataclass(frozen=True)
class Architecture:
    """A kind of codec and banks.

    `srinath` is the paper's. In `conditional` (Dumoulin et al., "A learned representation for artistic style", 2017)
    each bank also has the scales and biases of the decoder's instance norms: in the paper's they are shared, and with
    them the contrast and the mean of every channel that a picture is painted with. In `detailed` banks work at two
    sizes, and what they paint has half the picture's.
    """

    name: ArchitectureName
    conditional: bool = False
    detailed: bool = False

    def encoder(self) -> Encoder:
        """Return a new encoder."""
        return DetailedEncoder() if self.detailed else PaperEncoder()

    def bank(self, decoder: Decoder | None = None) -> Bank:
        """Return a new bank near identity, that starts from what `decoder` offers, if one is given."""
        bank = DetailedBank() if self.detailed else PaperBank(conditional=self.conditional)
        state = bank.state_dict()
        offered = {} if decoder is None else decoder.first_weights()
        bank.load_state_dict({**state, **{name: value for name, value in offered.items() if name in state}})
        return bank

    def decoder(self) -> Decoder:
        """Return a new decoder."""
        return DetailedDecoder() if self.detailed else PaperDecoder()


ARCHITECTURES: dict[str, Architecture] = {
    plan.name: plan
    for plan in (
        Architecture("srinath"),
        Architecture("conditional", conditional=True),
        Architecture("detailed", detailed=True),
    )
}
