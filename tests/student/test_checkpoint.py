"""Checkpoints describe themselves and refuse what does not belong."""

from pathlib import Path

import pytest
import torch
from torch import nn

from nst_runtime.errors import NstError
from nst_student.checkpoint import Description, load_bank, load_codec, save_bank, save_checkpoint
from nst_student.paper import PaperBank, PaperDecoder, PaperEncoder


def save_codec(path: Path, seed: int) -> Path:
    torch.manual_seed(seed)
    modules: dict[str, nn.Module] = {"encoder": PaperEncoder(), "decoder": PaperDecoder()}
    save_checkpoint(path, modules, Description("codec", "srinath", training={"seed": seed}))
    return path


def test_codec_and_bank_come_back_as_they_were(tmp_path: Path) -> None:
    codec = load_codec(save_codec(tmp_path / "codec.safetensors", 1))
    bank = PaperBank()
    save_bank(tmp_path / "b.safetensors", bank, Description("bank", "srinath", "waves", codec.sha256))
    loaded = load_bank(tmp_path / "b.safetensors", codec)
    features = torch.rand(1, 32, 8, 8)
    assert (loaded.bank(features)[0] - bank(features)[0]).abs().max() < 1e-2  # rounded to float16, ...
    assert torch.equal(loaded.bank(features)[0], bank.half().float()(features)[0])  # ... and to nothing else
    assert all(parameter.dtype == torch.float32 for parameter in loaded.bank.parameters())
    assert (tmp_path / "b.safetensors").stat().st_size < 2.2 * sum(p.numel() for p in bank.parameters())
    assert loaded.description.style == "waves"
    assert codec.description.training == {"seed": 1}
    assert not any(p.requires_grad for p in codec.encoder.parameters())


def test_a_bank_for_another_codec_is_refused(tmp_path: Path) -> None:
    first, second = (load_codec(save_codec(tmp_path / f"{seed}.safetensors", seed)) for seed in (1, 2))
    save_checkpoint(
        tmp_path / "b.safetensors", {"bank": PaperBank()}, Description("bank", "srinath", "waves", first.sha256)
    )
    with pytest.raises(NstError, match=f"trained for codec {first.sha256[:12]}, not for {second.sha256[:12]}"):
        load_bank(tmp_path / "b.safetensors", second)


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "text", "bank", "newer"])
def test_what_is_no_codec_is_one_error(tmp_path: Path, damage: str) -> None:
    path = save_codec(tmp_path / "codec.safetensors", 0)
    data = path.read_bytes()
    expected = "damaged"
    if damage == "missing":
        path.unlink()
        expected = "train-codec"
    elif damage == "bank":
        save_checkpoint(path, {"bank": PaperBank()}, Description("bank", "srinath", "waves", "0" * 64))
        expected = "not a codec"
    elif damage == "newer":
        save_checkpoint(
            path,
            {"encoder": PaperEncoder(), "decoder": PaperDecoder()},
            Description("codec", "srinath", format_version=9),
        )
        expected = "format 9"
    else:
        path.write_bytes({"empty": b"", "truncated": data[: len(data) // 2], "text": b"hello, world"}[damage])
    with pytest.raises(NstError, match=expected):
        load_codec(path)
