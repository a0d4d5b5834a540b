"""The graphs of a style pack, whatever its architecture: what was trained, in its cheapest exact form."""

from nst_export.detailed_parts import detailed_bank_model, detailed_decoder_model, detailed_encoder_model
from nst_export.paper_parts import paper_bank_model, paper_decoder_model, paper_encoder_model
from nst_export.ports import Metadata
from nst_student.detailed import DetailedBank, DetailedDecoder, DetailedEncoder
from nst_student.network import Bank, Decoder, Encoder


def encoder_model(encoder: Encoder, metadata: Metadata) -> bytes:
    """Return `encoder` as an ONNX model: ``image`` 1×3×H×W in [0, 1] to what its banks take, float32."""
    if isinstance(encoder, DetailedEncoder):
        return detailed_encoder_model(encoder, metadata)
    return paper_encoder_model(encoder, metadata)


def bank_model(bank: Bank, metadata: Metadata) -> bytes:
    """Return `bank` as an ONNX model, from what the encoder gives to what the decoder takes, float32."""
    if isinstance(bank, DetailedBank):
        return detailed_bank_model(bank, metadata)
    return paper_bank_model(bank, metadata)


def decoder_model(decoder: Decoder, metadata: Metadata, *, conditional: bool) -> bytes:
    """Return `decoder` as an ONNX model: what banks give to ``image`` 1×3×H×W clipped to [0, 1], float32.

    If it is `conditional`, banks give its instance norms, too.
    """
    if isinstance(decoder, DetailedDecoder):
        return detailed_decoder_model(decoder, metadata)
    return paper_decoder_model(decoder, metadata, conditional=conditional)
