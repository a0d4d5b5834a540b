"""What each layer of encoder, bank and decoder answers to a photograph.

"The response is basically the feature maps that each layer will output" (Srinath, Yin, Verma, sec. IV, fig. 8).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
import torch
from torch import nn

from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.collage import tile
from nst_student.networks.checkpoint import Codec
from nst_student.networks.layers import NormalisedConv
from nst_student.networks.registry import Bank

Part = Literal["encoder", "bank", "decoder"]
PARTS: tuple[Part, ...] = get_args(Part)
DARKEST, BRIGHTEST = 0.005, 0.995  # quantiles of a layer's values that are shown black and white


@dataclass(frozen=True)
class Response:
    """What the layer `name` of `part` answers: `value` N×C×h×w."""

    part: Part
    name: str
    value: torch.Tensor

    @property
    def key(self) -> str:
        """The part and the layer: ``bank.layers.0``."""
        return f"{self.part}.{self.name}"

    @property
    def shape(self) -> str:
        """Channels, height and width: ``32 x 48 x 64``."""
        return " x ".join(str(side) for side in self.value.shape[1:])


@dataclass(frozen=True)
class Generator:
    """A codec and a bank, whose layers are told by name, whatever their architecture."""

    codec: Codec
    bank: Bank

    def paint(self, photo: torch.Tensor) -> torch.Tensor:
        """Return `photo` N×3×H×W stylised, not yet clipped; gradients reach the photo."""
        image: torch.Tensor = self.codec.decoder(*self.bank(*self.codec.encoder(photo)))
        return image

    def watch(self, photo: torch.Tensor) -> tuple[torch.Tensor, list[Response]]:
        """Return `photo` N×3×H×W stylised, and what the layers answered on the way, in the order in which they did.

        A layer is a NormalisedConv (with its norm and ReLU), or any other module that has weights and no modules in
        it: a convolution, of fractional stride or not, or a norm (before its ReLU). A norm in whose place a bank's own
        scales are used does not run, and is left out; one that runs twice comes twice.
        """
        responses: list[Response] = []
        with _hooked(self._parts(), responses):
            image = self.paint(photo)
        return image, responses

    def _parts(self) -> dict[Part, nn.Module]:
        return {"encoder": self.codec.encoder, "bank": self.bank, "decoder": self.codec.decoder}


def layers(module: nn.Module, name: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Yield the layers of `module` by name, in the order in which they were made; `Generator.watch` has the rule."""
    children = list(module.named_children())
    if isinstance(module, NormalisedConv) or (not children and any(True for _ in module.parameters(recurse=False))):
        yield name, module
        return
    for child_name, child in children:
        yield from layers(child, f"{name}.{child_name}" if name else child_name)


@contextmanager
def _hooked(parts: Mapping[Part, nn.Module], responses: list[Response]) -> Iterator[None]:
    handles = [
        layer.register_forward_hook(partial(_note, responses, part, name))
        for part, module in parts.items()
        for name, layer in layers(module)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _note(
    responses: list[Response],
    part: Part,
    name: str,
    _module: nn.Module,
    _inputs: Any,  # noqa: ANN401 (torch's own)
    output: torch.Tensor,
) -> None:
    responses.append(Response(part, name, output))


def channel_grid(response: Response) -> Pixels:
    """Return the channels of a response of one picture side by side, grey: black its lowest value, white its highest.

    All channels of a layer are on one scale, whose ends are the lowest and the highest half percent of its values.
    """
    channels = response.value[0].detach().float().cpu().numpy()
    low, high = np.quantile(channels, (DARKEST, BRIGHTEST))
    grey = np.clip((channels - low) / max(high - low, 1e-12), 0, 1)
    pixels = np.repeat((grey * 255 + 0.5).astype(np.uint8)[..., None], 3, axis=-1)
    across = _across(len(pixels))
    return tile([list(pixels[first : first + across]) for first in range(0, len(pixels), across)], gap_px=1)


def _across(count: int) -> int:
    """Return how many of `count` pictures stand in a row so that rows are full and about as many."""
    return next(number for number in range(1, count + 1) if count % number == 0 and number * number >= count)
