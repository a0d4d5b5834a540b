"""The graphs of a style pack, whatever its architecture: what was trained, in its cheapest exact form."""

from collections.abc import Callable

from torch import nn

from nst_export.detailed_parts import detailed_bank_model, detailed_encoder_model
from nst_export.half_size import half_size_decoder_model
from nst_export.paper_parts import paper_bank_model, paper_decoder_model, paper_encoder_model
from nst_export.ports import Metadata
from nst_export.unet_parts import unet_bank_model, unet_encoder_model
from nst_student.detailed import DetailedBank, DetailedDecoder, DetailedEncoder
from nst_student.network import Bank, Decoder, Encoder
from nst_student.paper import PaperBank, PaperDecoder, PaperEncoder
from nst_student.unet import UNetBank, UNetDecoder, UNetEncoder

_MODELS: dict[type[nn.Module], Callable[..., bytes]] = {
    PaperEncoder: paper_encoder_model,
    PaperBank: paper_bank_model,
    PaperDecoder: paper_decoder_model,
    DetailedEncoder: detailed_encoder_model,
    DetailedBank: detailed_bank_model,
    DetailedDecoder: half_size_decoder_model,
    UNetEncoder: unet_encoder_model,
    UNetBank: unet_bank_model,
    UNetDecoder: half_size_decoder_model,
}


def encoder_model(encoder: Encoder, metadata: Metadata) -> bytes:
    """Return `encoder` as an ONNX model: ``image`` 1×3×H×W in [0, 1] to what its banks take, float32."""
    return _MODELS[type(encoder)](encoder, metadata)


def bank_model(bank: Bank, metadata: Metadata) -> bytes:
    """Return `bank` as an ONNX model, from what the encoder gives to what the decoder takes, float32."""
    return _MODELS[type(bank)](bank, metadata)


def decoder_model(decoder: Decoder, metadata: Metadata, *, conditional: bool) -> bytes:
    """Return `decoder` as an ONNX model: what banks give to ``image`` 1×3×H×W clipped to [0, 1], float32.

    If it is `conditional`, banks give its instance norms, too.
    """
    return _MODELS[type(decoder)](decoder, metadata, conditional=conditional)
